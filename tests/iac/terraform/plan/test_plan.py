"""What is read of a plan: one row a claim, on plans cut down to what it is about."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

import pytest

from ctkms.cloudtrail.judge import judge
from ctkms.cloudtrail.resources import Key, key_arn, trail_arn
from ctkms.cloudtrail.subjects import Unjudged, findings_on
from ctkms.iac.terraform.plan.argument_types import handed_on
from ctkms.iac.terraform.plan.plan_scan import PlanTree
from ctkms.iac.terraform.subjects.subjects import RESOURCE_TYPES
from ctkms.unknowns.text import Hole, Kind, Rest, Text

SCENARIOS = Path(__file__).resolve().parents[3] / "plans" / "scenarios"
Json = Dict[str, Any]


def resource(type_: str, label: str, code: Optional[Json] = None, index: Any = None, **values: Any) -> Json:
    """One instance; a value that is ... is only known after apply."""
    return {
        "type": type_.replace("data.", ""),
        "mode": "data" if type_.startswith("data.") else "managed",
        "name": label,
        "code": code or {},
        "index": index,
        "after": {key: value for key, value in values.items() if value is not ...},
        "after_unknown": {key: True for key, value in values.items() if value is ...},
    }


def plan(*resources: Json, modules: Optional[Mapping[str, Json]] = None, **variables: Any) -> Json:
    changes = [_change(one, "") for one in resources]
    calls: Json = {}
    for name, module in (modules or {}).items():
        changes += [_change(one, f"module.{name}") for one in module["resources"]]
        calls[name] = {"expressions": module.get("inputs", {}), "module": _module(module)}
    return {
        "comment": "cloudtrail",
        "variables": {name: {"value": value} for name, value in variables.items()},
        "resource_changes": changes,
        "configuration": {"root_module": {**_module({"resources": resources}), "module_calls": calls}},
    }


def _change(one: Json, module: str) -> Json:
    address = f"{module}." if module else ""
    return {
        **{key: one[key] for key in ("type", "mode", "name")},
        **({} if one["index"] is None else {"index": one["index"]}),
        **({"module_address": module} if module else {}),
        "address": f"{address}{one['type']}.{one['name']}",
        "change": {"actions": ["create"], "after": one["after"], "after_unknown": one["after_unknown"]},
    }


def _module(content: Mapping[str, Any]) -> Json:
    return {
        "resources": [
            {
                **{key: one[key] for key in ("type", "mode", "name")},
                "expressions": one["code"],
                "provider_config_key": "aws",
            }
            for one in content["resources"]
        ],
        "outputs": {name: {"expression": refers(*to)} for name, to in content.get("outputs", {}).items()},
        "variables": {name: {} for name in content.get("inputs", {})},
    }


def refers(*to: str) -> Json:
    return {"references": list(to)}


def read(content: Json, folder: Path, address: str = "aws_kms_key.k") -> Key:
    (folder / "plan.json").write_text(json.dumps(content), encoding="utf-8")
    type_ = next(part for part in address.split(".") if part.startswith("aws_"))
    subject = PlanTree(str(folder / "plan.json")).subject(type_, address)
    assert subject is not None
    (found,) = subject.scenarios
    return found


def key(label: str = "k", index: Any = None, policy: Any = "{}", code: Optional[Json] = None, **values: Any) -> Json:
    unknown = {one: values.pop(one, ...) for one in ("arn", "key_id", "id")}
    return resource("aws_kms_key", label, code, index, policy=policy, **unknown, **values)


def trail(*to: str, index: Any = None, **values: Any) -> Json:
    given = {"name": "audit", "kms_key_id": ..., "arn": ..., **values}
    return resource("aws_cloudtrail", "t", {"kms_key_id": refers(*to)}, index, **given)


ROLE = resource("aws_iam_role", "r", name="reader", arn=..., id=..., unique_id=...)
ARN = "arn:aws:kms:us-east-1:111122223333:key/1234"

# The trails that use a key, and those that may.
JOINS: Sequence[Tuple[str, Json, str, List[str], List[str]]] = [
    (
        "a trail that refers to one key uses it",
        plan(key(), trail("aws_kms_key.k.arn", "aws_kms_key.k")),
        "aws_kms_key.k",
        ["aws_cloudtrail.t"],
        [],
    ),
    (
        "a constant beside the reference changes nothing",
        plan(key(), trail("var.create", "aws_kms_key.k.arn", "aws_kms_key.k"), create=True),
        "aws_kms_key.k",
        ["aws_cloudtrail.t"],
        [],
    ),
    (
        "a trail that refers to two keys may use either",
        plan(key(), key("other"), trail("aws_kms_key.k.arn", "aws_kms_key.k", "aws_kms_key.other.arn")),
        "aws_kms_key.k",
        [],
        ["aws_cloudtrail.t"],
    ),
    *(
        (
            f"a trail reaches its key through the resource of its policy{beside}",
            plan(
                key(),
                resource("aws_kms_key_policy", "p", {"key_id": refers("aws_kms_key.k.id")}, key_id=..., policy="{}"),
                resource("data.aws_caller_identity", "c", account_id="111122223333"),
                resource("data.aws_region", "r", name="us-east-1"),
                resource("data.aws_partition", "p", partition="aws"),
                trail(*names, *to),
            ),
            "aws_kms_key.k",
            ["aws_cloudtrail.t"],
            [],
        )
        for to in (
            ("aws_kms_key_policy.p.key_id", "aws_kms_key_policy.p"),
            ("aws_kms_key_policy.p",),
        )
        for beside, names in (
            (f" by {to[0]}", ()),
            (
                f" by {to[0]} in an ARN",
                (
                    "data.aws_partition.p.partition",
                    "data.aws_region.r.name",
                    "data.aws_caller_identity.c.account_id",
                    "data.aws_caller_identity.c",
                ),
            ),
        )
    ),
    (
        "a local beside the reference may be another key",
        plan(key(), trail("local.key", "aws_kms_key.k.arn", "aws_kms_key.k")),
        "aws_kms_key.k",
        [],
        ["aws_cloudtrail.t"],
    ),
    (
        "an index that each.key gives chooses the instance",
        plan(key(index="a"), key(index="b"), trail("aws_kms_key.k", "each.key", index="b")),
        'aws_kms_key.k["b"]',
        ['aws_cloudtrail.t["b"]'],
        [],
    ),
    (
        "and no other one",
        plan(key(index="a"), key(index="b"), trail("aws_kms_key.k", "each.key", index="b")),
        'aws_kms_key.k["a"]',
        [],
        [],
    ),
    (
        "one() of a single instance is that instance",
        plan(key(index=0), trail("aws_kms_key.k")),
        "aws_kms_key.k[0]",
        ["aws_cloudtrail.t"],
        [],
    ),
    (
        "an expression over several instances may be any of them",
        plan(key(index=0), key(index=1), trail("aws_kms_key.k")),
        "aws_kms_key.k[0]",
        [],
        ["aws_cloudtrail.t"],
    ),
    (
        "an instance that is not there is no choice",
        plan(key(), key("gone", index=0), trail("aws_kms_key.gone[1].arn", "aws_kms_key.k.arn", "aws_kms_key.k")),
        "aws_kms_key.k",
        ["aws_cloudtrail.t"],
        [],
    ),
    (
        "a known ARN is compared",
        plan(key(arn=ARN, key_id="1234"), trail("local.key", kms_key_id=ARN)),
        "aws_kms_key.k",
        ["aws_cloudtrail.t"],
        [],
    ),
    (
        "another known ARN is another key",
        plan(key(arn=ARN, key_id="1234"), trail("aws_kms_key.k.arn", kms_key_id=ARN.replace("1234", "5678"))),
        "aws_kms_key.k",
        [],
        [],
    ),
    (
        "an output hands on what it refers to",
        plan(trail("module.m.key"), modules={"m": {"resources": [key()], "outputs": {"key": ["aws_kms_key.k.arn"]}}}),
        "module.m.aws_kms_key.k",
        ["aws_cloudtrail.t"],
        [],
    ),
    (
        "an input does so as well",
        plan(
            key(),
            modules={"m": {"resources": [trail("var.key")], "inputs": {"key": refers("aws_kms_key.k.arn")}}},
        ),
        "aws_kms_key.k",
        ["module.m.aws_cloudtrail.t"],
        [],
    ),
]


@pytest.mark.parametrize(
    ("content", "address", "certain", "possible"), [one[1:] for one in JOINS], ids=[one[0] for one in JOINS]
)
def test_trails_of_a_key(content: Json, address: str, certain: List[str], possible: List[str], tmp_path: Path) -> None:
    found = read(content, tmp_path, address)
    assert [one.address for one in found.trails] == certain
    assert [one.address for one in found.open_trails] == possible


# What a trail's key comes from, and whether that may be a key that is not in the plan.
BESIDE: Sequence[Tuple[List[str], bool]] = [
    (["local.key", "aws_kms_key.k.arn", "aws_kms_key.k"], True),
    (["data.aws_ssm_parameter.key.value", "aws_kms_key.k.arn"], True),
    (["aws_kms_key.k.arn", "aws_kms_key.other.arn"], False),
    (["aws_kms_key.k.arn", "aws_kms_key.k"], False),
    (["local.key", "aws_kms_key.other.arn"], False),
]


@pytest.mark.parametrize(("references", "expected"), BESIDE, ids=[" or ".join(to) for to, _ in BESIDE])
def test_a_key_beside_those_of_the_plan_is_not_seen(references: List[str], expected: bool, tmp_path: Path) -> None:
    found = read(plan(key(), key("other"), trail(*references)), tmp_path)
    assert bool(found.unseen) is expected


def test_a_key_has_an_id_of_its_own(tmp_path: Path) -> None:
    found = read(plan(key(index="a"), trail("aws_kms_key.k")), tmp_path, 'aws_kms_key.k["a"]')
    assert found.arn == key_arn(Hole('aws_kms_key.k["a"].key_id', Kind.KEY_ID))


def test_the_policy_that_a_key_has_by_now_is_not_one_that_its_code_sets(tmp_path: Path) -> None:
    own = resource("aws_kms_key_policy", "p", {"key_id": refers("aws_kms_key.k.id")}, key_id="1234", policy="{}")
    set_too = key(arn=ARN, key_id="1234", code={"policy": {"constant_value": "{}"}})
    for one, expected in ((key(arn=ARN, key_id="1234"), None), (set_too, "{}")):
        found = read(plan(one, own, trail("aws_kms_key.k.arn", kms_key_id=ARN)), tmp_path)
        assert (found.policy_address, found.policy, found.inline_policy) == ("aws_kms_key_policy.p", "{}", expected)


def test_an_account_that_terraform_has_looked_up_manages_the_organization(tmp_path: Path) -> None:
    looked_up = resource("data.aws_organizations_organization", "o", master_account_id="111111111111")
    organization = resource("aws_organizations_organization", "o", master_account_id=...)
    named = trail("aws_kms_key.k.arn", name=...)
    named["code"]["name"] = refers("data.aws_organizations_organization.o.master_account_id")
    found = read(plan(key(), named, looked_up, organization), tmp_path)
    assert found.management == "111111111111"


# What tells of a provider whose account and Region the code leaves open, and the ARN of a new trail of it.
THERE = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/old"
PROVIDERS: Sequence[Tuple[str, Json, Text]] = [
    ("nothing", key("other"), trail_arn("audit")),
    ("the ARN of a key that is there", key("other", arn=ARN), trail_arn("audit", "us-east-1", "111122223333")),
    (
        "the ARN of a trail that is there",
        resource("aws_cloudtrail", "old", arn=THERE, is_organization_trail=False),
        trail_arn("audit", "eu-west-1", "111122223333"),
    ),
    (
        "the ARN of an organization's trail, of which the Region only",
        resource("aws_cloudtrail", "old", arn=THERE, is_organization_trail=True),
        trail_arn("audit", "eu-west-1"),
    ),
    (
        "the ARN of a key in a Region of its own",
        key("other", arn=ARN, code={"region": refers("var.r")}),
        trail_arn("audit", account="111122223333"),
    ),
    (
        "the ARN of something that may be anybody's",
        resource("aws_s3_bucket_object", "o", arn="arn:aws:s3:us-east-1:111122223333:x"),
        trail_arn("audit"),
    ),
]


@pytest.mark.parametrize(("beside", "expected"), [one[1:] for one in PROVIDERS], ids=[one[0] for one in PROVIDERS])
def test_what_is_there_already_tells_of_its_provider(beside: Json, expected: Text, tmp_path: Path) -> None:
    found = read(plan(key(), trail("aws_kms_key.k.arn", "aws_kms_key.k"), beside), tmp_path)
    assert [one.arn for one in found.trails] == [expected]


def test_keys_of_two_accounts_tell_nothing_of_their_provider(tmp_path: Path) -> None:
    other = ARN.replace("111122223333", "444455556666")
    content = plan(key(), trail("aws_kms_key.k.arn"), key("a", arn=ARN), key("b", arn=other))
    assert [one.arn for one in read(content, tmp_path).trails] == [trail_arn("audit", "us-east-1")]


def test_a_key_and_its_replica_share_an_id_but_not_their_trails(tmp_path: Path) -> None:
    primary = "arn:aws:kms:us-east-1:111122223333:key/mrk-1"
    west = primary.replace("east-1", "west-2")
    replica = resource("aws_kms_replica_key", "r", arn=west, key_id="mrk-1", primary_key_arn=primary, policy="{}")
    there = resource("aws_cloudtrail", "w", name="west", kms_key_id=west)
    content = plan(key(arn=primary, key_id="mrk-1"), replica, trail("aws_kms_key.k.arn", kms_key_id=primary), there)
    for address, arn, trails in (
        ("aws_kms_key.k", primary, ["aws_cloudtrail.t"]),
        ("aws_kms_replica_key.r", west, ["aws_cloudtrail.w"]),
    ):
        found = read(content, tmp_path, address)
        assert (found.arn, [one.address for one in found.trails]) == (arn, trails)


def test_who_else_uses_a_key_is_told_by_references(tmp_path: Path) -> None:
    to = refers("aws_kms_key.k.arn", "aws_kms_key.k")
    topic = resource("aws_sns_topic", "n", {"kms_master_key_id": to}, name="alerts", kms_master_key_id=..., arn=...)
    group = resource("aws_cloudwatch_log_group", "l", {"kms_key_id": to}, kms_key_id=...)
    notifying = trail("aws_kms_key.other.arn", sns_topic_name=...)
    notifying["code"]["sns_topic_name"] = refers("aws_sns_topic.n.arn", "aws_sns_topic.n")
    found = read(plan(key(), key("other"), topic, group, notifying), tmp_path)
    assert [(one.address, [trail.address for trail in one.trails]) for one in found.topics] == [
        ("aws_sns_topic.n", ["aws_cloudtrail.t"])
    ]
    assert found.other_users == ("aws_cloudwatch_log_group.l",)


DOCUMENT = "data.aws_iam_policy_document.d"


def document(identifiers: Json, **unknown: Any) -> Json:
    """A document that could not be read yet, with one principal whose identifiers are open."""
    one = resource("data.aws_iam_policy_document", "d", {"statement": [{"principals": [{"identifiers": identifiers}]}]})
    one["after"] = {"statement": [{"sid": "Read", "principals": [{"type": "AWS", "identifiers": [None]}]}]}
    one["after_unknown"] = {"json": True, "statement": [{"principals": [{"identifiers": [True]}]}]}
    one["after_unknown"].update(unknown)
    return one


def deferred(*parts: Json) -> Json:
    code = {"policy": refers(f"{DOCUMENT}.json", DOCUMENT)}
    return plan(key(policy=..., code=code), *parts)


def principal_of(found: Key) -> Any:
    return found.policy["Statement"][0]["Principal"]["AWS"]


def test_a_role_stands_where_its_arn_does(tmp_path: Path) -> None:
    found = read(deferred(ROLE, document(refers("aws_iam_role.r.arn", "aws_iam_role.r"))), tmp_path)
    assert str(principal_of(found)).endswith(":role/reader")


@pytest.mark.parametrize("reference", ["aws_iam_role.r.unique_id", "aws_organizations_account.a.id", "local.reader"])
def test_what_may_be_part_of_a_value_is_not_taken_for_it(reference: str, tmp_path: Path) -> None:
    account = resource("aws_organizations_account", "a", id=...)
    principal = principal_of(read(deferred(ROLE, account, document(refers(reference))), tmp_path))
    assert isinstance(principal, Hole)
    assert reference in principal.source


def test_blocks_of_an_open_number_are_never_taken_for_none(tmp_path: Path) -> None:
    """`dynamic` over something unknown: the plan then has no statement at all."""
    one = document(refers("aws_iam_role.r.arn"), statement=True)
    del one["after"]["statement"]
    statements = read(deferred(ROLE, one), tmp_path).policy["Statement"]
    assert len(statements) == 2
    assert "known after apply" in str(statements[1])


# What `policy` is where the plan has it as unknown, by the references of its expression.
POLICIES: Sequence[Tuple[str, Optional[Json], Any]] = [
    ("no expression means no policy", None, None),
    ("a variable that is null means no policy", refers("var.none"), None),
    (
        "a document that is not there, neither",
        refers("var.none", f"{DOCUMENT}[0].json", f"{DOCUMENT}[0]", DOCUMENT),
        None,
    ),
    ("a local may be anything", refers("local.policy"), Hole),
    ("a variable with a value does not make it unknown", refers("var.some"), Hole),
    ("an expression without references may be anything", {}, Hole),
    ("a role alone is no policy", refers("aws_iam_role.r.arn", "aws_iam_role.r"), Hole),
]


@pytest.mark.parametrize(("code", "expected"), [one[1:] for one in POLICIES], ids=[one[0] for one in POLICIES])
def test_unknown_policy(code: Optional[Json], expected: Any, tmp_path: Path) -> None:
    given = {} if code is None else {"policy": code}
    none_of = {**resource("data.aws_iam_policy_document", "d"), "after": None}  # its count is 0
    content = plan(key(policy=..., code=given), ROLE, none_of, trail("aws_kms_key.k.arn"), none=None, some="x")
    policy = read(content, tmp_path).policy
    assert policy is None if expected is None else isinstance(policy, expected)


SPEAKING = (
    '{"Statement": {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:*",'
    ' "Resource": "*"}}'
)
STATE = resource("data.terraform_remote_state", "s", outputs=...)

# What is said on a trail whose key is not in the plan; "" where nothing is.
UNSEEN: Sequence[Tuple[str, Json, str]] = [
    ("a literal", plan(trail(kms_key_id=ARN)), f"`{ARN}` is a literal"),
    ("a known variable", plan(trail("var.k", kms_key_id=ARN), k=ARN), f"`{ARN}` is a literal"),
    ("an alias of AWS", plan(trail(kms_key_id="alias/aws/s3")), ""),
    ("no key", plan(trail(kms_key_id=None)), ""),
    ("the known ARN of a key that is there", plan(key(arn=ARN, key_id="1234"), trail(kms_key_id=ARN)), ""),
    (
        "the known ARN of another key",
        plan(key(arn=ARN[:-1] + "5", key_id="1235"), trail(kms_key_id=ARN)),
        "is a literal",
    ),
    ("a key that is there", plan(key(), trail("aws_kms_key.k.arn", "aws_kms_key.k")), ""),
    (
        "a state that is read later",
        plan(
            key(policy=SPEAKING), STATE, trail("data.terraform_remote_state.s.outputs", "data.terraform_remote_state.s")
        ),
        "is read from another state",
    ),
    ("a local, and a key that is CloudTrail's", plan(key(policy=SPEAKING), trail("local.k")), ""),
    (
        "a local, and a key that is not",
        plan(key(), trail("local.k")),
        "from local.k)` is all that the plan tells of it",
    ),
    ("a local, and no key", plan(trail("local.k")), "from local.k)` is all that the plan tells of it"),
]


@pytest.mark.parametrize(("content", "expected"), [one[1:] for one in UNSEEN], ids=[one[0] for one in UNSEEN])
def test_key_that_is_not_in_the_plan(content: Json, expected: str, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(json.dumps(content), encoding="utf-8")
    found = PlanTree(str(tmp_path / "plan.json")).subject("aws_cloudtrail", "aws_cloudtrail.t")
    assert (found is None) == (not expected)
    assert expected in (found.reason if isinstance(found, Unjudged) else "")


def test_a_plan_of_which_nothing_can_be_read_is_no_green_one(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text('{"cloudtrail": ')
    subject = PlanTree(str(tmp_path / "plan.json")).subject("aws_kms_key", "aws_kms_key.k")
    assert subject is not None
    assert set(judge(subject.scenarios, True, True)) == {"CKV_CTKMS_090"}


def test_a_plan_without_cloudtrail_has_no_subject(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("{}")
    assert PlanTree(str(tmp_path / "plan.json")).subject("aws_kms_key", "aws_kms_key.k") is None


JUNK: Sequence[Any] = (
    *(None, True, 1, -1, 1.5, "", "x", "${", "module.a", "a[", [], {}, [None], [[]], [{}], {"a": None}),
    *({"references": ["local.x"]}, {"references": [1]}, {"constant_value": {}}, {"references": ['aws_kms_key.k["a"]']}),
)


def _paths(value: Any, path: Tuple[Any, ...] = ()) -> Iterator[Tuple[Any, ...]]:
    yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield from _paths(member, (*path, name))


@pytest.mark.parametrize("name", ["policy_deferred_in_module", "trail_joins_for_each", "update_known_arn"])
def test_no_shape_raises(name: str, tmp_path: Path) -> None:
    """A few values of a real plan replaced by others, in many ways that are the same on every run."""
    content = json.loads((SCENARIOS / name / "plan.json").read_text(encoding="utf-8"))
    scanned = [(one["type"], one["address"]) for one in content["resource_changes"] if one["type"] in RESOURCE_TYPES]
    sections = ("resource_changes", "configuration", "prior_state", "variables")
    paths = [path for path in _paths(content) if path and path[0] in sections]
    choose = random.Random(name)  # noqa: S311
    for _ in range(100):
        changed = copy.deepcopy(content)
        for path in choose.sample(paths, choose.choice((1, 1, 2, 5))):
            _put(changed, path, choose.choice(JUNK))
        (tmp_path / "plan.json").write_text(json.dumps(changed), encoding="utf-8")
        tree = PlanTree(str(tmp_path / "plan.json"))
        for type_, address in scanned:
            findings_on(tree.subject(type_, address))


def _put(content: Any, path: Tuple[Any, ...], value: Any) -> None:
    for step in path[:-1]:
        inside = isinstance(content, dict) and step in content
        inside = inside or (isinstance(content, list) and isinstance(step, int) and step < len(content))
        if not inside:
            return  # an earlier change has taken the place away
        content = content[step]
    if isinstance(content, dict) or (
        isinstance(content, list) and isinstance(path[-1], int) and path[-1] < len(content)
    ):
        content[path[-1]] = value


def test_how_many_there_are_of_a_list_may_be_all_that_becomes_of_it() -> None:
    found = handed_on(["data.aws_iam_roles.r.arns"], [[Rest(Hole("${x}"), "arn:aws:iam::111111111111:root")]], "x")
    assert found == Hole("${x}")
