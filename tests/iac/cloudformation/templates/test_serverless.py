"""The variables of the Serverless Framework: one row a claim."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Sequence, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctkms.iac.cloudformation.aws.return_values import Deployment
from ctkms.iac.cloudformation.evaluation.evaluation import Evaluation
from ctkms.iac.cloudformation.evaluation.stacks import ScannedStacks
from ctkms.iac.cloudformation.templates.relevance import relevant_files
from ctkms.iac.cloudformation.templates.serverless import service_template
from ctkms.iac.cloudformation.templates.service_syntax import Literal, Source, Variable, pieces
from ctkms.iac.cloudformation.templates.service_text import MAX_FILES, read_service, with_named_files
from ctkms.iac.cloudformation.templates.service_variables import MAX_SIZE
from ctkms.iac.cloudformation.templates.template_text import read_data
from ctkms.iac.cloudformation.templates.yaml_loaders import ServiceLoader
from ctkms.unknowns.text import Hole

STAGES = {"dev": {"trail": "audit-dev"}, "prod": {"trail": "audit"}}


def opened(name: str) -> Dict[str, Any]:
    """What nobody knows, in a template: a reference to what it does not declare."""
    return {"Ref": name}


def join(*pieces_: Any) -> Dict[str, Any]:
    return {"Fn::Join": ["", list(pieces_)]}


# What a property becomes, beside the sections of a service.
CASES: Sequence[Tuple[str, Any, Any, Any]] = [
    ("a value of the same file is put in", {"trail": "audit"}, "${self:custom.trail}", "audit"),
    ("also within a text", {"trail": "audit"}, "trail/${self:custom.trail}", "trail/audit"),
    ("also where it is an object", {"tags": {"a": "b"}}, "${self:custom.tags}", {"a": "b"}),
    ("also through another one", {"a": "${self:custom.b}", "b": "c"}, "${self:custom.a}", "c"),
    ("also from within what a variable stands for", {"a": "${self:custom.b}", "b": {"c": 1}}, "${self:custom.a.c}", 1),
    ("an item of a list has a number", {"a": ["x", "y"]}, "${self:custom.a.1}", "y"),
    ("there is none beyond its end", {"a": ["x"]}, "${self:custom.a.1, 'z'}", "z"),
    ("what else a list has is open", {"a": ["x"]}, "${self:custom.a.length, 'z'}", opened("self:custom.a.length, 'z'")),
    (
        "also in the text of Fn::Sub",
        {"t": "audit"},
        {"Fn::Sub": "${AWS::Region}/${self:custom.t}"},
        {"Fn::Sub": "${AWS::Region}/audit"},
    ),
    (
        "which reads on in what is put in",
        {"arn": "arn:aws:iam::${AWS::AccountId}:root"},
        {"Fn::Sub": "${self:custom.arn}"},
        {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"},
    ),
    (
        "what is open has a name there",
        {},
        {"Fn::Sub": ["${opt:a}-${self:custom.${opt:b}}-${c}", {"c": "${opt:a}"}]},
        {
            "Fn::Sub": [
                "${opt:a}-${self:custom.opt:b}-${c}",
                {"c": opened("opt:a"), "opt:a": opened("opt:a"), "self:custom.opt:b": opened("self:custom.${opt:b}")},
            ]
        },
    ),
    ("the own account is CloudFormation's", {}, "${aws:accountId}", {"Ref": "AWS::AccountId"}),
    ("so is the Region, within a text", {}, "a:${aws:region}", join("a:", {"Ref": "AWS::Region"})),
    ("what else AWS says is open", {}, "${aws:username}", opened("aws:username")),
    ("an option is what it falls back to", {}, "${opt:stage, 'dev'}", "dev"),
    ("in double quotes as well", {}, '${opt:stage,"de\\u0076"}', "dev"),
    ("or a number", {}, "${opt:days, 30}", 30),
    ("or a boolean", {}, "${opt:enabled, false}", False),
    ("or what another variable says", {"a": "b"}, "${opt:stage, self:custom.a}", "b"),
    ("or that of the last one", {}, "${opt:stage, self:custom.none, 'dev'}", "dev"),
    ("or an empty text", {}, "a${opt:suffix, ''}", "a"),
    ("what a literal names is put in as well", {"a": "b"}, "${opt:stage, 'x-${self:custom.a}'}", "x-b"),
    ("without that it stays open", {}, "${opt:stage}", opened("opt:stage")),
    ("and leaves the text around it", {}, "a-${opt:stage}", join("a-", opened("opt:stage"))),
    ("so does what falls back to nothing", {}, "${opt:stage, null}", opened("opt:stage, null")),
    ("the environment stays open", {}, "${env:STAGE}", opened("env:STAGE")),
    ("whatever it falls back to", {}, "${env:STAGE, 'dev'}", opened("env:STAGE, 'dev'")),
    ("so does what is asked before the fallback", {}, "${opt:s, env:S, 'dev'}", opened("opt:s, env:S, 'dev'")),
    ("and what the account has", {}, "${ssm(us-east-1):/a/b, 'x'}", opened("ssm(us-east-1):/a/b, 'x'")),
    ("and what a plugin says", {}, "a${vault:x.y}", join("a", opened("vault:x.y"))),
    ("two names of one open value are one", {"a": "${env:A}"}, "${self:custom.a}", opened("env:A")),
    ("the stage is dev", {}, "${sls:stage}", "dev"),
    ("variables stand within variables", STAGES, "${self:custom.${sls:stage}.trail}", "audit-dev"),
    ("and within the fallback", STAGES, "${opt:x, self:custom.${opt:stage, 'prod'}.trail}", "audit"),
    (
        "of an open one all is open",
        STAGES,
        "${self:custom.${opt:stage}.trail}",
        opened("self:custom.${opt:stage}.trail"),
    ),
    ("a boolean in a text is a word", {"a": True}, "is-${self:custom.a}", "is-true"),
    ("and alone it is one", {"a": True}, "${self:custom.a}", True),
    ("a text becomes one", {"a": "False"}, "${strToBool(${self:custom.a})}", False),
    ("if it is one", {}, "${strToBool(maybe)}", opened("strToBool(maybe)")),
    ("a number in a text is its digits", {"a": 111122223333}, "a:${self:custom.a}", "a:111122223333"),
    ("a list in a text is open", {"a": ["x"]}, "a:${self:custom.a}", join("a:", opened("self:custom.a"))),
    ("what is not there stays open", {}, "${self:custom.none}", opened("self:custom.none")),
    ("a loop stays open", {"a": "${self:custom.a}"}, "${self:custom.a}", opened("self:custom.a")),
    ("also one around", {"a": {"b": "${self:custom}"}}, "${self:custom.a.b.a.b}", opened("self:custom")),
    ("a name of CloudFormation's is no variable", {}, "${AWS::AccountId}", "${AWS::AccountId}"),
    ("nor is an attribute", {"a": "b"}, "${Key.Arn}-${self:custom.a}", "${Key.Arn}-b"),
    ("a variable within what is none is put in", {"a": "b"}, "${Key${self:custom.a}}", "${Keyb}"),
    ("what is not ended is text", {}, "${self:custom.a", "${self:custom.a"),
    ("after a backslash each release reads another thing", {}, "\\${self:service}", join("\\", opened("self:service"))),
    ("and after a dollar", {}, "$${self:service}", join("$", opened("self:service"))),
    ("what cannot be read is open", {}, "${opt:a, plain}", opened("opt:a, plain")),
    ("a comma in quotes is part of the text", {}, "${opt:a, 'b, c'}", "b, c"),
    ("so is a brace", {}, "${opt:a, 'b}c'}", "b}c"),
]


@pytest.mark.parametrize(("custom", "given_", "expected"), [one[1:] for one in CASES], ids=[one[0] for one in CASES])
def test_variable(custom: Any, given_: Any, expected: Any) -> None:
    template = service_template({"service": "s", "custom": custom, "resources": {"Resources": {"Key": given_}}})
    assert template == {"Resources": {"Key": expected}}


SERVICES: Dict[str, Tuple[Mapping[str, Any], str, Any]] = {
    # sentence: the service, a property, what it becomes
    "the stage is what the provider says": ({"provider": {"stage": "prod"}}, "${sls:stage}", "prod"),
    "or what it falls back to": ({"provider": {"stage": "${opt:stage, 'test'}"}}, "${sls:stage}", "test"),
    "or open": ({"provider": {"stage": "${env:STAGE}"}}, "${sls:stage}", opened("env:STAGE")),
    "a parameter of the stage": ({"params": {"dev": {"a": "b"}, "prod": {"a": "c"}}}, "${param:a}", "b"),
    "or of all stages": ({"params": {"default": {"a": "b"}, "prod": {"a": "c"}}}, "${param:a}", "b"),
    "in either section": ({"stages": {"default": {"params": {"a": "b"}}}}, "${param:a}", "b"),
    "or what it falls back to: parameter": ({}, "${param:a, 'b'}", "b"),
    "or nobody knows": ({}, "${param:a}", opened("param:a")),
    "of an open stage, only what all share": (
        {"provider": {"stage": "${opt:stage}"}, "params": {"default": {"a": "b", "c": "d"}, "prod": {"a": "x"}}},
        "${param:c}",
        "d",
    ),
    "and not what a stage may change": (
        {"provider": {"stage": "${opt:stage}"}, "params": {"default": {"a": "b"}, "prod": {"a": "x"}}},
        "${param:a}",
        opened("param:a"),
    ),
    "another account may be called aws": (
        {"stages": {"default": {"resolvers": {"aws": {"type": "aws", "profile": "other"}}}}},
        "${aws:accountId}",
        opened("aws:accountId"),
    ),
    "a variable may stand for accounts of which one is called aws": (
        {"stages": {"default": {"resolvers": "${opt:resolvers}"}}},
        "${aws:accountId}",
        opened("aws:accountId"),
    ),
    "and for a stage that has them": ({"stages": {"default": "${opt:stage}"}}, "${aws:region}", opened("aws:region")),
    "the third release knows escapes": ({"frameworkVersion": "^3.38"}, "a\\${aws:username}", "a${aws:username}"),
    "a later one may not": ({"frameworkVersion": ">=3"}, "\\${aws:x}", join("\\", opened("aws:x"))),
}


@pytest.mark.parametrize(("service", "given_", "expected"), SERVICES.values(), ids=SERVICES)
def test_variable_of_a_service(service: Mapping[str, Any], given_: str, expected: Any) -> None:
    template = service_template({**service, "resources": {"Resources": {"Key": given_}}})
    assert template == {"Resources": {"Key": expected}}


FILES = {
    "/s/policy.yml": "Version: 2012-10-17\nTrail: ${self:custom.trail}\nAdmins: [alice, bob]\nArn: !GetAtt Key.Arn\n",
    "/s/config.dev.json": '{"accounts": {"log": "111122223333"}}',
    "/shared/names.yml": "trail: audit\n",
    "/s/note.txt": "for ${self:custom.trail}",
    "/s/program.js": "module.exports = {}",
    "/s/broken.yml": "a: [",
    "/s/empty.yml": "",
}
IN_FILES: Dict[str, Tuple[str, Any]] = {
    # sentence: a property, what it becomes
    "all of a file": ("${file(./policy.yml)}", {
        "Version": "2012-10-17T00:00:00.000Z",
        "Trail": "audit",
        "Admins": ["alice", "bob"],
        "Arn": {"Fn::GetAtt": "Key.Arn"},
    }),
    "a part of it": ("${file(policy.yml):Trail}", "audit"),
    "an item of a list in it": ("${file(policy.yml):Admins.1}", "bob"),
    "a file of the stage": ("${file(./config.${sls:stage}.json):accounts.log}", "111122223333"),
    "a file elsewhere in the tree": ("${file(../shared/names.yml):trail}", "audit"),
    "a file of text": ("${file(note.txt)}", "for audit"),
    "a program is not run": ("${file(program.js):x}", opened("file(program.js):x")),
    "a file that is not there may be where it is deployed": (
        "${file(secret.yml):x, 'y'}",
        opened("file(secret.yml):x, 'y'"),
    ),
    "a file outside of the tree": ("${file(/etc/passwd)}", opened("file(/etc/passwd)")),
    "a file that cannot be read": ("${file(broken.yml):a}", opened("file(broken.yml):a")),
    "an empty file has nothing": ("${file(empty.yml):a, 'b'}", "b"),
    "what a file does not have": ("${file(policy.yml):Nobody, 'b'}", "b"),
}  # fmt: skip


@pytest.mark.parametrize(("given_", "expected"), IN_FILES.values(), ids=IN_FILES)
def test_variable_of_a_file(given_: str, expected: Any) -> None:
    text = f'service: s\ncustom: {{trail: audit}}\nresources: {{Resources: {{Key: "{given_}"}}}}\n'
    assert read_service(text, "/s/serverless.yml", FILES.get) == {"Resources": {"Key": expected}}


def test_a_service_reads_so_many_files() -> None:
    asked = set()

    def read(path: str) -> str:
        asked.add(path)
        return "a"

    keys = "".join(f"    K{number}: ${{file(f{number}.txt)}}\n" for number in range(MAX_FILES + 10))
    found: Any = read_service(f"resources:\n  Resources:\n{keys}", "/s/serverless.yml", read)
    assert len(asked) == MAX_FILES
    assert found["Resources"][f"K{MAX_FILES}"] == opened(f"file(f{MAX_FILES}.txt)")


def test_a_service_speaks_of_what_its_files_speak_of() -> None:
    texts = {"/s/serverless.yml": "resources: ${file(policy.yml)}", "/t/serverless.yml": "resources: ${file(a.yml)}"}
    files = {"/s/policy.yml": "cloudtrail.amazonaws.com"}
    assert relevant_files(with_named_files(texts, files.get)) == {"/s/serverless.yml"}


def test_scalars_are_those_of_the_framework() -> None:
    text = (
        "resources:\n  Resources:\n    A: {a: yes, b: 012, c: 2012-10-17, d: true, e: 0o17, f: 1.0, 012: 1, g: 1:30}\n"
    )
    found: Any = read_service(text)
    assert found["Resources"]["A"] == {
        "a": "yes",
        "b": 12,
        "c": "2012-10-17T00:00:00.000Z",
        "d": True,
        "e": 15,
        "f": 1,
        12: 1,
        "g": "1:30",
    }


def test_sections_of_a_list_are_put_together() -> None:
    resources = [
        {"Resources": {"A": {"Properties": {"x": 1, "l": [1, 2]}}}},
        {"Resources": {"A": {"Properties": {"y": 2, "l": [3]}}, "B": 2}, "Outputs": {"C": 3}},
        {"Transform": "AWS::LanguageExtensions"},
        {"extensions": {"A": {"Properties": {"x": 4}}, "Made": {"Condition": "No"}}},
    ]
    assert service_template({"resources": resources}) == {
        "Resources": {"A": {"Properties": {"x": 4, "y": 2, "l": [3, 2]}}, "B": 2},
        "Outputs": {"C": 3},
        "Transform": "AWS::LanguageExtensions",
    }


@pytest.mark.parametrize("resources", ["${file(m.js)}", {"Resources": "${file(m.js)}"}])
def test_a_part_that_is_open_may_add_resources(resources: Any) -> None:
    found = service_template({"resources": [{"Resources": {"A": 1}}, resources]})
    assert found == {"Resources": {"A": 1, "Fn::Transform of ${file(m.js)}": {}}}


def test_a_service_without_resources_has_no_template() -> None:
    assert service_template({"service": "x", "resources": "${file(all.yml)}"}) is None


@pytest.mark.parametrize("known", ["x", "${opt:x}"])
def test_variables_that_double_each_other_stay_small(known: str) -> None:
    custom = {f"v{level}": f"${{self:custom.v{level + 1}}}" * 2 for level in range(35)}
    template = service_template(
        {"custom": {**custom, "v35": known}, "resources": {"Resources": {"A": "${self:custom.v0}"}}}
    )
    assert len(str(template)) < 100 * MAX_SIZE
    everything = {f"a{number}": "${self:custom}" for number in range(50)}
    assert service_template({"custom": everything, "resources": {"Resources": {"A": "${self:custom}"}}})


def test_an_open_value_in_a_template_is_named_as_it_is_written() -> None:
    at = Deployment("main.yml")
    template = service_template({"resources": {"Resources": {"A": "${self:custom.${opt:a}}"}}})
    assert template is not None
    value = Evaluation(ScannedStacks({at.file: template}), at, {}).value(template["Resources"]["A"], at)
    assert value == Hole("${self:custom.${opt:a}}")


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("${self:a.b}", (Source("self", None, "a.b"),)),
        ("${file(./a.yml): b, 'c' }", (Source("file", "./a.yml", "b"), Literal("c"))),
        ("${ssm(us-east-1, raw):/x/${a:b}}", (Source("ssm", "us-east-1, raw", "/x/${a:b}"),)),
        ("${a:b,}", ()),
    ],
)
def test_how_a_variable_is_written(text: str, sources: Any) -> None:
    assert pieces(text) == (Variable(text, sources, ""),)


SIGNS = "${ } ${self: ${opt: ${file( ) ( , : ' \" \\ $ ${AWS::Region} ${param:a ${sls:stage} ${aws:region}"
TEXTS = st.lists(st.sampled_from([*SIGNS.split(), "custom.a", "custom", "b", ".0"]), max_size=12).map("".join)
ANY = st.recursive(
    st.one_of(TEXTS, st.integers(), st.none(), st.booleans()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["a", "b", "custom", "Fn::Sub", "Ref", "default", "dev"]), inner, max_size=3),
    ),
    max_leaves=6,
)


SECTIONS = "custom provider params stages resources frameworkVersion".split()


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(SECTIONS), ANY), TEXTS, ANY)
def test_no_service_raises(service: Any, text: str, value: Any) -> None:
    assert "".join(one if isinstance(one, str) else one.text for one in pieces(text)) == text
    service_template({"resources": {"Resources": {"A": text, "B": {"Fn::Sub": [text, value]}}}, **service})


SCALARS = {
    # what is written: what js-yaml 4 makes of it, as JSON
    **{text: text for text in ("yes", "on", "1_000", "1:30", "2012-1-1", "0o8", "=", "<<", "n", "1.2.3")},
    **{"012": 12, "-012": -12, "012345678901": 12345678901, "0o17": 15, "0x1F": 31, "0b11": 3, "+1": 1, "1e3": 1000},
    **{"1.0": 1, "1.": 1, "1.5": 1.5, ".5": 0.5, "TRUE": True, "false": False, "~": None, "": None},
    "2012-10-17": "2012-10-17T00:00:00.000Z",
    "2012-10-17 1:02:03.4": "2012-10-17T01:02:03.400Z",
    "2012-10-17T01:00:00+02:00": "2012-10-16T23:00:00.000Z",
}


@pytest.mark.parametrize("text", SCALARS)
def test_a_plain_scalar_of_the_framework(text: str) -> None:
    found = read_data(f"a: {text}", ServiceLoader)["a"]
    assert (type(found), found) == (type(SCALARS[text]), SCALARS[text])
