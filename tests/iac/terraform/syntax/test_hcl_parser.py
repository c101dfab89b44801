"""Terraform's syntax: what each form reads as, and that no text can break the reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctkms.iac.terraform.syntax import syntax_tree as syntax
from ctkms.iac.terraform.syntax.hcl_parser import parse_file, parse_template
from ctkms.iac.terraform.syntax.syntax_tree import (
    Attribute,
    Binary,
    Broken,
    Call,
    Conditional,
    Directive,
    ForExpr,
    Index,
    ListExpr,
    Literal,
    ObjectExpr,
    Splat,
    Template,
    Unary,
    Variable,
)


def expression(source):
    parsed = parse_file(f"x = {source}\n")
    assert not parsed.problems, parsed.problems
    assert len(parsed.body.attributes) == 1
    return parsed.body.attributes["x"]


def tree(node):
    """The shape of an expression, short enough to write down."""
    return _SHAPES[type(node)](node)


def shape(value):
    """A plain value, in the shape that its parts would have as expressions."""
    if isinstance(value, list):
        return f"[{', '.join(map(shape, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{shape(key)}={shape(item)}" for key, item in value.items()) + "}"
    return f"t({value!r})".replace("''", "") if isinstance(value, str) else str(value).lower()


_SHAPES = {
    str: lambda node: repr(node),
    Literal: lambda node: str(node.value).lower(),
    Template: lambda node: "t(" + " ".join(map(tree, node.parts)) + ")",
    Variable: lambda node: node.name,
    Attribute: lambda node: f"{tree(node.target)}.{node.name}",
    Index: lambda node: f"{tree(node.target)}[{tree(node.key)}]",
    Splat: lambda node: f"splat({tree(node.target)}: {tree(node.each)})",
    Call: lambda node: f"{node.name}({', '.join(map(tree, node.arguments))}{'...' if node.expand else ''})",
    Unary: lambda node: f"({node.operator}{tree(node.operand)})",
    Binary: lambda node: f"({tree(node.left)} {node.operator} {tree(node.right)})",
    Conditional: lambda node: f"({tree(node.condition)} ? {tree(node.yes)} : {tree(node.no)})",
    ListExpr: lambda node: f"[{', '.join(map(tree, node.items))}]",
    ObjectExpr: lambda node: "{" + ", ".join(f"{tree(key)}={tree(value)}" for key, value in node.items) + "}",
    ForExpr: lambda node: (
        f"for({node.key},{node.item} in {tree(node.collection)}: "
        + (f"{tree(node.result_key)}=>" if node.result_key else "")
        + tree(node.result)
        + ("..." if node.grouped else "")
        + (f" if {tree(node.condition)}" if node.condition else "")
        + ")"
    ),
    Directive: lambda node: (
        f"%{node.keyword}({node.key},{node.item} {tree(node.head)}: {tree(node.body)}"
        + (f" else {tree(node.otherwise)}" if node.otherwise else "")
        + ")"
    ),
}

EXPRESSIONS = [
    ("a number is a literal", "1.50", "1.5"),
    ("a whole number is an int, however it is written", "1e3", "1000"),
    ("the keywords are literals", "[true, false, null]", "[true, false, none]"),
    ("a plain string is a template of its text", '"a"', "t('a')"),
    ("an empty string has no parts", '""', "t()"),
    ("interpolation is a part of its own", '"a${var.x}b"', "t('a' var.x 'b')"),
    ("templates nest", '"${f("${var.x}")}"', "t(f(t(var.x)))"),
    ("a brace within an inner string does not end the interpolation", '"${f("}")}"', "t(f(t('}')))"),
    ("backslash escapes are resolved", r'"\"\\\n\t\u00e9\U0001F600"', repr("x")[:0] + "t('\"\\\\\\n\\té😀')"),
    ("a doubled dollar or percent sign is literal", '"$${x} %%{y}"', "t('${x} %{y}')"),
    ("a lone dollar or percent sign is literal", '"$x 5% $$"', "t('$x 5% $$')"),
    ("strip markers take the blanks on their side", '"a ${~ var.x ~} \\n b"', "t('a' var.x 'b')"),
    ("an if directive", '"%{ if var.x }a%{ else }b%{ endif }"', "t(%if(None,None var.x: t('a') else t('b')))"),
    ("a for directive", '"%{ for k, v in var.m }${k}%{ endfor }"', "t(%for(k,v var.m: t(k)))"),
    ("a heredoc keeps its last newline", "<<EOT\na\n  b\nEOT", "t('a\\n  b\\n')"),
    ("a flush heredoc loses its common indentation", "<<-EOT\n    a\n\n      b\n    EOT", "t('a\\n\\n  b\\n')"),
    ("backslashes and quotes in a heredoc are literal", '<<EOT\n"\\n"\nEOT', "t('\"\\\\n\"\\n')"),
    (
        "an interpolation over several lines does not count as indentation",
        "<<-EOT\n    a ${\n  var.x\n  }\n    EOT",
        "t('a ' var.x '\\n')",
    ),
    (
        "a strip marker in a heredoc takes one line end",
        "<<EOT\n%{ if var.x ~}\n  a\n%{ endif ~}\nEOT",
        "t(%if(None,None var.x: t('  a\\n')) '')",
    ),
    ("attributes and indexes chain", 'var.a["b"].c[0]', "var.a[t('b')].c[0]"),
    ("a legacy index is an index", "aws_kms_key.k.0.arn", "aws_kms_key.k[0].arn"),
    ("a full splat takes what follows", "a.b[*].c[0]", "splat(a.b: *.c[0])"),
    ("an attribute splat takes attributes only", "a.b.*.c.d[0]", "splat(a.b: *.c.d)[0]"),
    ("splats nest", "a[*].b[*].c", "splat(a: splat(*.b: *.c))"),
    ("a call may span lines", "f(\n  1,\n  2,\n)", "f(1, 2)"),
    ("a call may expand its last argument", "f(var.x...)", "f(var.x...)"),
    ("a provider's function has a long name", "provider::aws::arn_parse(1)", "provider::aws::arn_parse(1)"),
    ("multiplication binds tighter than addition", "1 + 2 * 3 - 4", "((1 + (2 * 3)) - 4)"),
    ("comparison binds tighter than logic", "a < 1 && b == 2 || !c", "(((a < 1) && (b == 2)) || (!c))"),
    ("a minus sign belongs to its operand", "-a.b + 1", "((-a.b) + 1)"),
    ("conditionals nest to the right", "a ? 1 : b ? 2 : 3", "(a ? 1 : (b ? 2 : 3))"),
    ("parentheses group, over lines", "(1 +\n 2) * 3", "((1 + 2) * 3)"),
    ("a list may end in a comma", "[1, 2,\n]", "[1, 2]"),
    (
        "an object takes every kind of separator and key",
        '{ a = 1, "b" : 2\n (c) = 3\n "d${e}" = 4, 5 = 6 }',
        "{t('a')=1, t('b')=2, c=3, t('d' e)=4, 5=6}",
    ),
    ("keywords may be keys", "{ true = 1, if = 2 }", "{t('true')=1, t('if')=2}"),
    ("an object may hold comments", "{ # one\n a = 1 // two\n /* three\n */ b = 2 }", "{t('a')=1, t('b')=2}"),
    ("a value may be followed by a comment", '{\n a = "x" # one\n}', "{t('a')=t('x')}"),
    ("a comma may follow a comment", "{ a = 1 /* one */ /* two */, b = 2 }", "{t('a')=1, t('b')=2}"),
    ("a for expression makes a list", "[for k, v in var.m : v if k != 1]", "for(k,v in var.m: v if (k != 1))"),
    ("a for expression makes an object", "{for x in y : x => 1...}", "for(None,x in y: x=>1...)"),
    ("a for expression may span lines", "{\n for x in y :\n x\n => 1\n}", "for(None,x in y: x=>1)"),
    (
        "an object in a call separates by lines again",
        "jsonencode({\n a = 1\n b = [\n2]\n})",
        "jsonencode({t('a')=1, t('b')=[2]})",
    ),
]


@pytest.mark.parametrize(
    ("source", "expected"), [case[1:] for case in EXPRESSIONS], ids=[case[0] for case in EXPRESSIONS]
)
def test_an_expression_reads_as(source, expected):
    assert tree(expression(source)) == expected


def test_expressions_keep_their_source():
    node = expression('concat(["a"], var.x ? local.a : "b${c}")')
    assert node.source == 'concat(["a"], var.x ? local.a : "b${c}")'
    assert [argument.source for argument in node.arguments] == ['["a"]', 'var.x ? local.a : "b${c}"']
    assert expression('"" == a').source == '"" == a'


BODIES = """# comment
resource "aws_kms_key" "k" {
  description = "k" # why
  policy      = <<EOT
{"a": "${var.x}"}
EOT

  dynamic "tag" {
    for_each = var.tags
    content { key = tag.key }
  }
}

