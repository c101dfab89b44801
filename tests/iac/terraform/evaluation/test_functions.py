"""Terraform's functions: on known values as `terraform console` answers, on open ones as far as they can be known."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctkms.budgets import Budget, TooLarge, metered
from ctkms.iac.terraform.evaluation import functions
from ctkms.iac.terraform.evaluation.evaluate import evaluate
from ctkms.iac.terraform.evaluation.functions import call
from ctkms.iac.terraform.evaluation.json_values import json_text
from ctkms.iac.terraform.evaluation.open_names import describe
from ctkms.iac.terraform.evaluation.scope import EmptyScope
from ctkms.iac.terraform.evaluation.signatures import SIGNATURES
from ctkms.iac.terraform.evaluation.values import Failure, Json, Unordered
from ctkms.iac.terraform.syntax.hcl_parser import parse_file
from ctkms.unknowns.text import OWN_ACCOUNT, OWN_REGION, Hole, Kind, Rest, join

FILES = {
    "policy.json": '{"a": "${not_interpolated}"}',
    "policy.tpl": '{"AWS": "${arn}", "list": [%{ for i, x in items ~}${i > 0 ? ", " : ""}"${x}"%{ endfor ~}]}',
    "endless.tpl": '${templatefile("endless.tpl", {})}',
    "broken.tpl": "${",
}


class Scope(EmptyScope):
    """Every reference is open but for the deployer's own identity."""

    def resolve(self, traversal):
        own = {"account": OWN_ACCOUNT, "region": OWN_REGION, "name": Hole("${name}", Kind.NAME)}
        return own.get(traversal[0]) or super().resolve(traversal)

    def read_file(self, path):
        return FILES.get(path)


def value_of(source):
    parsed = parse_file(f"x = {source}\n")
    assert not parsed.problems
    value = evaluate(parsed.body.attributes["x"], Scope())
    # What is spelled out is shared by all that asks for it, so no function may change what it is given.
    assert shown(evaluate(parsed.body.attributes["x"], Scope())) == shown(value)
    return value


def shown(value):
    """A value as text: holes by their sources, JSON text as such."""
    return str(value) if isinstance(value, Hole) else describe(value)


