"""When a trail is made, seen from the key policy: what the graph of Terraform's references says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import pytest

from ctkms.cloudtrail.resources import Order
from ctkms.iac.terraform.code_scan import Tree
from ctkms.iac.terraform.plan.plan_scan import PlanTree
from ctkms.unknowns.text import Hole

Files = Dict[str, str]

KEY = 'resource "aws_kms_key" "k" {}'


def policy(more: str = "", key: str = "aws_kms_key.k.id") -> str:
    return f"""
    resource "aws_kms_key_policy" "p" {{
      key_id = {key}
      policy = "{{}}"
      {more}
    }}
    """


def trail(key: str = "aws_kms_key.k.arn", more: str = "") -> str:
    return f"""
    resource "aws_cloudtrail" "t" {{
      name       = "audit"
      kms_key_id = {key}
      {more}
    }}
    """


def sleep(depends_on: str, label: str = "s") -> str:
    return f"""
    resource "time_sleep" "{label}" {{
      depends_on = [{depends_on}]
    }}
    """


BOTH = KEY + policy()

# The key and its policy in a module, with outputs; the trail is in the root.
KMS = (
    BOTH
    + """
    variable "x" {
      default = null
    }
    output "arn" {
      value = aws_kms_key.k.arn
    }
    output "late_arn" {
      value      = aws_kms_key.k.arn
      depends_on = [aws_kms_key_policy.p]
    }
    output "policy_key" {
      value = aws_kms_key_policy.p.key_id
    }
    """
)


def with_kms(text: str, call: str = "", kms: str = KMS) -> Files:
    main = f"""
    module "kms" {{
      source = "./kms"
      {call}
    }}
    {text}
    """
    return {"main.tf": main, "kms/main.tf": kms}


def unseen(call: str) -> str:
    return f"""
    module "far" {{
      source = "example/far/aws"
      {call}
    }}
    """


# A sentence, the code, and when the trail is made.
IN_THE_ROOT: Sequence[Tuple[str, str, Any]] = [
    ("a key alone is no reason to wait", BOTH + trail(), Order.ANY),
    ("there is nothing to wait for without a policy resource", KEY + trail(), Order.UNSEEN),
    ("the trail takes its key from the policy", BOTH + trail("aws_kms_key_policy.p.key_id"), Order.AFTER),
    ("depends_on names the policy", BOTH + trail(more="depends_on = [aws_kms_key_policy.p]"), Order.AFTER),
    ("depends_on names it in quotes", BOTH + trail(more='depends_on = ["aws_kms_key_policy.p"]'), Order.AFTER),
    ("depends_on names the key", BOTH + trail(more="depends_on = [aws_kms_key.k]"), Order.ANY),
    ("any argument may refer to it", BOTH + trail(more="tags = { p = aws_kms_key_policy.p.id }"), Order.AFTER),
    (
        "also in a nested block",
        BOTH
        + """
        resource "aws_cloudtrail" "t" {
          name       = "audit"
          kms_key_id = aws_kms_key.k.arn
          event_selector {
            read_write_type = "${aws_kms_key_policy.p.id}"
          }
        }
        """,
        Order.AFTER,
    ),
    ("or count", BOTH + trail(more="count = length([aws_kms_key_policy.p.id])"), Order.AFTER),
    (
        "a reference that changes nothing counts as well",
        BOTH + trail("true ? aws_kms_key.k.arn : aws_kms_key_policy.p.key_id"),
        Order.AFTER,
    ),
    ("what a text says is no reference", BOTH + trail(more='tags = { p = "aws_kms_key_policy.p.id" }'), Order.ANY),
    (
        "nor the variable of a loop",
        BOTH + trail(more="tags = { for aws_kms_key_policy in [{ p = 1 }] : 1 => aws_kms_key_policy.p }"),
        Order.ANY,
    ),
    (
        "lifecycle ignores attributes, and refers to nothing",
        BOTH
        + trail(
            more="""
            lifecycle {
              ignore_changes = [aws_kms_key_policy.p]
            }
            """
        ),
        Order.ANY,
    ),
    (
        "what triggers a replacement is a reference",
        BOTH
        + trail(
            more="""
            lifecycle {
              replace_triggered_by = [aws_kms_key_policy.p]
            }
            """
        ),
        Order.AFTER,
    ),
    (
        "a precondition is a reference",
        BOTH
        + trail(
            more="""
            lifecycle {
              precondition {
                condition = aws_kms_key_policy.p.id != ""
              }
            }
            """
        ),
        Order.AFTER,
    ),
    ("another policy does not count", BOTH + 'resource "aws_kms_key_policy" "q" {}' + trail(), Order.ANY),
    (
        "a local hands it on",
        BOTH
        + """
        locals {
          a = local.b
          b = [for one in [aws_kms_key_policy.p] : one.key_id][0]
        }
        """
        + trail("local.a"),
        Order.AFTER,
    ),
    (
        "a sleep stands between them",
        BOTH + sleep("aws_kms_key_policy.p") + trail(more="depends_on = [time_sleep.s]"),
        Order.AFTER,
    ),
    (
        "a sleep that waits for the key only",
        BOTH + sleep("aws_kms_key.k") + trail(more="depends_on = [time_sleep.s]"),
        Order.ANY,
    ),
    (
        "a provisioner refers to it",
        BOTH
        + """
        resource "null_resource" "n" {
          provisioner "x" {
            command = aws_kms_key_policy.p.id
          }
        }
        """
        + trail(more="depends_on = [null_resource.n]"),
        Order.AFTER,
    ),
    (
        "a data source waits for it",
        BOTH
        + """
        data "aws_kms_key" "d" {
          key_id     = aws_kms_key.k.id
          depends_on = [aws_kms_key_policy.p]
        }
        """
        + trail("data.aws_kms_key.d.arn"),
        Order.AFTER,
    ),
    (
        "terraform_data hands it on",
        BOTH
        + """
        resource "terraform_data" "d" {
          input = aws_kms_key_policy.p.id
        }
        """
        + trail(more="tags = { d = terraform_data.d.output }"),
        Order.AFTER,
    ),
    (
        "the policy names the trail",
        KEY + policy("bypass_policy_lockout_safety_check = aws_cloudtrail.t.arn") + trail(),
        Order.NEEDED,
    ),
    (
        "the policy names the trail by a document",
        KEY
        + policy("depends_on = [data.aws_iam_policy_document.d]")
        + """
        data "aws_iam_policy_document" "d" {
          policy_id = aws_cloudtrail.t.arn
        }
        """
        + trail(),
        Order.NEEDED,
    ),
    (
        "each needs the other",
        KEY + policy("depends_on = [aws_cloudtrail.t]") + trail(more="depends_on = [aws_kms_key_policy.p]"),
        Order.NEEDED,
    ),
    (
        "one instance of the policy stands for all",
        KEY + policy("count = 1") + trail(more="depends_on = [aws_kms_key_policy.p[0]]"),
        Order.AFTER,
    ),
    (
        "an index that is not constant changes nothing",
        KEY + policy('for_each = toset(["a"])') + trail("aws_kms_key_policy.p[keys({ a = 1 })[0]].key_id"),
        Order.AFTER,
    ),
    (
        "a module that is not there is given the policy, and may wait for it",
        BOTH + unseen("p = aws_kms_key_policy.p.id") + trail(more="tags = { x = module.far.out }"),
        Hole("${module.far.out}"),
    ),
    (
        "a module that is not there is not given the policy",
        BOTH + unseen("k = aws_kms_key.k.id") + trail(more="tags = { x = module.far.out }"),
        Order.ANY,
    ),
    (
        "all of a module that is not there waits for what it is given",
        BOTH + unseen("p = aws_kms_key_policy.p.id") + trail(more="depends_on = [module.far]"),
        Order.AFTER,
    ),
    (
        "each output of a module that is not there waits for what its call depends on",
        BOTH + unseen("depends_on = [aws_kms_key_policy.p]") + trail(more="tags = { x = module.far.out }"),
        Order.AFTER,
    ),
]

IN_MODULES: Sequence[Tuple[str, Files, Any]] = [
    ("an output hands on the key alone", with_kms(trail("module.kms.arn")), Order.ANY),
    ("an output waits for the policy", with_kms(trail("module.kms.late_arn")), Order.AFTER),
    ("an output takes the key from the policy", with_kms(trail("module.kms.policy_key")), Order.AFTER),
    (
        "another output of the module does not count",
        with_kms(
            """
            locals {
              x = module.kms.policy_key
            }
            """
            + trail("module.kms.arn")
        ),
        Order.ANY,
    ),
    (
        "depends_on names the module of the policy",
        with_kms(trail("module.kms.arn", "depends_on = [module.kms]")),
        Order.AFTER,
    ),
    (
        "a constant index leads to the output alone",
        with_kms(trail("module.kms[0].arn"), "count = 1"),
        Order.ANY,
    ),
    (
        "a splat takes the whole module",
        with_kms(trail("one(module.kms[*].arn)"), "count = 1"),
        Order.AFTER,
    ),
    (
        "so does an index that is not constant",
        with_kms(trail('module.kms[join("", ["a"])].arn'), 'for_each = toset(["a"])'),
        Order.AFTER,
    ),
    (
        "depends_on names a module around the module of the policy",
        {
            "main.tf": """
            module "outer" {
              source = "./outer"
            }
            """
            + trail("module.outer.arn", "depends_on = [module.outer]"),
            "outer/main.tf": """
            module "kms" {
              source = "../kms"
            }
            output "arn" {
              value = module.kms.arn
            }
            """,
            "kms/main.tf": KMS,
        },
        Order.AFTER,
    ),
]

# The trail in a module that the root calls, beside key and policy.
TRAIL_IN_A_MODULE: Sequence[Tuple[str, str, str, Any]] = [
    ("an input is the key", "key = aws_kms_key.k.arn", trail("var.key"), Order.ANY),
    ("an input comes from the policy", "key = aws_kms_key_policy.p.key_id", trail("var.key"), Order.AFTER),
    (
        "an input that is not used does not count",
        """
        key   = aws_kms_key.k.arn
        other = aws_kms_key_policy.p.id
        """,
        trail("var.key"),
        Order.ANY,
    ),
    (
        "an input is checked against another one",
        """
        key     = aws_kms_key.k.arn
        checked = 1
        other   = aws_kms_key_policy.p.id
        """,
        """
        variable "checked" {
          validation {
            condition = var.checked != var.other
          }
        }
        """
        + trail("var.key", "tags = { x = var.checked }"),
        Order.AFTER,
    ),
    (
        "the call depends on the policy",
        """
        key        = aws_kms_key.k.arn
        depends_on = [aws_kms_key_policy.p]
        """,
        trail("var.key"),
        Order.AFTER,
    ),
    (
        "the call is repeated by the policy",
        """
        key   = aws_kms_key.k.arn
        count = length([aws_kms_key_policy.p.id])
        """,
        trail("var.key"),
        Order.AFTER,
    ),
]


def order(
    folder: Path,
    files: Mapping[str, str],
    key: str = "aws_kms_key.k",
    file: str = "main.tf",
    calls: Sequence[Tuple[str, str, Any]] = (),
) -> Any:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    callers = [(str(folder / file), name, index) for file, name, index in calls]
    subject = Tree(str(folder)).subject(str(folder / file), callers, key)
    assert subject is not None
    (found,) = {one.order for scenario in subject.scenarios for one in scenario.trails + scenario.stores}
    return found


@pytest.mark.parametrize(("text", "expected"), [one[1:] for one in IN_THE_ROOT], ids=[one[0] for one in IN_THE_ROOT])
def test_order(text: str, expected: Any, tmp_path: Path) -> None:
    assert order(tmp_path, {"main.tf": text}) == expected


@pytest.mark.parametrize(("files", "expected"), [one[1:] for one in IN_MODULES], ids=[one[0] for one in IN_MODULES])
def test_order_with_the_policy_in_a_module(files: Files, expected: Any, tmp_path: Path) -> None:
    callers = [("main.tf", "outer", None), ("outer/main.tf", "kms", None)] if "outer/main.tf" in files else None
    index = 0 if "count = 1" in files["main.tf"] else "a" if "for_each" in files["main.tf"] else None
    found = order(tmp_path, files, "aws_kms_key.k", "kms/main.tf", callers or [("main.tf", "kms", index)])
    assert found == expected


@pytest.mark.parametrize(
    ("call", "text", "expected"), [one[1:] for one in TRAIL_IN_A_MODULE], ids=[one[0] for one in TRAIL_IN_A_MODULE]
)
def test_order_with_the_trail_in_a_module(call: str, text: str, expected: Any, tmp_path: Path) -> None:
    inputs = """
    variable "key" {}
    variable "other" {
      default = null
    }
    """
    main = (
        BOTH
        + f"""
        module "trail" {{
          source = "./trail"
          {call}
        }}
        """
    )
    assert order(tmp_path, {"main.tf": main, "trail/main.tf": inputs + text}) == expected


# The same in the JSON syntax, whose references are texts: more of the trail, more resources, and when it is made.
IN_JSON: Sequence[Tuple[str, Any, Any, Any]] = [
    ("a key alone is no reason to wait", {}, {}, Order.ANY),
    ("depends_on names the policy", {"depends_on": ["aws_kms_key_policy.p"]}, {}, Order.AFTER),
    ("depends_on is a template", {"depends_on": ["${aws_kms_key_policy.p}"]}, {}, Order.AFTER),
    ("depends_on names another resource", {"depends_on": ["aws_kms_key.k"]}, {}, Order.ANY),
    (
        "a sleep stands between them",
        {"depends_on": ["time_sleep.s"]},
        {"time_sleep": {"s": {"depends_on": ["aws_kms_key_policy.p"]}}},
        Order.AFTER,
    ),
    (
        "what triggers a replacement is a reference",
        {"lifecycle": {"replace_triggered_by": ["aws_kms_key_policy.p"]}},
        {},
        Order.AFTER,
    ),
    (
        "what is ignored is none",
        {"lifecycle": {"ignore_changes": ["aws_kms_key_policy.p", "${aws_kms_key_policy.p}"]}},
        {},
        Order.ANY,
    ),
    ("what another text says is no reference", {"tags": {"p": "aws_kms_key_policy.p"}}, {}, Order.ANY),
]


@pytest.mark.parametrize(("trail", "more", "expected"), [one[1:] for one in IN_JSON], ids=[one[0] for one in IN_JSON])
def test_order_in_json(trail: Any, more: Any, expected: Any, tmp_path: Path) -> None:
    resources = {
        "aws_kms_key": {"k": {}},
        "aws_kms_key_policy": {"p": {"key_id": "${aws_kms_key.k.id}", "policy": "{}"}},
        "aws_cloudtrail": {"t": {"name": "audit", "kms_key_id": "${aws_kms_key.k.arn}", **trail}},
        **more,
    }
    files = {"main.tf.json": json.dumps({"resource": resources})}
    assert order(tmp_path, files, file="main.tf.json") == expected


def test_an_event_data_store_has_an_order_too(tmp_path: Path) -> None:
    store = """
    resource "aws_cloudtrail_event_data_store" "s" {
      name       = "s"
      kms_key_id = %s
    }
    """
    assert order(tmp_path, {"main.tf": BOTH + store % "aws_kms_key_policy.p.key_id"}) == Order.AFTER


def test_modules_that_call_modules_many_times_are_no_reason_to_hang(tmp_path: Path) -> None:
    """Each level is called twice, and each call waits for all of the one below."""
    levels = 18
    files = {
        "main.tf": BOTH
        + trail(more="depends_on = [module.a]")
        + """
        module "a" {
          source = "./m1"
        }
        """
    }
    for level in range(1, levels):
        calls = "".join(
            f"""
            module "{name}" {{
              source = "../m{level + 1}"
            }}
            """
            for name in "ab"
        )
        files[f"m{level}/main.tf"] = calls
    files[f"m{levels}/main.tf"] = 'resource "null_resource" "n" {}'
    found = order(tmp_path, files)
    assert isinstance(found, Hole)
    assert "too large" in found.source


# Plans: what the configuration of a plan refers to. Each is the code of the trail's arguments, what its
# resource depends on, and when it is made.
PLANNED: Sequence[Tuple[str, Dict[str, Any], List[str], Any]] = [
    ("a key alone is no reason to wait", {"kms_key_id": ["aws_kms_key.k.arn", "aws_kms_key.k"]}, [], Order.ANY),
    (
        "a reference to the policy",
        {"kms_key_id": ["aws_kms_key.k.arn"], "name": ["aws_kms_key_policy.p.id", "aws_kms_key_policy.p"]},
        [],
        Order.AFTER,
    ),
    ("depends_on", {"kms_key_id": ["aws_kms_key.k.arn"]}, ["aws_kms_key_policy.p"], Order.AFTER),
    ("through a sleep", {"kms_key_id": ["aws_kms_key.k.arn"]}, ["time_sleep.s"], Order.AFTER),
    (
        "through an output",
        {"kms_key_id": ["aws_kms_key.k.arn"], "name": ["module.m.late", "module.m"]},
        [],
        Order.AFTER,
    ),
    (
        "not through another one",
        {"kms_key_id": ["aws_kms_key.k.arn"], "name": ["module.m.x", "module.m"]},
        [],
        Order.ANY,
    ),
    ("through the call of a module", {"kms_key_id": ["aws_kms_key.k.arn"]}, ["module.n"], Order.AFTER),
]


@pytest.mark.parametrize(
    ("arguments", "depends_on", "expected"), [one[1:] for one in PLANNED], ids=[one[0] for one in PLANNED]
)
def test_order_in_a_plan(arguments: Dict[str, Any], depends_on: List[str], expected: Any, tmp_path: Path) -> None:
    root = {
        "resources": [
            _coded("aws_kms_key", "k"),
            POLICY,
            _coded("time_sleep", "s", None, ["aws_kms_key_policy.p"]),
            _coded("aws_cloudtrail", "t", arguments, depends_on),
        ],
        "module_calls": {
            "m": {
                "module": {
                    "outputs": {
                        "late": {"expression": {"references": []}, "depends_on": ["data.aws_kms_key.d"]},
                        "x": {"expression": {}},
                    },
                    "resources": [_coded("aws_kms_key", "d", {"key_id": ["var.p"]}, mode="data")],
                    "variables": {"p": {}},
                },
                "expressions": {"p": {"references": ["aws_kms_key_policy.p.id"]}},
            },
            "n": {"module": {}, "depends_on": ["aws_kms_key_policy.p"]},
        },
    }
    assert planned_orders(tmp_path, root) == [expected]


# A plan does not say what its locals are. Each is what the bucket of the trail refers to, whether the plan
# knows its name, whether the policy is there already, and when the trail is made.
LOCALS: Sequence[Tuple[str, List[str], bool, bool, Any]] = [
    ("one that is known does not come from a policy that is not there yet", ["local.x"], True, False, Order.ANY),
    (
        "one that is not known may be anything",
        ["local.x"],
        False,
        False,
        Hole("${s3_bucket_name (known after apply, from local.x)}"),
    ),
    ("one beside something that is not known", ["local.x", "aws_kms_key.k.id"], False, False, Order.ANY),
    ("one that is known may come from a policy that is there", ["local.x"], True, True, Hole("${local.x}")),
]


@pytest.mark.parametrize(
    ("references", "is_known", "is_there", "expected"), [one[1:] for one in LOCALS], ids=[one[0] for one in LOCALS]
)
def test_locals_of_a_plan(references: List[str], is_known: bool, is_there: bool, expected: Any, tmp_path: Path) -> None:
    arguments = {"kms_key_id": ["aws_kms_key.k.arn"], "s3_bucket_name": references}
    resources = [_coded("aws_kms_key", "k"), POLICY, _coded("aws_cloudtrail", "t", arguments)]
    unknown = () if is_known else ("s3_bucket_name",)
    assert planned_orders(tmp_path, {"resources": resources}, *unknown, is_there=is_there) == [expected]


def test_a_local_of_a_plan_may_come_from_what_waits_for_the_policy(tmp_path: Path) -> None:
    arguments = {"kms_key_id": ["aws_kms_key.k.arn"], "s3_bucket_name": ["local.x"]}
    waiting = _coded("aws_s3_bucket", "b", None, ["aws_kms_key_policy.p"])
    resources = [_coded("aws_kms_key", "k"), POLICY, waiting, _coded("aws_cloudtrail", "t", arguments)]
    assert planned_orders(tmp_path, {"resources": resources}) == [Hole("${local.x}")]


def test_with_its_code_at_hand_a_plan_says_what_its_locals_are(tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    named = trail().replace('"audit"', "local.name")
    for name, expected in (('"audit"', Order.ANY), ("aws_kms_key_policy.p.id", Order.AFTER)):
        (code / "main.tf").write_text(
            f"""
            {BOTH}
            locals {{
              name = {name}
            }}
            {named}
            """,
            encoding="utf-8",
        )
        resources = [
            _coded("aws_kms_key", "k"),
            POLICY,
            _coded("aws_cloudtrail", "t", {"kms_key_id": ["aws_kms_key.k.arn"], "name": ["local.name"]}),
        ]
        assert planned_orders(tmp_path, {"resources": resources}, code=code) == [expected]


def planned_orders(
    folder: Path, root: Any, *more: str, code: Optional[Path] = None, is_there: bool = False
) -> List[Any]:
    """When the trail of a plan is made; `more` are arguments of it that are only known after apply."""
    changes = [
        _change("aws_kms_key", "k", {"policy": "{}"}, "arn", "key_id", "id"),
        _change("aws_kms_key_policy", "p", {"policy": "{}"}, "key_id", *(() if is_there else ("id",))),
        _change("aws_cloudtrail", "t", {}, "kms_key_id", *more),
    ]
    content = {"comment": "cloudtrail", "resource_changes": changes, "configuration": {"root_module": root}}
    (folder / "plan.json").write_text(json.dumps(content), encoding="utf-8")
    tree = PlanTree(str(folder / "plan.json"), None if code is None else str(code))
    subject = tree.subject("aws_kms_key_policy", "aws_kms_key_policy.p")
    assert subject is not None
    return [one.order for one in subject.scenarios[0].trails]


def _coded(
    type_: str, label: str, arguments: Optional[Mapping[str, Any]] = None, depends_on: Any = (), mode: str = "managed"
) -> Any:
    return {
        "type": type_,
        "name": label,
        "mode": mode,
        "expressions": {name: {"references": to} for name, to in (arguments or {}).items()},
        "depends_on": list(depends_on),
    }


def _change(type_: str, label: str, after: Mapping[str, Any], *unknown: str) -> Any:
    change = {"actions": ["create"], "after": after, "after_unknown": dict.fromkeys(unknown, True)}
    return {"type": type_, "name": label, "mode": "managed", "address": f"{type_}.{label}", "change": change}


POLICY = _coded("aws_kms_key_policy", "p", {"key_id": ["aws_kms_key.k.id", "aws_kms_key.k"]})