resource aws_kms_alias a { name = "alias/a" }
locals {}
"""


def test_blocks_and_attributes_keep_their_order_labels_and_lines():
    parsed = parse_file(BODIES)
    assert parsed.problems == ()
    assert [(block.type, block.labels, block.line) for block in parsed.body.blocks] == [
        ("resource", ("aws_kms_key", "k"), 2),
        ("resource", ("aws_kms_alias", "a"), 14),
        ("locals", (), 15),
    ]
    key = parsed.body.blocks[0].body
    assert list(key.attributes) == ["description", "policy"]
    (dynamic,) = key.blocks_of("dynamic")
    assert (dynamic.labels, dynamic.line) == (("tag",), 8)
    assert tree(dynamic.body.blocks[0].body.attributes["key"]) == "tag.key"


COMMENTED = """resource /* a */ "aws_kms_key" /* b "x" {} = */ "k" /* c */ { /* d */
  description /* e */ = /* f */ "k" /* g */
  tags = { Name /* h */ = "n", /* i */ "x" /* j */ : 1, y /* k */ = [ /* l */ 2 /* m */] }
  dynamic /* n */ "tag" /* o
     p */ {
    for_each /* q */ = []
  }
}
locals /**/ {
  a/* r */=1
}
resource /* s */ aws_kms_alias /* t */ a/* u */{}
"""


def test_comments_in_the_head_of_a_block_or_an_attribute_are_comments():
    parsed = parse_file(COMMENTED)
    assert parsed.problems == ()
    assert [(block.type, block.labels) for block in parsed.body.blocks] == [
        ("resource", ("aws_kms_key", "k")),
        ("locals", ()),
        ("resource", ("aws_kms_alias", "a")),
    ]
    key = parsed.body.blocks[0].body
    assert {name: tree(value) for name, value in key.attributes.items()} == {
        "description": "t('k')",
        "tags": "{t('Name')=t('n'), t('x')=1, t('y')=[2]}",
    }
    assert [(block.type, block.labels) for block in key.blocks] == [("dynamic", ("tag",))]
    assert list(parsed.body.blocks[1].body.attributes) == ["a"]


def test_reading_starts_again_at_a_block_with_a_comment_in_its_head():
    parsed = parse_file('x = ]\nresource /* a */ "t" "n" /* b */ {}\n')
    assert [(block.type, block.labels) for block in parsed.body.blocks] == [("resource", ("t", "n"))]


def test_windows_line_ends_and_a_byte_order_mark_are_read():
    parsed = parse_file("\ufeff" + BODIES.replace("\n", "\r\n"))
    assert parsed.problems == ()
    assert len(parsed.body.blocks) == 3


GOOD = 'resource "aws_kms_key" "good" {\n  policy = "{}"\n}\n'
BROKEN = [
    ("a block that is not closed", 'resource "a" "b" {\n  x = 1\n', 1),
    ("a value that is missing", 'resource "a" "b" {\n  x =\n}\n', 2),
    ("a bracket that is not closed", 'resource "a" "b" {\n  x = [1, 2\n}\n', 3),
    ("a string that is not closed", 'resource "a" "b" {\n  x = "abc\n}\n', 2),
    ("a heredoc that is not closed", 'resource "a" "b" {\n  x = <<EOT\nabc\n}\n', 2),
    ("an escape that does not exist", 'resource "a" "b" {\n  x = "\\q"\n}\n', 2),
    ("two values in one line", 'resource "a" "b" {\n  x = 1 2\n}\n', 2),
    ("an attribute that is set twice", 'resource "a" "b" {\n  x = 1\n  x = 2\n}\n', 3),
    ("a directive that is not closed", 'resource "a" "b" {\n  x = "%{ if y }"\n}\n', 1),
    ("an interpolation that is not closed", 'resource "a" "b" {\n  x = "${y"\n}\n', 2),
    ("stray characters", "?? what\n", 1),
    ("a number longer than any", 'resource "a" "b" {\n  x = ' + "9" * 5000 + "\n}\n", 2),
]


@pytest.mark.parametrize(("broken", "line"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_broken_block_does_not_hide_the_next(broken, line):
    parsed = parse_file(broken + GOOD)
    assert [block.labels[1] for block in parsed.body.blocks] == ["good"]
    assert len(parsed.problems) == 1
    assert parsed.problems[0].line == line
    assert "\n" not in str(parsed.problems[0])


def test_a_template_file_is_read_like_a_heredoc():
    template = parse_template('{"a": "${x}", "b": "\\n"%{ for i in l ~}\n, ${i}\n%{ endfor ~}\n}')
    assert tree(template) == """t('{"a": "' x '", "b": "\\\\n"' %for(None,i l: t(', ' i '\\n')) '}')"""


def test_text_that_is_no_template_is_broken():
    template = parse_template("a ${ b")
    assert [type(part) for part in template.parts] == [Broken]


HOSTILE = [
    ("nested lists", "x = " + "[" * 5000),
    ("nested objects", "x = " + "{a=" * 5000),
    ("nested parentheses", "x = " + "(" * 5000 + ")" * 5000),
    ("nested blocks", "a {\n" * 5000),
    ("nested templates", "x = " + '"${' * 5000),
    ("a long row of operators", "x = 1" + " + 1" * 20000),
    ("a long row of negations", "x = " + "!" * 20000 + "a"),
    ("a long traversal", "x = a" + ".b" * 20000),
    ("a long row of splats", "x = a" + "[*]" * 20000),
    ("many heredocs that are not closed", "b {\n a = <<EOT\n" * 20000),
    ("comments that are not closed", "/* " * 50000),
    ("heads whose comment is not closed", "x /* y\n" * 20000),
    ("a head of many comments", "x " + "/**/ " * 50000),
    ("labels and comments in turn", "x " + 'y /**/ "z" ' * 20000),
    ("objects whose comment is not closed", "x = " + "{ a /* " * 5000),
    ("many comments", "x = 1 " + "/**/" * 50000 + "\n"),
    ("dollar signs", 'x = "' + "$" * 200000),
    ("blanks", "x = " + " " * 500000 + "?"),
    ("nested directives", "x = <<E\n" + "%{ if a }" * 5000 + "\nE\n"),
    ("conditionals in a row", "x = " + "a ? b : " * 5000 + "c"),
    ("many labels", "a " + '"b" ' * 50000),
]


@pytest.mark.parametrize("hostile", [case[1] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_hostile_text_costs_little(hostile, calls_in):
    read = []
    assert calls_in(lambda: read.append(parse_file(hostile + "\n" + GOOD))) < 10 * len(hostile) + 1000
    assert read[0].problems or read[0].body.blocks
    assert calls_in(lambda: parse_template(hostile)) < 10 * len(hostile) + 1000


def test_a_large_heredoc_is_read():
    parsed = parse_file("x = <<EOT\n" + "some text\n" * 200_000 + "EOT\n")
    assert parsed.problems == ()
    (text,) = parsed.body.attributes["x"].parts
    assert isinstance(text, str)
    assert len(text) == 2_000_000


FRAGMENTS = st.sampled_from(
    [
        *('${ } %{ " [ ] { ( ) : => = . * 0 1.5 ? ... :: == && ! - # /* */ \\ , a'.split()),
        *("%{ if a }", "%{ endif ~}", "<<EOT\n", "EOT\n", "for x in y", "\n", "b {", " "),
    ]
)


@given(st.text() | st.lists(FRAGMENTS, max_size=60).map("".join))
def test_no_text_raises(text):
    parsed = parse_file(text)
    assert isinstance(parsed.body, syntax.Body)
    assert isinstance(parse_template(text), Template)
