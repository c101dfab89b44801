"""The key policies that a question is about: of a file, or of a key in code, a plan or a template."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Iterable, Iterator, NamedTuple, Tuple

from ctkms.cloudtrail.access_requests.key_case import policy_in_force
from ctkms.cloudtrail.access_requests.lockout import administrators
from ctkms.cloudtrail.access_requests.own_identity import OwnIdentity
from ctkms.cloudtrail.bare_policy import THIS_KEY, key_of
from ctkms.cloudtrail.resources import Key
from ctkms.cloudtrail.subjects import Subject
from ctkms.commands.aws_names import sections_of
from ctkms.commands.command_line import called, read_policy
from ctkms.commands.progress import progress
from ctkms.commands.scan_arguments import UsageError
from ctkms.iac.scan import scan, without_instances
from ctkms.iam.document import Document
from ctkms.iam.lint import problems_of
from ctkms.iam.patterns import ACCOUNT, PARTITION, REGION, arn_sections
from ctkms.unknowns.text import OWN_ACCOUNT, OWN_PARTITION, OWN_REGION, Hole, Text

_MOST = 5  # keys that are named where there is none of the given address


class Asked(NamedTuple):
    """A policy that can be asked, the ARN of its key, and what was assumed of open conditions of the code."""

    document: Document
    key_arn: Text
    scenario: str = ""


def policy_in(file: str, key_arn: str = "") -> Asked:
    """The policy in a file. Raises `UsageError` where it is none that KMS would take."""
    key = key_of(read_policy(file), arn=key_arn or THIS_KEY)
    return _askable(key, called(file), key_arn)


def policies_of(address: str, path: str, key_arn: str = "") -> Tuple[Asked, ...]:
    """The policies of a key below a path, once for each choice of the conditions that the code leaves open."""
    if not Path(path).exists():
        raise UsageError(f"there is no file or folder {path}")
    with progress(f"reading {path}"):
        found = list(_keys(path))
    keys = [one for one in found if _is(address, one)]
    if not keys:
        what = f"there are {_few(one.address for one in found)}" if found else "there is no key of CloudTrail's at all"
        raise UsageError(f"there is no key {address} of CloudTrail's in {path}; {what}")
    # The policy of a key may be a resource of its own beside it.
    folders = {(str(Path(one.file).parent), one.key.address): one.file for one in keys}
    if len(folders) > 1:
        raise UsageError(f"there are several keys {address}, in {_few(folders.values())}; give one of these")
    return tuple(dict.fromkeys(_askable(one.key, address, key_arn) for one in keys))


class _Found(NamedTuple):
    file: str
    address: str  # of the resource that holds the policy, or declares the key
    key: Key


def _keys(path: str) -> Iterator[_Found]:
    for one in scan(path):
        if isinstance(one.subject, Subject):
            yield from (_Found(one.file, one.address, key) for key in one.subject.scenarios)


def _few(names: Iterable[str]) -> str:
    named = list(dict.fromkeys(names))
    return ", ".join(named[:_MOST]) + (f" and {len(named) - _MOST} more" if len(named) > _MOST else "")


def _is(address: str, found: _Found) -> bool:
    """Whether a resource is meant by an address: of Terraform, or the logical id of a template."""
    wanted = without_instances(address)
    names = [without_instances(one) for one in (found.address, found.key.address, found.key.policy_address) if one]
    return any(wanted in (one, one.rpartition(".")[2] if one.startswith("AWS::") else one) for one in names)


def _askable(key: Key, what: str, arn: str) -> Asked:
    document = policy_in_force(key)
    refused = next((one for one in problems_of(document, key.arn) if one.refused), None)
    if refused is not None:
        where = f" ({refused.where})" if refused.where else ""
        raise UsageError(f"{what} has no policy that KMS takes: {refused.what}{where}")
    own = OwnIdentity(_own_values(key, sections_of(arn)) if arn else _told_by_lockout(key, document))
    return Asked(own.document(document), own.text(key.arn), key.scenario)


def _told_by_lockout(key: Key, document: Document) -> Dict[Hole, Text]:
    """The account of the key, where it is the only one that may change the policy: KMS refuses any other."""
    accounts, all_known = administrators(key, document)
    sections = arn_sections(key.arn)
    home = sections[ACCOUNT] if sections else ""
    told = all_known and len(accounts) == 1 and isinstance(accounts[0], str)
    return {home: accounts[0]} if told and isinstance(home, Hole) else {}


def _own_values(key: Key, given: Tuple[str, str, str]) -> Dict[Hole, Text]:
    """The key's account, Region and partition as they are given, where the code leaves them open."""
    partition, region, account = given
    values: Dict[Hole, Text] = {OWN_ACCOUNT: account, OWN_REGION: region, OWN_PARTITION: partition}
    sections = arn_sections(key.arn)
    for section, value in ((PARTITION, partition), (REGION, region), (ACCOUNT, account)):
        own = sections[section] if sections else None
        if isinstance(own, Hole):
            values[own] = value
    return values
