"""Terraform's `csvdecode`.

https://developer.hashicorp.com/terraform/language/functions/csvdecode
"""

from __future__ import annotations

import re
from typing import List

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.evaluation.conversion import plain
from ctkms.iac.terraform.evaluation.value_types import STRING, Type, list_of
from ctkms.iac.terraform.evaluation.values import ListOf, Value, fail

_FIELD = re.compile(r'(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|\Z)')


def csv_decode(value: Value) -> Value:
    """`csvdecode(value)`: an object for each row, with the names of the first one."""
    text = plain(value).replace("\r\n", "\n")
    rows = _rows(text[:-1] if text.endswith("\r") else text)
    if not rows:
        return fail("csvdecode takes a row of names")
    names = rows[0]
    if len(set(names)) < len(names) or any(len(row) != len(names) for row in rows):
        return fail("the rows do not have the columns that the first one names")
    row_type = Type("object", tuple([STRING] * len(names)), tuple(sorted(names)))
    return ListOf([dict(zip(names, row)) for row in rows[1:]], list_of(row_type))


def _rows(text: str) -> List[List[str]]:
    """The fields of each row; empty lines are none."""
    rows: List[List[str]] = []
    row: List[str] = []
    at = 0
    while at < len(text) or row:
        if not row and text[at] == "\n":
            at += 1
            continue
        field = _FIELD.match(text, at)
        if field is None:
            return fail("a field has a quotation mark where none may be")
        take(Budget.STEPS)
        at = field.end()
        row.append(field[2] if field[1] is None else field[1].replace('""', '"'))
        if field[3] != ",":
            rows.append(row)
            row = []
    return rows