# The left side as typed into `terraform console`, the right side its answer; `!` stands for an error.
KNOWN = r"""
abs(-2.5) = 2.5
alltrue([true, "true"]) = true
alltrue([]) = true
anytrue([]) = false
base64decode("aGk=") = "hi"
base64encode("hi") = "aGk="
basename("/a/b.json") = "b.json"
basename("/a/b/") = "b"
can(regex("z", "b")) = false
ceil(1.2) = 2
chomp("a\n\n") = "a"
chunklist([1, 2, 3], 2) = [[1, 2], [3]]
coalesce("", "b") = "b"
coalesce(null, 1, "b") = "1"
coalesce(null, "") = !
coalescelist([], ["a"]) = ["a"]
compact(["a", "", null]) = ["a"]
concat(["a"], [], [1]) = ["a", 1]
concat([1], null) = !
contains(["a"], "b") = false
contains(["a"], "a") = true
contains([1], "1") = false
dirname("/a/b.json") = "/a"
dirname("b.json") = "."
distinct(["1", "1", "a"]) = ["1", "a"]
element(["a", "b"], 3) = "b"
element([], 0) = !
endswith("abc", "bc") = true
flatten([[1, [2]], 3, toset([4])]) = [1, 2, 3, 4]
flatten([{a = [1]}]) = [{"a" = [1]}]
floor(-1.2) = -2
format("%5d|%-5s|%05.1f|%x|%%", 3, "a", 2.75, 255) = "    3|a    |002.8|ff|%"
format("%q|%v|%t", "h", ["a"], true) = "\"h\"|[\"a\"]|true"
format("%[2]s %[1]s", "a", "b") = "b a"
format("%s", 1) = "1"
format("%s %s", "a") = !
format("%s", "a", "b") = !
formatlist("%s-%s", ["a", "b"], "c") = ["a-c", "b-c"]
indent(2, "a\nb") = "a\n  b"
index(["a", "b"], "a") = 0
index(["a", "b"], "b") = 1
index(["a", "b"], "c") = !
join("-", ["a", 1, true]) = "a-1-true"
join(",", []) = ""
jsondecode("{\"a\":1.0,\"b\":[null]}") = {"a" = 1, "b" = [null]}
jsondecode(jsonencode({b = [1]})).b[0] = 1
keys({b = 1, a = 2}) = ["a", "b"]
keys(null) = !
length("héé") = 3
length({a = 1}) = 1
length(toset(["a", "a"])) = 1
log(8, 2) = 3
lookup({a = 1}, "b", "d") = "d"
lookup({a = null}, "a", 1) = null
lower("ABC") = "abc"
matchkeys(["a", "b"], ["x", "y"], ["y"]) = ["b"]
max(1, 2) = 2
max([1, 2]...) = 2
merge({a = 1}, null, {a = 2, b = 3}) = {"a" = 2, "b" = 3}
merge() = {}
min(3, "2") = 2
nonsensitive("a") = "a"
one([]) = null
one(["a"]) = "a"
one([1, 2]) = !
parseint("ff", 16) = 255
pow(2, 3) = 8
range(3) = [0, 1, 2]
range(1, 10, 3) = [1, 4, 7]
range(3, 0) = [3, 2, 1]
range(1, 5, -1) = !
regex("b", "b") = "b"
regex("^a(.)", "ab") = ["b"]
regex("(?P<x>a)", "ab") = {"x" = "a"}
regexall("(a)(b)?", "aba") = [["a", "b"], ["a", null]]
replace("a.b", ".", "-") = "a-b"
replace("hello", "/(l+)/", "<$1>") = "he<ll>o"
reverse([1, 2]) = [2, 1]
setintersection(["a", "b"], ["b"]) = ["b"]
setproduct(["a", "b"], [1, 2]) = [["a", 1], ["a", 2], ["b", 1], ["b", 2]]
setsubtract(["a", "b"], ["b"]) = ["a"]
setunion(["b"], ["a"]) = ["a", "b"]
signum(-3) = -1
slice([1, 2, 3], 1, 2) = [2]
slice([1, 2, 3], 1, 4) = !
sort(["b", "A", "a"]) = ["A", "a", "b"]
split(",", "a,b") = ["a", "b"]
split(",", "") = [""]
startswith("abc", "ab") = true
strcontains("abc", "b") = true
strrev("abc") = "cba"
substr("hello", 1, -1) = "ello"
substr("hello", -3, 2) = "ll"
sum([1, 2.5]) = 3.5
templatestring("a", {}) = !
title("hello world foo-bar it's a_b") = "Hello World Foo-Bar It'S A_b"
tobool("true") = true
tolist(["a", 1]) = ["a", "1"]
tomap({a = 1, b = "x"}) = {"a" = "1", "b" = "x"}
tonumber("3.0") = 3
tonumber("x") = !
toset([3, "a", true]) = ["3", "a", "true"]
toset("a") = !
tostring(1.0) = "1"
tostring(null) = null
tostring([1]) = !
transpose({a = ["x", "y"]}) = {"x" = ["a"], "y" = ["a"]}
trim("xxaxx", "x") = "a"
trimprefix("foobar", "foo") = "bar"
trimspace("  a ") = "a"
trimsuffix("foobar", "bar") = "foo"
try(null.a, 3) = 3
try(tostring([1]), "no") = "no"
upper("abc") = "ABC"
urlencode("a b/c&d~é") = "a+b%2Fc%26d~%C3%A9"
values({b = 1, a = 2}) = [2, 1]
zipmap(["a", "b"], [1, 2]) = {"a" = 1, "b" = 2}
file("policy.json") = "{\"a\": \"${not_interpolated}\"}"
fileexists("policy.json") = true
provider::aws::arn_build("aws", "kms", "eu-west-1", "1", "key/a") = "arn:aws:kms:eu-west-1:1:key/a"
provider::own::arn_parse("arn:aws:kms:eu-west-1:1:key/a:b").resource = "key/a:b"
"""


def _parts(line):
    """The source and the answer: split at the ` = ` outside of all brackets."""
    depth = 0
    for at, character in enumerate(line):
        depth += (character in "([{") - (character in ")]}")
        if depth == 0 and line[at : at + 3] == " = ":
            return line[:at], line[at + 3 :]
    raise AssertionError(line)


CASES = [_parts(line) for line in KNOWN.strip().splitlines()]


@pytest.mark.parametrize(("source", "answer"), CASES, ids=[source for source, _ in CASES])
def test_a_function_answers_as_terraform_does(source, answer):
    value = value_of(source)
    if answer == "!":
        assert isinstance(value, Hole)
    else:
        assert describe(value) == answer
    assert value_of(f"can({source})") is (answer != "!")


