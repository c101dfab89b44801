"""Which resources the Resource element of a statement covers.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

import re
from typing import Sequence

from ctkms.iam.patterns import ARN_SECTIONS, SERVICE, arn_sections, is_open, matches, matches_arn
from ctkms.unknowns.quoting import LONGEST_ARN, quoted
from ctkms.unknowns.text import Kind, Text, holes_in, parts_of, split
from ctkms.unknowns.truth import FALSE, TRUE, UNKNOWN, Truth, all_of, any_of


def matches_resource(pattern: Text, resource: Text) -> Truth:
    """Whether the Resource of a statement is this resource: the same text, or an ARN with wildcards that covers it."""
    whole = matches(pattern, resource)
    if whole is FALSE:
        return FALSE
    if isinstance(pattern, str) and not pattern.strip("*?"):
        return whole
    # Of one of several keys it is not said which one.
    same = pattern == resource and all(hole.kind is not Kind.SOME_KEY_ID for hole in holes_in(pattern))
    found = TRUE if same else matches_arn(pattern, resource)
    return found if found is not UNKNOWN else _reaches(pattern, resource)


_KEY_ARN = re.compile(r"arn:[^:]*:kms:[^:]*:[^:]*:key/")


def why_open(resource: str) -> str:
    """What is open about a Resource that the code fixes: the id of this key, or what AWS makes of such a text."""
    said = quoted(resource, LONGEST_ARN).strip('"')
    if _KEY_ARN.match(resource):
        return f"the id of the key {said}"
    return f"the Resource {said} (AWS does not document whether it covers this key)"


def _reaches(pattern: Text, resource: Text) -> Truth:
    """Whether a shortened ARN such as `arn:aws:kms:*` covers the resource; what AWS does not say is open.

    A star that ends a segment reaches over the colons behind it, and no other wildcard is said to do so.
    """
    if is_open(pattern) or is_open(resource):
        return UNKNOWN
    segments, sections = split(pattern, ":"), arn_sections(resource)
    if not sections or segments[0] != "arn" or len(segments) >= ARN_SECTIONS:
        return UNKNOWN
    if len(segments) > SERVICE and _has_wildcard(segments[SERVICE]):
        return UNKNOWN  # "you can't use a wildcard in the service segment"; what becomes of one is not said
    return TRUE if _covers(segments, sections) is TRUE else UNKNOWN


def _has_wildcard(text: Text) -> bool:
    return any("*" in part or "?" in part for part in parts_of(text) if isinstance(part, str))


def _covers(segments: Sequence[Text], sections: Sequence[Text]) -> Truth:
    if not segments or not sections:
        return TRUE if len(segments) == len(sections) else FALSE
    last = parts_of(segments[0])[-1]
    reach = len(sections) if isinstance(last, str) and last.endswith("*") else 1
    rest = [_covers(segments[1:], sections[length:]) for length in range(1, reach + 1)]
    return all_of((matches(segments[0], sections[0]), any_of(rest)))
