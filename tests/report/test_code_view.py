"""The lines of a resource, with the elements that decide marked."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional, Tuple

import pytest
from tests.report.records import CONDITION_LINE, location, record, report, said

from ctkms.report import to_console, to_markdown
from ctkms.report.code_view import LONGEST_LINE, MOST_LINES, change, difference, marked
from ctkms.report.results import Edit, Place, read

CODE = ((7, "Key:"), (8, "  Sid: One"), (9, "  Action:"), (10, '    - "kms:*"'))


def place(first, first_column, last, last_column) -> Place:
    return Place("a.yaml", first, first_column, last, last_column)


def shown(*places):
    """Each line, with what is marked in brackets and the findings that it decides."""
    lines = marked(CODE, list(enumerate(places, 1)))
    return [
        "".join(
            f"[{''.join(map(str, piece.decides))}:{piece.text}]" if piece.decides else piece.text
            for piece in line.pieces
        )
        for line in lines
    ]


@pytest.mark.parametrize(
    ("places", "lines"),
    [
        ([], ["Key:", "  Sid: One", "  Action:", '    - "kms:*"']),
        ([place(8, 8, 8, 11)], ["Key:", "  Sid: [1:One]", "  Action:", '    - "kms:*"']),
        ([place(9, 3, 11, 1)], ["Key:", "  Sid: One", "  [1:Action:]", '    [1:- "kms:*"]']),
        (
            [place(8, 3, 8, 11), place(8, 8, 8, 11)],
            ["Key:", "  [1:Sid: ][12:One]", "  Action:", '    - "kms:*"'],
        ),
        ([place(8, 8, 8, 99)], ["Key:", "  Sid: [1:One]", "  Action:", '    - "kms:*"']),
        ([place(70, 1, 71, 1)], ["Key:", "  Sid: One", "  Action:", '    - "kms:*"']),
    ],
    ids=["nothing", "a value", "lines without their indentation", "one in another", "beyond the end", "elsewhere"],
)
def test_what_decides_is_marked(places, lines) -> None:
    assert shown(*places) == lines


def test_of_a_long_resource_the_lines_around_the_element_are_shown() -> None:
    code = tuple((number, "x") for number in range(1, 10_001))
    lines = marked(code, [(1, place(9000, 1, 9000, 2))])
    assert len(lines) == MOST_LINES + 7
    assert [line.number for line in lines if line.left_out] == [8997]
    assert next(line for line in lines if line.number == 9000).pieces[0].decides == (1,)


def test_a_long_line_is_cut() -> None:
    (line,) = marked(((1, "x" * 100_000),), [(1, place(1, 1, 1, 90_000))])
    assert sum(len(piece.text) for piece in line.pieces) == LONGEST_LINE + 1


def test_what_cannot_be_seen_is_shown_without_moving_the_mark() -> None:
    (line,) = marked(((1, "\u202ea\x1bb"),), [(1, place(1, 4, 1, 5))])
    assert [(piece.text, piece.decides) for piece in line.pieces] == [("\\u202ea\\x1b", ()), ("b", (1,))]


def test_a_repair_is_shown_as_what_it_changes() -> None:
    edits = [Edit(place(8, 8, 8, 11), "Two"), Edit(place(10, 7, 10, 14), "")]
    assert difference(CODE, edits) == [
        ("@", "line 8"),
        (" ", "Key:"),
        ("-", "  Sid: One"),
        ("+", "  Sid: Two"),
        (" ", "  Action:"),
        ("-", '    - "kms:*"'),
        ("+", "    - "),
    ]


def test_a_repair_may_add_lines() -> None:
    assert ("+", "  Effect: Allow") in difference(CODE, [Edit(place(8, 11, 8, 11), "\n  Effect: Allow")])


@pytest.mark.parametrize("edits", [[], [Edit(place(70, 1, 70, 2), "x")], [Edit(Place("a.yaml", 8, 0, 8, 0), "x")]])
def test_a_repair_of_other_lines_is_not_shown(edits) -> None:
    assert difference(CODE, edits) == []


INSIDE = {**location(CONDITION_LINE, "StringEquals"), "new_text": "StringLike"}
INSIDE_SHOWN = [
    ("@", f"infra/keys/main.tf line {CONDITION_LINE}"),
    ("-", '      Condition = { StringEquals = { "aws:SourceArn" = "arn:aws:cloudtrail:*" } }'),
    ("+", '      Condition = { StringLike = { "aws:SourceArn" = "arn:aws:cloudtrail:*" } }'),
]


def added(file: str, line: int, text: str) -> Dict[str, Any]:
    return {"file": file, "start_line": line, "start_column": 1, "end_line": line, "end_column": 1, "new_text": text}


def shown_change(*edits: Dict[str, Any], text: Optional[str] = None) -> List[Tuple[str, str]]:
    """The lines of a change that are added, taken away or named, as a report shows them."""
    fix = {"text": "t", "status": "proved", "edits": list(edits), "reason": ""}
    found = read(report(record(ctkms=said(fix=fix)))).records[0]
    return [line for line in change(found, lambda file: text) if line[0] != " "]


def test_what_is_added_beside_the_resource_is_shown_with_its_line() -> None:
    shown = shown_change(INSIDE, added("/keys/main.tf", 90, '\ndata "aws_caller_identity" "current" {}\n'))
    assert shown == [
        *INSIDE_SHOWN,
        ("@", "infra/keys/main.tf line 90"),
        ("+", 'data "aws_caller_identity" "current" {}'),
    ]


def test_what_is_replaced_beside_the_resource_is_not_shown_and_nor_is_the_rest() -> None:
    assert shown_change(INSIDE, {**added("/keys/main.tf", 90, "x"), "end_column": 9}) == []


def test_where_a_file_is_at_hand_all_of_it_is_shown() -> None:
    edit = {**added("/keys/policy.json", 2, "b"), "end_column": 2}
    assert shown_change(edit, text="1\na\n3\n") == [("@", "infra/keys/policy.json line 2"), ("-", "a"), ("+", "b")]


def test_what_is_added_at_one_place_keeps_its_order() -> None:
    edits = [Edit(place(8, 11, 8, 11), ","), Edit(place(8, 11, 8, 11), "\n  Effect: Allow")]
    assert [line for line in difference(CODE, edits) if line[0] == "+"] == [
        ("+", "  Sid: One,"),
        ("+", "  Effect: Allow"),
    ]


def test_a_change_for_two_findings_is_shown_once() -> None:
    both = report(record(), record(check_id="CKV_CTKMS_002"))
    for format_ in (to_console, to_markdown):
        text = format_.render(read(both))
        assert text.count("StringLike = {") == 1
        assert re.search(r"It\s+is\s+the\s+change\s+that\s+\S*CKV_CTKMS_001\S*\s+asks\s+for", text)