# What becomes of open values. A result without `${}` is known.
OPEN = [
    ("an open list is any number of elements", 'concat(["a"], var.l, ["b"])', '["a", var.l..., "b"]'),
    ("an open element of a flattened list may be a list", 'flatten([["a"], var.l])', '["a", var.l...]'),
    ("an account id in a flattened list is one element", 'flatten([["a"], account])', '["a", <this account>]'),
    ("a text is turned around by what people see as a character", r'strrev("x\u0301b")', '${strrev("x\u0301b")}'),
    ("an open element may be empty, and vanish", 'compact(["a", var.x])', '["a", var.x...]'),
    ("merging an open map is open", "merge({a = 1}, var.m)", '${merge({"a" = 1}, var.m)}'),
    ("a list that ends open has no known length", 'length(concat(["a"], var.l))', '${length(["a", var.l...])}'),
    ("what stands before an open end is at its place", 'concat(["a"], var.l)[0]', '"a"'),
    ("what stands after it is not", 'element(concat(var.l, ["a"]), 0)', '${element([var.l..., "a"], 0)}'),
    ("a known element decides", 'contains(["a", var.x], "a")', "true"),
    ("an open one does not", 'contains(["b", var.x], "a")', '${contains(["b", var.x], "a")}'),
    ("an account id is no asterisk", "contains([name], 1)", "false"),
    ("joining keeps holes", 'join(":", ["arn", var.x])', '"arn:${var.x}"'),
    ("joining an open list is open", 'join("", var.l)', '${join("", var.l)}'),
    ("format keeps holes", 'format("%s-%05d", var.x, 3)', '"${var.x}-00003"'),
    ("format of a padded hole is a hole", 'format("a%5s", var.x)', '"a${format("%5s", var.x)}"'),
    ("an account id in a template holds no verb", 'format("${account}:%s:%s", "a", 1)', '"${<this account>}:a:1"'),
    ("an open value in a template may hold one", 'format("${var.x}%s", "a")', '${format("${var.x}%s", "a")}'),
    ("a verb cut by a hole", 'format("%${region}", "a")', '${format("%${<this Region>}", "a")}'),
    (
        "formatlist takes such templates",
        'formatlist("${region}:%s", ["a", "b"])',
        '["${<this Region>}:a", "${<this Region>}:b"]',
    ),
    ("formatlist goes through known lists", 'formatlist("<%s>", ["a", var.x])', '["<a>", "<${var.x}>"]'),
    ("formatlist of an open list is open", 'formatlist("<%s>", var.l)', '${formatlist("<%s>", var.l)}'),
    ("lower keeps what is in lower case", 'lower("A${region}${var.x}")', '"a${<this Region>}${lower(var.x)}"'),
    (
        "an ARN splits before its open part",
        'split(":", "a:b:${var.x}:c")',
        '["a", "b", split(":", "a:b:${var.x}:c")...]',
    ),
    ("an account id hides no tilde", 'split("~", "a~${account}~c")', '["a", <this account>, "c"]'),
    ("an account id hides no colon", 'split(":", "a:${account}:c")', '["a", <this account>, "c"]'),
    ("a known beginning decides", 'startswith("ab${var.x}", "a")', "true"),
    ("a different beginning decides", 'startswith("ab${var.x}", "ac")', "false"),
    ("a short beginning does not", 'startswith("a${var.x}", "ab")', '${startswith("a${var.x}", "ab")}'),
    ("a known prefix is trimmed", 'trimprefix("ab${var.x}", "a")', '"b${var.x}"'),
    ("the first value that is certainly there", 'coalesce(null, "a${var.x}", "b")', '"a${var.x}"'),
    ("a value that may be missing", 'coalesce(null, var.x, "b")', '${coalesce(var.x, "b")}'),
    ("try takes holes for what exists", 'try(var.x.y, "b")', "${var.x.y}"),
    ("can does not", "can(var.x.y)", "${can(var.x.y)}"),
    ("an open key", 'lookup({a = 1}, var.k, "d")', '${lookup({"a" = 1}, var.k, "d")}'),
    ("keys and values of known keys", "values({b = var.x, a = 1})", "[1, var.x]"),
    ("zipmap keeps open values", 'zipmap(["a"], [var.x])', '{"a" = var.x}'),
    ("a set of open elements", 'toset(["b", var.x, "b"])', '["b", var.x]'),
    ("a set of open elements has no length", 'length(toset(["b", var.x]))', '${length(["b", var.x])}'),
    ("nor has it an index", 'tolist(toset(["b", var.x]))[0]', '${["b", var.x][0]}'),
    ("nor has a loop over it", '[for one in toset(["b", var.x]) : one][0]', '${["b", var.x][0]}'),
    ("nor has it in reverse", 'reverse(toset(["b", var.x]))[0]', '${[var.x, "b"][0]}'),
    ("nor has it at the end of a list", 'element(concat(["a"], tolist(toset(["b", var.x]))), 1)', None),
    ("nor sorted", 'sort(["b", var.x])[0]', '${["b", var.x][0]}'),
    ("nor flattened", 'flatten([["a"], toset(["b", account])])[1]', '${["a", <this account>, "b"][1]}'),
    ("a list without repeats may be shorter", 'length(distinct(["b", var.x]))', '${length(["b", var.x])}'),
    ("values in the order of open keys", "values({ (var.x) = 1, b = 2 })[0]", "${[1, 2][0]}"),
    ("an open member is no no", 'setsubtract([var.x], ["a"])', '${setsubtract([var.x], ["a"])}'),
    ("nor is it one for its place", 'index([var.x, "a"], "a")', '${index([var.x, "a"], "a")}'),
    ("a number beside an open value may be a string", "tolist([1, var.x])", "[convert(1, [1, var.x]), var.x]"),
    ("one of an open list", "one(aws_kms_key.k[*].arn)", "${one(aws_kms_key.k[*].arn)}"),
    (
        "jsonencode keeps the structure",
        'jsonencode({a = var.x, b = ["c${var.y}"]})',
        'jsonencode({"a" = var.x, "b" = ["c${var.y}"]})',
    ),
    ("jsondecode reads it back", "jsondecode(jsonencode({a = [var.x]})).a", "[var.x]"),
    ("jsondecode reads text with holes", 'jsondecode("{\\"a\\": \\"b${var.x}\\"}").a', '"b${var.x}"'),
    (
        "JSON within text becomes text",
        '"<${jsonencode({a = "b${var.x}", c = var.y})}>"',
        '"<{"a":"b${var.x}","c":${var.y}}>"',
    ),
    ("a file that cannot be read", 'file("missing")', '${file("missing")}'),
    (
        "a template file",
        'templatefile("policy.tpl", {arn = var.x, items = ["a", "b"]})',
        '"{"AWS": "${var.x}", "list": ["a", "b"]}"',
    ),
    ("a template file of its own", 'templatefile("endless.tpl", {})', '${templatefile("endless.tpl", {})}'),
    ("a broken template file", 'templatefile("broken.tpl", {})', '${templatefile("broken.tpl", {})}'),
    ("a template file that misses a variable", 'templatefile("policy.tpl", {})', '${templatefile("policy.tpl", {})}'),
    (
        "an ARN in parts",
        'provider::aws::arn_parse("arn:aws:kms:${region}:${account}:key/a").account_id',
        "<this account>",
    ),
    ("what nobody can foretell", "timestamp()", "${timestamp()}"),
    ("a function that is not known", 'nosuch(var.x, "a")', '${nosuch(var.x, "a")}'),
    (
        "a pattern that could take forever elsewhere",
        'can(regex("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"))',
        "false",
    ),
    ("a pattern that is not read here", 'regex("\\\\pL", "a")', '${regex("\\\\pL", "a")}'),
    ("the end of a path below an open folder", 'basename("${path.cwd}/a/b.json")', '"b.json"'),
    ("the end of an open path", 'basename("a${var.x}")', '${basename("a${var.x}")}'),
    ("a path below a folder, from there", 'trimprefix("${path.cwd}/a", "${path.cwd}/")', '"a"'),
    (
        "another folder's is not",
        'trimprefix("${path.cwd}/a", "${path.root}/")',
        '${trimprefix("${path.cwd}/a", "${path.root}/")}',
    ),
    (
        "a folder above it is not",
        'trimprefix("${path.cwd}/../a", path.cwd)',
        '${trimprefix("${path.cwd}/../a", path.cwd)}',
    ),
    ("a home is not known", 'pathexpand("~/x")', '"${pathexpand("~")}/x"'),
    ("what is in it has a name", 'basename(pathexpand("~/a/x"))', '"x"'),
    ("a digest of an open text", 'sha256("a${var.x}")', '${sha256("a${var.x}")}'),
    ("null of no known type", 'format("%v", null)', '${format("%v", null)}'),
    ("null in a list", 'formatlist("%v", ["a", null])', '["a", "null"]'),
    (
        "the ARN of a role of an open account, without its path",
        'provider::aws::trim_iam_role_path("arn:aws:iam::${account}:role/a/b")',
        '"arn:aws:iam::${<this account>}:role/b"',
    ),
    (
        "a role of any name",
        'provider::aws::trim_iam_role_path("arn:aws:iam::1:role/a/${var.x}")',
        '${provider::aws::trim_iam_role_path("arn:aws:iam::1:role/a/${var.x}")}',
    ),
    ("what is sensitive is not kept", "issensitive(var.x)", "${issensitive(var.x)}"),
    ("what is plain is not sensitive", 'issensitive("a")', "false"),
    ("an expanded open list", "max(var.l...)", "${max(var.l)}"),
]


