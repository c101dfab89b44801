"""Plans, scanned by Checkov: they say what the code says, and more where Terraform has worked out more.

The plans are Terraform's own; `python tools/plans.py` makes them anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Mapping, Set, Tuple

import pytest
from tests.tools import tool

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = Path(__file__).resolve().parent
CODE = ROOT / "terraform_samples"
SAMPLES = sorted(path.stem for path in (HERE / "samples").glob("*.json"))
SCENARIOS = sorted(path.name for path in (HERE / "scenarios").iterdir() if path.is_dir())

# Where code decides what its plan leaves open. A policy that is one expression, with something in it
# that is only known after apply, stands in the plan as unknown from its first character to its last;
# and what a loop makes of a key's ARN on its way to a trail the plan does not say.
OPEN_IN_PLAN = {
    "bad_001_002_080_statements_for_another_key",
    "bad_043_role_anyone_may_assume",
    "bad_044_reader_of_other_account_with_wrong_key",
    "bad_044_reader_of_other_account_without_kms_permission",
    "bad_065_policy_names_the_trail",
    "good_deny_on_another_key",
    "good_modules_nested_key_and_trail_apart",
    "good_reader_bob_same_account",
    "good_reader_role_for_the_organization",
    "good_readers_other_account_bucket_there",
}

EXPECTED = HERE / "expected.json"  # by scenario, resource and rule

Results = Mapping[str, Mapping[str, str]]  # by resource and rule
Verdicts = Dict[Tuple[str, str, str], str]


@pytest.fixture(scope="session")
def plans(scan) -> Any:
    return scan("terraform_plan", HERE / "samples")


@pytest.fixture(scope="session")
def in_plan(plans) -> Verdicts:
    return _decided({name: plans.within(f"{name}.json").results() for name in SAMPLES})


@pytest.fixture(scope="session")
def in_code() -> Verdicts:
    """What is decided of the code of the samples; that it is so, the tests of the samples hold."""
    return _decided(json.loads((ROOT / "tests" / "samples" / "expected.json").read_text("utf-8"))["terraform"])


@pytest.fixture(scope="session")
def scenarios(scan) -> Any:
    return scan("terraform_plan", HERE / "scenarios")


@pytest.fixture(scope="session")
def expected(scenarios, request) -> Any:
    if request.config.getoption("--rewrite-expected"):
        found = {name: scenarios.within(name).results() for name in SCENARIOS}
        EXPECTED.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    return json.loads(EXPECTED.read_text("utf-8"))


def _decided(found: Mapping[str, Results]) -> Verdicts:
    """What is decided, by sample, resource and rule."""
    return {
        (sample, resource, rule): result
        for sample, resources in found.items()
        for resource, results in resources.items()
        for rule, result in results.items()
        if result != "skipped" and rule != "090"
    }


def test_every_sample_has_a_plan() -> None:
    plans = tool("plans")
    samples = {path.name for path in CODE.iterdir()}
    assert set(SAMPLES) | set(plans.UNPLANNABLE) == samples
    assert not set(SAMPLES) & set(plans.UNPLANNABLE)


def test_code_and_plan_agree_wherever_both_decide(in_code, in_plan) -> None:
    both = in_code.keys() & in_plan.keys()
    assert {one: in_plan[one] for one in both} == {one: in_code[one] for one in both}
    assert {sample for sample, _, _ in both} >= {name for name in SAMPLES if name.startswith("bad") and _in_hcl(name)}


def _in_hcl(sample: str) -> bool:
    """Whether the framework `terraform` reads it; it reads no `.tf.json`."""
    return any((CODE / sample).glob("*.tf"))


def test_plan_decides_at_least_as_much(in_code, in_plan) -> None:
    planned = {one for one in in_code if one[0] in SAMPLES}
    assert {sample for sample, _, _ in planned - in_plan.keys()} == OPEN_IN_PLAN
    assert len(in_plan) >= len(planned)


@pytest.mark.parametrize("sample", sorted(OPEN_IN_PLAN))
def test_plan_with_its_code_at_hand_decides_everything(sample, scan, in_code) -> None:
    found = scan("terraform_plan", None, files=[HERE / "samples" / f"{sample}.json"], code_of_plans=CODE / sample)
    decided = _decided({sample: found.results()})
    expected = {one: result for one, result in in_code.items() if one[0] == sample}
    assert {one: decided.get(one) for one in expected} == expected


def test_code_of_another_plan_changes_nothing(scan, plans) -> None:
    sample = "good_reader_bob_same_account"
    elsewhere = CODE / "good_policy_document_plain"
    found = scan("terraform_plan", None, files=[HERE / "samples" / f"{sample}.json"], code_of_plans=elsewhere)
    assert found.outcome() == plans.within(f"{sample}.json").outcome()


def test_policy_that_is_unknown_is_never_taken_for_none(in_code, in_plan, plans) -> None:
    """What the plan leaves open is said to be open, on the same resource."""
    undecided: Set[Tuple[str, str]] = {
        (record.file_path.lstrip("/")[: -len(".json")], record.resource)
        for record in plans.records
        if record.check_result["result"].value == "SKIPPED"
    }
    missing = {(sample, resource) for sample, resource, _ in in_code.keys() - in_plan.keys() if sample in SAMPLES}
    assert missing <= undecided


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name, scenarios, expected) -> None:
    assert scenarios.within(name).results() == expected[name]


def test_expects_nothing_of_scenarios_that_are_gone(expected) -> None:
    assert sorted(expected) == SCENARIOS


@pytest.mark.parametrize("found", ["plans", "scenarios"])
def test_logs_no_error(found, request) -> None:
    scanned = request.getfixturevalue(found)
    assert (scanned.errors, scanned.parsing_errors) == ([], [])


def test_pretty_plan_has_lines(scenarios) -> None:
    lines = {tuple(record.file_line_range) for record in scenarios.within("pretty").records}
    assert all(first < last for first, last in lines)


def test_one_line_and_pretty_plan_say_the_same(scan, tmp_path, expected) -> None:
    content = json.loads((HERE / "scenarios" / "pretty" / "plan.json").read_text("utf-8"))
    (tmp_path / "plan.json").write_text(json.dumps(content), encoding="utf-8")
    found = scan("terraform_plan", tmp_path)
    assert found.results() == expected["pretty"]
    assert found.records


def test_unknown_policy_is_named_with_what_it_is_made_of(scenarios) -> None:
    found = scenarios.within("policy_unknown_through_local")
    assert "aws_kms_key.cloudtrail.policy (known after apply, from local.policy)" in found.reason("090")


# The trail that a key's records speak of, by scenario and resource.
JOINED = {
    ("noop", "aws_kms_key.cloudtrail"): "audit",
    ("trail_joins_count", "aws_kms_key.cloudtrail[0]"): "management-events",
    ("trail_joins_count", "aws_kms_key.cloudtrail[1]"): "data-events",
    ("trail_joins_for_each", 'aws_kms_key.cloudtrail["a"]'): "audit-a",
    ("trail_joins_for_each", 'aws_kms_key.cloudtrail["b"]'): "audit-b",
    ("trail_joins_through_alias", "aws_kms_key.cloudtrail"): "audit",
    ("trail_joins_through_module_input", "aws_kms_key.cloudtrail"): "audit",
    ("trail_joins_through_module_output", "module.key.aws_kms_key.cloudtrail"): "audit",
    ("nested_modules", "module.security.module.key.aws_kms_key.cloudtrail"): "audit",
    ("update_known_arn", "aws_kms_key.cloudtrail"): "audit",
    ("replaced", "aws_kms_key.cloudtrail"): "audit",
}


@pytest.mark.parametrize(("scenario", "resource"), JOINED)
def test_trail_of_a_key(scenario, resource, scenarios) -> None:
    reason = scenarios.within(scenario).reason("001", resource)
    assert f":trail/{JOINED[scenario, resource]}," in reason
