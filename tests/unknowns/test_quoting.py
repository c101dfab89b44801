"""No sentence prints what a file holds: names are quoted, and shortened; anything else is only described."""

from __future__ import annotations

import json
from typing import Any, Dict, List

import pytest

from ctkms.iam.document import parse
from ctkms.iam.lint import open_resources, problems_of
from ctkms.unknowns.quoting import LONGEST_ARN, quoted

KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
INSIDE = "nobodys-business"
FILES = {
    "lines": f"[default]\naws_secret_access_key = {INSIDE}\n",
    "many lines": f"{INSIDE}\n" * 200,
    "one long line": INSIDE * 200,
    "what is not printed": f"\x00\x1b[31m{INSIDE}",
}


def policies(text: str) -> Dict[str, Any]:
    """A policy for each place in which the content of a file may stand."""
    good = {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
    changes: Dict[str, Dict[str, Any]] = {
        "Sid": {"Sid": text, "Action": "kms:Nothing"},
        "Effect": {"Effect": text},
        "Effect in a list": {"Effect": [text]},
        "Principal": {"Principal": text},
        "Principal in a list": {"Principal": [text]},
        "AWS principal": {"Principal": {"AWS": text}},
        "account of an AWS principal": {"Principal": {"AWS": f"arn:aws:iam::{text}:root"}},
        "name of an AWS principal": {"Principal": {"AWS": f"arn:aws:iam::111122223333:other/{text}"}},
        "service principal": {"Principal": {"Service": text}},
        "type of principal": {"Principal": {text: "*"}},
        "Action": {"Action": text},
        "Resource": {"Resource": text},
        "alias": {"Resource": f"arn:aws:kms:us-east-1:111122223333:alias/{text}"},
        "operator": {"Condition": {text: {"aws:username": "x"}}},
        "operator without keys": {"Condition": {text: "x"}},
        "condition key": {"Condition": {"StringEquals": {text: "x"}}},
        "element": {text: "x"},
        "element that is null": {text: None},
    }
    made: Dict[str, Any] = {
        place: {"Version": "2012-10-17", "Statement": [{**good, **change}]} for place, change in changes.items()
    }
    made["the same Sid twice"] = {"Version": "2012-10-17", "Statement": [{**good, "Sid": text}] * 2}
    made["Version"] = {"Version": text, "Statement": [good]}
    made["element of the policy"] = {"Version": "2012-10-17", "Statement": [good], text: "x"}
    made["the whole policy"] = text
    made["behind a policy"] = json.dumps({"Version": "2012-10-17", "Statement": [good]}) + text
    made["in a policy"] = '{"Version": "2012-10-17", ' + text + "}"
    made["a name that stands twice"] = f"{{{json.dumps(text)}: 1, {json.dumps(text)}: 2}}"
    made["an escape of no meaning"] = '{"\\\\q' + text + '": 1}'
    return made


PLACES = tuple(policies(""))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("content", FILES)
def test_the_content_of_a_file_is_not_quoted(content: str, place: str):
    document = parse(policies(FILES[content])[place])
    said: List[str] = [part for problem in problems_of(document, KEY) for part in (problem.what, problem.where)]
    said += [statement.label for statement in document.statements]
    said += [hole.source for hole in open_resources(document, KEY)]
    assert document.problems or problems_of(document, KEY)
    assert not [one for one in said if INSIDE in one]


def test_a_name_is_quoted():
    assert quoted("AllowCloudTrail") == '"AllowCloudTrail"'
    assert quoted("클라우드") == '"클라우드"'


def test_a_long_name_is_shortened_in_the_middle():
    role = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Audit"
    assert quoted(role, LONGEST_ARN) == '"arn:aws:iam::111122223333:rol...-west-1/AWSReservedSSO_Audit"'


def test_what_is_no_name_is_described():
    assert quoted("x" * 1_234) == "a text of 1,234 characters"
    assert quoted("two\nlines") == "a text of 9 characters"
