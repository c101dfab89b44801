"""The pages of the rules: each rule has one, it is complete, and what it promises is what the rule says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Dict, List

import pytest
import yaml
from tests.iac.terraform.evaluation.test_function_answers import value_of
from tests.tools import tool

from ctkms.cloudtrail.findings import FAILED, PASSED, SKIPPED
from ctkms.cloudtrail.rules.catalogue import RULES, STORE, Rule
from ctkms.iam.document import parse
from ctkms.iam.lint import problems_of

ROOT = Path(__file__).resolve().parent.parent


pages: Any = tool("pages")
every_rule = pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])


def page_of(rule: Rule) -> str:
    return (ROOT / pages.PAGES / f"{rule.id}.md").read_text(encoding="utf-8")


def samples_of(rule: Rule, section: str, language: str = "hcl") -> List[str]:
    return [one.text for one in pages.samples(page_of(rule)) if (one.section, one.language) == (section, language)]


# --- The rules ------------------------------------------------------------------------------------


def test_ids_are_unique() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)


@every_rule
def test_a_rule_fits_into_reports(rule: Rule) -> None:
    assert re.fullmatch(r"CKV_CTKMS_[0-9]{3}", rule.id)
    assert rule.name.startswith("Ensure ")
    assert len(rule.name) <= 120
    assert rule.severity in {"CRITICAL", "HIGH", "MEDIUM", "LOW"}
    assert rule.guideline.startswith("https://docs.aws.amazon.com/")


STORE_RULES = [rule for rule in RULES if STORE in rule.about and "create-kms-key-policy" in rule.guideline]


@pytest.mark.parametrize("rule", STORE_RULES, ids=[rule.id for rule in STORE_RULES])
def test_a_rule_on_event_data_stores_cites_what_aws_says_of_them(rule: Rule) -> None:
    """The sections on trails ask for `aws:SourceArn`, which an event data store's key must not ask for."""
    assert re.search(r"-eds$|-eventdatastores$", rule.guideline)


# --- The pages ------------------------------------------------------------------------------------


def test_generated_parts_are_up_to_date(capsys) -> None:
    code = pages.main(["--check"])
    assert code == 0, capsys.readouterr().out + "run `python tools/pages.py`"


@every_rule
def test_a_page_has_every_section(rule: Rule) -> None:
    found: Dict[str, str] = pages.sections(page_of(rule))
    assert tuple(found) == pages.HEADINGS
    assert [heading for heading, text in found.items() if not text.strip()] == []


@every_rule
def test_a_page_says_what_the_rule_says_of_itself(rule: Rule) -> None:
    frame = page_of(rule).split("\n## ", 1)[0]
    assert frame.startswith(f"<!-- generated -->\n# {rule.id}: {rule.name}\n")
    assert f"| Severity | {rule.severity} |" in frame
    assert f"| Guideline | <{rule.guideline}> |" in frame


@every_rule
def test_the_good_samples_pass(rule: Rule) -> None:
    samples = samples_of(rule, "Passes")
    assert samples
    for sample in samples:
        finding = pages.said(rule, sample)
        assert finding is not None
        assert finding.result == PASSED, finding.reason


@every_rule
def test_the_bad_samples_fail_for_the_reason_below_them(rule: Rule) -> None:
    samples = samples_of(rule, "Fails")
    assert samples
    assert pages.sections(page_of(rule))["Fails"].count(pages.BEGIN) == len(samples)
    for sample in samples:
        finding = pages.said(rule, sample)
        assert finding is not None
        assert finding.result == (FAILED if rule.judge else SKIPPED), finding.reason


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's functions, of which only `!Sub` is used; its text is taken as it stands."""


_Loader.add_constructor("!Sub", lambda loader, node: node.value)
_PSEUDO_PARAMETERS = {"AWS::Partition": "aws", "AWS::Region": "us-east-1", "AWS::AccountId": "111122223333"}


@every_rule
def test_the_statements_to_type_are_sound(rule: Rule) -> None:
    for text in samples_of(rule, "Fix", "yaml"):
        for name, value in _PSEUDO_PARAMETERS.items():
            text = text.replace(f"${{{name}}}", value)
        assert "${" not in text
        content = yaml.load(text, Loader=_Loader)  # noqa: S506 -- it is a safe one
        if isinstance(content, list):
            assert problems_of(parse({"Version": "2012-10-17", "Statement": content})) == ()


# What the code of the pages leaves to its surroundings, as the templates' pseudo parameters are filled in.
_IN_TERRAFORM = {"data.aws_caller_identity.current.account_id": "111122223333", "local.trail_name": "audit"}


@every_rule
def test_what_to_type_is_the_same_in_both_languages(rule: Rule) -> None:
    """The first statement or condition of each; a resource has other names in each."""
    hcl, yml = (next(iter(samples_of(rule, "Fix", language)), "") for language in ("hcl", "yaml"))
    if re.match(r"\s*(\{|Condition|String)", hcl):
        for name, value in _IN_TERRAFORM.items():
            hcl = hcl.replace(f"${{{name}}}", value)
        for name, value in _PSEUDO_PARAMETERS.items():
            yml = yml.replace(f"${{{name}}}", value)
        source = f"jsonencode([{hcl}])" if hcl.lstrip().startswith("{") else f"jsonencode({{{hcl}}})"
        assert json.loads(str(value_of(source))) == yaml.load(yml, Loader=_Loader)  # noqa: S506 -- it is a safe one


@every_rule
def test_links_within_the_repository_lead_somewhere(rule: Rule) -> None:
    for target in re.findall(r"\]\((?!https://)([^)#]+)", page_of(rule)):
        assert (ROOT / pages.PAGES / target).exists(), target


# --- The generator --------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    return tmp_path


def test_creates_missing_pages_with_empty_sections(elsewhere: Path, capsys) -> None:
    assert pages.main(["--check"]) == 1
    assert not (elsewhere / pages.PAGES).exists()
    assert pages.main([]) == 0
    assert f"{RULES[0].id}.md: to be written" in capsys.readouterr().out
    text = (elsewhere / pages.PAGES / f"{RULES[0].id}.md").read_text(encoding="utf-8")
    assert {**dict.fromkeys(pages.HEADINGS, "")} == {name: body.strip() for name, body in pages.sections(text).items()}
    assert pages.main(["--check"]) == 0


def test_leaves_what_is_written_by_hand(elsewhere: Path) -> None:
    readme = elsewhere / "README.md"
    readme.write_text(f"before\n\n{pages.BEGIN}old\n{pages.END}\nafter\n", encoding="utf-8")
    pages.main([])
    text = readme.read_text(encoding="utf-8")
    assert text.startswith(f"before\n\n{pages.BEGIN}| Rule |")
    assert text.endswith(f"{pages.END}\nafter\n")
    assert all(f"[{rule.id}]({pages.PAGES}/{rule.id}.md)" in text for rule in RULES)


def test_reports_pages_of_rules_that_do_not_exist(elsewhere: Path, capsys) -> None:
    pages.main([])
    (elsewhere / pages.PAGES / "CKV_CTKMS_999.md").touch()
    assert pages.main(["--check"]) == 1
    assert "CKV_CTKMS_999.md: there is no such rule" in capsys.readouterr().out


def test_quotes_a_sentence_as_it_stands() -> None:
    assert pages._as_markdown("trail/<another name> is `a*<b>`, not *") == r"trail/\<another name> is `a*<b>`, not \*"