@pytest.mark.parametrize(("source", "answer"), [case[1:] for case in OPEN], ids=[case[0] for case in OPEN])
def test_a_function_keeps_what_is_known(source, answer):
    value = value_of(source)
    if answer is None:
        assert isinstance(value, Hole)
    else:
        assert shown(value) == answer


HUGE = [
    "range(100000)",
    "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]]",
    'format("%999999999d", 1)',
    'format("%.999999999f", 1)',
    'indent(999999999, "a\\nb")',
    "setproduct(range(1000), range(1000))",
    "pow(10, 100000)",
    'replace(join("", [for i in range(1000) : "aaaaaaaaaa"]), "a", join("", [for i in range(1000) : "aaaaaaaaaa"]))',
    'join(join("", [for i in range(1000) : "aaaaaaaaaa"]), range(1000))',
    'regex("(a|b|ab|ba)*c", join("", [for i in range(1000) : "abbaababbaab"]))',
    'regexall("(((a?){10}){10}){10}", join("", [for i in range(1000) : "aaaaaaaaaa"]))',
    'regexall("", join("", [for i in range(1000) : "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]))',
    'jsondecode(join("", [for i in range(1000) : "[[[[[[[[[["]))',
    'parseint("1e99999999", 10)',
    "9e200 * 9e200",
    '[for i in range(1000) : true ? [for j in range(1000) : j] : ["a"]]',
    "[for i in range(1000) : contains([for j in range(1000) : j], [for j in range(1000) : j])]",
    'jsondecode(join("", [for i in range(300) : "["])) == [1]',
    "setunion([for i in range(1000) : [for j in range(1000) : j]], [[1]])",
]


