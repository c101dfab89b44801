"""Which names of AWS principals KMS does not take.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
"""

from __future__ import annotations

import re
from typing import Sequence

from ctkms.iam.patterns import ACCOUNT, PARTITION, REGION, RESOURCE, SERVICE, settled_sections
from ctkms.unknowns.quoting import LONGEST_ARN, quoted
from ctkms.unknowns.text import Hole, Kind, Text, parts_of

# https://docs.aws.amazon.com/general/latest/gr/rande.html and the pages of the isolated and sovereign Regions
PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc")

_ACCOUNT_ID = re.compile(r"[0-9]{12}\Z")
# What AWS puts in the place of a deleted user or role; KMS refuses a policy that still has it:
# https://repost.aws/knowledge-center/kms-policy-error-invalid-principals
_UNIQUE_ID = re.compile(r"A[A-Z0-9]{15,}\Z")
_KINDS = {"iam": ("root", "user/", "role/"), "sts": ("assumed-role/", "federated-user/")}
_ARN = re.compile(r"arn:", re.IGNORECASE)
# Open values that name nobody, whichever they are.
_NOBODY = (Kind.REGION, Kind.PARTITION, Kind.SUFFIX, Kind.KEY_ID, Kind.SOME_KEY_ID)


def what_is_wrong(name: Text) -> str:
    """Why KMS does not take the name of an AWS principal, whatever its open parts are; "" when it may take it."""
    if isinstance(name, str) and (name == "*" or _ACCOUNT_ID.match(name)):
        return ""
    sections = settled_sections(name)
    if sections:
        return _in_arn(name, sections)
    if _is_nobody(name):
        return f'{quoted(str(name), LONGEST_ARN)} is {_kind(name)}; write an ARN, a 12-digit account id or "*"'
    return _no_arn(name) if isinstance(name, str) else ""


def _is_nobody(name: Text) -> bool:
    return isinstance(name, Hole) and name.kind in _NOBODY


def _kind(name: Text) -> str:
    return name.kind.value if isinstance(name, Hole) else ""


def _no_arn(name: str) -> str:
    said = quoted(name, LONGEST_ARN)
    if _UNIQUE_ID.match(name):
        return f"{said} is what is left of a deleted user or role; remove it"
    if name.isdigit():
        what = f"the account id {said} has {len(name)} digits; account ids have 12"
        # https://yaml.org/type/int.html
        lost = "; write it in quotes, since YAML drops the zero that a number begins with, or reads an octal one"
        return what + (lost if len(name) < 12 else "")
    if name != name.strip():
        return f"{said} is no principal; it begins or ends with a blank"
    return f'{said} is no principal; write an ARN, a 12-digit account id or "*"'


def _in_arn(name: Text, sections: Sequence[Text]) -> str:
    said = quoted(str(name), LONGEST_ARN)
    for wrong in (_head(sections), _account(sections), _resource(sections)):
        if wrong:
            return f"{said} {wrong}"
    return ""


def _head(sections: Sequence[Text]) -> str:
    first, partition, region = sections[0], sections[PARTITION], sections[REGION]
    if isinstance(first, str) and first != "arn":
        if _ARN.match(first.strip() + ":"):
            return 'is no principal; an ARN begins with "arn:", in lower case and without a blank before it'
        return 'is no principal; an ARN begins with "arn:"'
    if isinstance(partition, str) and partition not in PARTITIONS:
        return f"is in no partition of AWS; they are {', '.join(PARTITIONS)}"
    service = sections[SERVICE]
    if isinstance(service, str) and service not in _KINDS:
        return "is no user, role, session or account root"
    if (isinstance(region, str) and region) or _is_nobody(region):
        return "names a Region; users, roles and accounts have none, so nothing stands there"
    return ""


def _account(sections: Sequence[Text]) -> str:
    account = sections[ACCOUNT]
    if _is_nobody(account):
        return f"names the account {quoted(str(account))}, which is {_kind(account)}; account ids have 12 digits"
    if not isinstance(account, str) or _ACCOUNT_ID.match(account):
        return ""
    digits = f"has {len(account)} digits" if account.isdigit() else "is no account id"
    return f"names the account {quoted(account)}, which {digits}; account ids have 12 digits"


def _resource(sections: Sequence[Text]) -> str:
    service, resource = sections[SERVICE], sections[RESOURCE]
    beginning = parts_of(resource)[0]
    if isinstance(beginning, str) and beginning.startswith("group/"):
        return "is a group; groups are no principals"
    kinds = _KINDS.get(service, ()) if isinstance(service, str) else None
    if isinstance(resource, str) and kinds is not None and not any(_fits(resource, kind) for kind in kinds):
        return "is no user, role, session or account root"
    literal = [part for part in parts_of(resource) if isinstance(part, str)]
    if any("*" in part or "?" in part for part in literal):
        return 'has a wildcard; in a principal only "*" alone is one'
    if any(len(part.split()) > 1 or part != part.strip() for part in literal):
        return "has a blank in the name, which no user and no role has"
    last = parts_of(resource)[-1]
    if isinstance(last, str) and ":" in last.rpartition("/")[2]:  # a path may have one
        return "has a colon in the name, which no user and no role has"
    return ""


def _fits(resource: str, kind: str) -> bool:
    if not kind.endswith("/"):
        return resource == kind
    return resource.startswith(kind) and len(resource) > len(kind) and not resource.endswith("/")
