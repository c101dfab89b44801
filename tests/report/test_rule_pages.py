"""The pages of the rules, as the reports quote them."""

from __future__ import annotations

import re

import pytest

from ctkms.cloudtrail.rules.catalogue import RULES
from ctkms.report import rule_pages

IDS = [rule.id for rule in RULES]


@pytest.mark.parametrize("rule", IDS)
def test_every_rule_has_a_page_with_its_parts(rule) -> None:
    assert {"What it checks", "Why", "Fix"} <= set(rule_pages.sections(rule))
    assert rule_pages.page(rule).startswith(f"# {rule}: ")


@pytest.mark.parametrize("rule", IDS)
def test_a_page_has_no_link_that_holds_only_where_it_stands(rule) -> None:
    assert re.findall(r"\]\((?!https://)[^)]*\)", rule_pages.page(rule)) == []
    assert "<!--" not in rule_pages.page(rule)


@pytest.mark.parametrize("rule", IDS)
def test_a_sample_is_named_where_its_link_leads_nowhere(rule) -> None:
    written = (rule_pages.FOLDERS[1] / f"{rule}.md").read_text(encoding="utf-8")
    linked = re.findall(r"\]\(\.\./\.\./([^)]+)\)", written)
    assert all(f"(`{target}`)" in rule_pages.page(rule) for target in linked)


def test_the_first_paragraph_leads_nowhere() -> None:
    for rule in IDS:
        assert not rule_pages.first_paragraph(rule, "Fix").endswith(":")


# Rules of which a mistake is not one of a text that could be shown, and languages that cannot make it.
WITHOUT_CODE = {(f"CKV_CTKMS_{number}", language) for number in ("080", "090") for language in ("hcl", "yaml")}
WITHOUT_CODE |= {(f"CKV_CTKMS_{number}", "yaml") for number in ("063", "064", "065")}


@pytest.mark.parametrize("language", ["hcl", "yaml"])
@pytest.mark.parametrize("rule", IDS)
def test_the_way_to_fix_it_stands_alone(rule, language) -> None:
    """The console shows it without the page."""
    words, code = rule_pages.how_to_fix(rule, language)
    has_code = (rule, language) not in WITHOUT_CODE
    assert bool(code) is has_code, "Fix has a block of hcl and one of yaml, but for what stands in WITHOUT_CODE"
    if (rule, language) != ("CKV_CTKMS_065", "yaml"):  # a template has the policy within the key
        assert len(words.split()) >= 8, "the first sentence of Fix says what to do, in at least eight words"
    assert not re.search(r"\b(above|below|sample|following|AWS's statement)\b", words)
    assert "CloudFormation:" not in words


@pytest.mark.parametrize("rule", ["", "CKV_AWS_7", "../README", "/etc/passwd"])
def test_a_rule_of_another_pack_has_no_page(rule) -> None:
    assert rule_pages.page(rule) == ""
    assert rule_pages.sections(rule) == {}


def test_an_installed_package_has_its_pages_among_the_checks(tmp_path, monkeypatch) -> None:
    (tmp_path / "CKV_CTKMS_001.md").write_text("# CKV_CTKMS_001: installed\n", encoding="utf-8")
    monkeypatch.setattr(rule_pages, "FOLDERS", (tmp_path, *rule_pages.FOLDERS))
    rule_pages.page.cache_clear()
    try:
        assert rule_pages.page("CKV_CTKMS_001") == "# CKV_CTKMS_001: installed\n"
    finally:
        rule_pages.page.cache_clear()
