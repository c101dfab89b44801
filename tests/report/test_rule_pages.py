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


def test_the_first_paragraph_leads_nowhere() -> None:
    for rule in IDS:
        assert not rule_pages.first_paragraph(rule, "Fix").endswith(":")


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
