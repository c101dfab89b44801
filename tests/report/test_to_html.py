"""The page of HTML, as far as its text shows; `make test-reports` looks at it in a browser."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import datetime
from typing import Any, List

import pytest
from bs4 import BeautifulSoup
from tests.report.records import CONDITION_LINE, EMPTY, VALUE, location, record, report, said, undecided

from ctkms.cloudtrail.rules.catalogue import RULES
from ctkms.report.results import read
from ctkms.report.to_html import render

WHEN = datetime(2026, 11, 27, 12, 30)


def page(*reports) -> Any:
    return BeautifulSoup(render(read(list(reports)), WHEN), "html.parser")


def words(tag: Any) -> str:
    return " ".join(tag.get_text(" ").split())


@pytest.mark.parametrize("data", EMPTY.values(), ids=EMPTY)
def test_nothing_judged_is_what_the_page_says(data) -> None:
    found = page(data)
    assert "Nothing was judged" in words(found.find("main"))
    assert found.select(".card") == []
    assert len(found.select(".rule-page")) == len(RULES)


def test_a_key_shows_what_is_wrong_and_where() -> None:
    found = page(report(record(), record("CKV_CTKMS_060", "PASSED")))
    (card,) = found.select(".card")
    finding = words(card.select_one(".finding"))
    assert card["data-verdict"] == "fails"
    assert "The log files of trail audit cannot be encrypted" in finding
    assert 'statement "Encrypt" does not allow it' in finding
    assert f"line {CONDITION_LINE}, column {location()['start_column']}" in finding
    assert "Deny cloudtrail.amazonaws.com calls kms:GenerateDataKey" in finding.replace("deny", "Deny")
    assert "1 rule passes" in words(card.select_one(".passed"))


def test_the_element_that_decides_is_marked_in_the_policy() -> None:
    (mark,) = page(report(record())).select("mark")
    assert mark.text == VALUE
    line = mark.find_parent("li")
    first = int(line.find_parent("ol")["start"])
    assert first + len(line.find_previous_siblings("li")) == CONDITION_LINE
    assert line["class"] == ["hit"]


def test_an_element_in_another_file_is_named() -> None:
    found = page(report(record(ctkms=said(location=location(file="/keys/policy.json")))))
    assert found.select("mark") == []
    assert f"infra/keys/policy.json:{CONDITION_LINE}" in words(found.select_one(".finding"))


def test_a_repair_shows_what_it_changes() -> None:
    found = page(report(record()))
    assert "StringLike" in found.select_one(".added").text
    assert "StringEquals" in found.select_one(".removed").text


def test_rules_stand_below_the_controls_that_are_related() -> None:
    found = page(report(record(), record(resource="aws_kms_key.other")))
    groups = {words(group.h3): group for group in found.select("#controls .group")}
    assert list(groups) == ["AWS FSBP", "NIST SP 800-53 r5"]
    rows = [words(row) for row in groups["NIST SP 800-53 r5"].select("tbody tr")]
    assert rows == ["AU-9 CKV_CTKMS_001 2 keys", "AU-10 CKV_CTKMS_001 2 keys"]


def test_every_verdict_is_counted() -> None:
    other = {"resource": "aws_kms_key.other"}
    found = page(report(record(), undecided(**other), unreadable=["/broken.tf"]))
    assert [words(tile) for tile in found.select(".tile")] == ["1 fails", "1 not decided", "0 skipped", "0 pass"]
    assert "broken.tf" in words(found.select_one(".unreadable"))


def test_rules_of_other_packs_stand_apart() -> None:
    found = page(report(record("CKV_AWS_7", ctkms=None, check_name="Ensure rotation")))
    assert "CKV_AWS_7 Ensure rotation" in words(found.select_one("#others"))
    assert found.select(".card") == []


def test_the_page_brings_all_it_needs_and_nothing_else_may_run() -> None:
    found = page(report(record()))
    policy = found.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert policy.startswith("default-src 'none';")
    for name, tags in (("style", found.find_all("style")), ("script", found.find_all("script"))):
        (tag,) = tags
        assert not tag.attrs
        assert f"{name}-src '{_hash(tag.string)}'" in policy
    assert "unsafe" not in policy
    assert found.select("[style], [src], link, iframe, object, img") == []
    assert [name for tag in found.find_all(True) for name in tag.attrs if name.startswith("on")] == []


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_no_two_elements_share_an_id_and_every_link_in_the_page_arrives() -> None:
    frameworks = [report(record(), undecided(), framework=name) for name in ("terraform", "terraform_plan")]
    found = page(*frameworks)
    ids: List[str] = [tag["id"] for tag in found.select("[id]")]
    assert len(ids) == len(set(ids))
    assert {link["href"][1:] for link in found.select('a[href^="#"]')} <= set(ids)


def test_the_pages_of_the_rules_link_to_the_web_only() -> None:
    links = [link["href"] for link in page(report()).select(".page a")]
    assert links
    assert [link for link in links if not re.match("https://|#", link)] == []


@pytest.mark.parametrize(("framework", "typed"), [("terraform", "Principal = {"), ("cloudformation", "Principal:")])
def test_without_a_repair_a_finding_says_what_its_rule_advises_in_the_language_at_hand(framework, typed) -> None:
    (finding,) = page(report(record(ctkms=said(fix=None)), framework=framework)).select(".finding")
    assert "Let a statement allow CloudTrail to encrypt" in finding.text
    assert typed in finding.select_one(".typed").text