@pytest.mark.parametrize("source", HUGE)
def test_no_function_does_much_more_than_it_may(source, calls_in):
    expression = parse_file(f"x = {source}\n").body.attributes["x"]
    found = []
    with metered():
        assert calls_in(lambda: found.append(evaluate(expression, Scope()))) < 20 * Budget.STEPS.amount
    assert isinstance(found[0], Hole)


def test_a_set_of_open_members_says_that_their_order_means_nothing():
    assert not isinstance(value_of('toset(["a"])'), Unordered)
    assert isinstance(value_of('toset(["b", var.x])'), Unordered)
    assert isinstance(value_of('distinct([var.x, "a"])'), Unordered)


def test_json_text_quotes_what_is_certainly_a_string():
    assert json_text(Json({"a": OWN_ACCOUNT, "b": Hole("${x}")})) == join(
        ['{"a":"', OWN_ACCOUNT, '","b":', Hole("${x}"), "}"]
    )


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "a", "1", "/a(/", "%s", "arn:aws:kms:a:b:c"])
    | st.sampled_from([Hole("${x}"), OWN_ACCOUNT, join(["a:", Hole("${y}"), "/b"])]),
    lambda inner: (
        st.lists(inner | st.just(Rest(Hole("${l}"))), max_size=3)
        | st.lists(inner, max_size=3).map(Unordered)
        | st.dictionaries(st.sampled_from(["a", "b", Hole("${k}")]), inner, max_size=2)
        | inner.map(Json)
    ),
    max_leaves=6,
)
NAMES = sorted(functions._OPEN.keys() | functions._KNOWN.keys())


def test_every_function_says_what_types_it_takes():
    """Those of a provider convert for themselves."""
    assert [name for name in NAMES if name not in SIGNATURES and not name.startswith("provider::")] == []


def test_terraform_was_asked_about_every_function():
    """The local name of a provider is anybody's choice; there it is `aws`."""
    patterns = (Path(__file__).parents[1] / "truth" / "patterns.txt").read_text(encoding="utf-8")
    kinds = {line[3:].replace("provider::aws::", "provider::") for line in patterns.splitlines() if line[:3] == "== "}
    assert [name for name in NAMES if name not in kinds] == []


@given(st.sampled_from(NAMES), st.lists(VALUES, max_size=4))
def test_a_function_returns_or_reports_what_terraform_would(name, arguments):
    try:
        value = call(name, arguments)
    except (Failure, TooLarge):
        return
    assert not (isinstance(value, float) and math.isnan(value))
    describe(value)
