"""How the code would spell a trail's ARN: by its parts, never by an attribute of the trail.

The trail needs the key, so a policy that names the trail's own attribute makes a cycle. Account, Region and
partition are spelled as the code around the policy spells them: by its data sources, by pseudo parameters, or
literally where the code fixes them.
"""

from __future__ import annotations

import re
from typing import Callable, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from ctkms.cloudtrail.recommended_policy import root_arn
from ctkms.cloudtrail.resources import Key, Trail
from ctkms.cloudtrail.rules.creation_order import waits_by
from ctkms.iam.partitions import partition_of
from ctkms.iam.patterns import ACCOUNT, PARTITION, REGION, SERVICE, arn_sections
from ctkms.repair.edits import DATA_ACCOUNT
from ctkms.repair.file_text import line_end
from ctkms.repair.module_locals import TEXT, Locals
from ctkms.repair.objects import Element, blanked, block_span
from ctkms.unknowns.source_nodes import Span
from ctkms.unknowns.text import MANAGEMENT_ACCOUNT, OWN_ACCOUNT, OWN_PARTITION, OWN_REGION, Hole, Text

_TERRAFORM = (".tf", ".tofu")
_NAME = re.compile(r"^[ \t]*name[ \t]*=[ \t]*(.+?)[ \t]*(?:(?:#|//).*)?$", re.MULTILINE)
_REFERENCE = re.compile(r"(?:var|local)\.[\w-]+\Z")
_OUTPUT = re.compile(r"module\.([\w-]+)\.[\w-]+\Z")
_WAITING = re.compile(r"\b(?:aws_|local\.|module\.)")  # what may lead to the key or the trail in turn
_NUMBER = re.compile(r"(?<!\d)\d{12}(?!\d)")
_TAKEN = r'"aws_caller_identity"\s*:?[\s{]*"current"'  # by a block of another provider configuration, or in JSON


class Spelling(NamedTuple):
    """The parts of ARNs of trails, as texts with references in the code's language, and a block that they need."""

    partition: str
    region: str
    account: str
    names: Tuple[str, ...]  # of the key's trails; none where one of them is not known here
    data: str = ""
    local: Callable[[str], str] = str  # the name of a local value instead of the text that it stands for
    owner: str = ""  # the key's own account; "" where it may be another one than any that the code has a word for

    @property
    def arns(self) -> List[str]:
        """The ARNs of the trails."""
        head = f"arn:{self.partition}:cloudtrail:{self.region}:{self.account}:trail/"
        return [self.local(head + name) for name in self.names]

    @property
    def any_trail(self) -> str:
        """The pattern of all trails of the account."""
        return self.local(f"arn:{self.partition}:cloudtrail:*:{self.account}:trail/*")

    @property
    def root(self) -> str:
        """The ARN of the root of the key's account; "" where the code has no word for that."""
        return self.local(root_arn(self.partition, self.owner)) if self.owner else ""


def spelling(key: Key, file: str, texts: Mapping[str, str], in_terraform: bool = False) -> Optional[Spelling]:
    """How the code beside `file` spells the parts; None where it has no word for the account.

    `texts` are the files whose names reach the policy: those of its module, or its template. What Terraform reads
    from a file of another kind refers to nothing.
    """
    arns = {arn_sections(trail.arn)[: ACCOUNT + 1] for trail in key.trails if arn_sections(trail.arn)}
    sections = next(iter(arns), (None,) * (ACCOUNT + 1))
    organization = {trail.organization for trail in key.trails}
    if len(arns) > 1 or len(organization) > 1 or any(isinstance(one, Hole) for one in organization):
        return None
    if True in organization:  # the trail is the management account's, whoever declares it
        if key.management == MANAGEMENT_ACCOUNT:
            return None
        sections = (*sections[:ACCOUNT], key.management)
    if file.endswith(_TERRAFORM):
        found = _in_terraform(key, sections, texts)
    elif in_terraform:
        found = _literally(key, sections)
    else:
        found = None if file.endswith(".tf.json") else _in_template(key, sections)
    account = _written_out(key) if sections[ACCOUNT] in (None, OWN_ACCOUNT) else ""
    found = found._replace(account=account, data="") if found and account else found
    return found and found._replace(owner=_owner(key, sections[ACCOUNT], found))


def _owner(key: Key, of_trail: Optional[Text], found: Spelling) -> str:
    """The key's account: that of its trail, where it is the same one, or what the code writes out."""
    own = (arn_sections(key.arn) or (None,) * (ACCOUNT + 1))[ACCOUNT]
    if own == (OWN_ACCOUNT if of_trail is None else of_trail):
        return found.account
    return own if isinstance(own, str) else ""


def _literally(key: Key, sections: Tuple[Optional[Text], ...]) -> Optional[Spelling]:
    """Without any reference."""
    fixed = [one if isinstance(one, str) else "" for one in sections]
    account, region = fixed[ACCOUNT] or _written_out(key), fixed[REGION] or "*"
    names = tuple(one.name for one in key.trails if isinstance(one.name, str))
    partition = fixed[PARTITION] or _partition(str(key.policy), region)
    return Spelling(partition, region, account, names if len(names) == len(key.trails) else ()) if account else None


def _written_out(key: Key) -> str:
    """The own account where the policy writes it out: the only number in there, and no reference besides."""
    policy = str(key.policy)
    numbers = set(_NUMBER.findall(policy))
    return numbers.pop() if len(numbers) == 1 and OWN_ACCOUNT.source not in policy else ""


def _in_template(key: Key, sections: Tuple[Optional[Text], ...]) -> Optional[Spelling]:
    account = _spelled(sections[ACCOUNT], OWN_ACCOUNT, "${AWS::AccountId}")
    region = _spelled(sections[REGION], OWN_REGION, "${AWS::Region}")
    partition = _spelled(sections[PARTITION], OWN_PARTITION, "${AWS::Partition}")
    names = [trail.name for trail in key.trails]
    if account is None:
        return None
    literal = tuple(name for name in names if isinstance(name, str) and re.fullmatch(r"[\w.-]+", name))
    return Spelling(partition or "aws", region or "*", account, literal if len(literal) == len(names) else ())


def _spelled(section: Optional[Text], own: Text, reference: str) -> Optional[str]:
    if section is None or section == own:
        return reference
    return section if isinstance(section, str) and section else None


def _in_terraform(key: Key, sections: Tuple[Optional[Text], ...], texts: Mapping[str, str]) -> Optional[Spelling]:
    texts = {name: blanked(text) for name, text in texts.items()}  # what stands in comments is no code
    code = "\n".join(texts.values())
    declared = _data(code, "aws_caller_identity")
    own = f"${{data.aws_caller_identity.{declared or 'current'}.account_id}}"
    account = _spelled(sections[ACCOUNT], OWN_ACCOUNT, own)
    if account is None or (account == own and not declared and re.search(_TAKEN, code)):
        return None
    region_data, partition_data = _data(code, "aws_region"), _data(code, "aws_partition")
    attribute = "region" if re.search(r"\bdata\.aws_region\.[\w-]+\.region\b", code) else "name"
    by_region = f"${{data.aws_region.{region_data}.{attribute}}}" if region_data else "*"
    if "module." in (key.policy_address or key.address):  # what its caller fixes may be another one for another caller
        sections = (*sections[:PARTITION], OWN_PARTITION, sections[SERVICE], OWN_REGION, sections[ACCOUNT])
    region = sections[REGION] if isinstance(sections[REGION], str) else ""
    fixed = _partition(code, str(region))
    by_partition = f"${{data.aws_partition.{partition_data}.partition}}" if partition_data else fixed
    values = Locals(texts)
    local = values.spelled
    return Spelling(
        local(_spelled(sections[PARTITION], OWN_PARTITION, by_partition) or by_partition),
        local(_spelled(sections[REGION], OWN_REGION, by_region) or "*"),
        local(account),
        tuple(_names(key, texts, values)),
        DATA_ACCOUNT if account == own and not declared else "",
        local,
    )


def _data(code: str, type_: str) -> str:
    """The name of a data source that stands once, and in the provider's own configuration."""
    for found in re.finditer(rf'^data\s+"{type_}"\s+"([\w-]+)"\s*(\{{[^{{}}]*\}})', code, re.MULTILINE):
        if not re.search(r"\b(provider|count|for_each|region)\b", found[2]):
            return found[1]
    return ""


def _partition(code: str, region: str) -> str:
    found = set(re.findall(r'"arn:(aws[\w-]*):', code))
    return found.pop() if len(found) == 1 else partition_of(region)


def _names(key: Key, texts: Mapping[str, str], values: Locals) -> Iterator[str]:
    """The names of the key's trails; nothing at all where one of them cannot be spelled here."""
    found = [_name(trail, key, texts, values) for trail in key.trails]
    return iter([one for one in found if one] if all(found) else [])


def _name(trail: Trail, key: Key, texts: Mapping[str, str], values: Locals) -> str:
    block, _ = waits_by(trail.address, key.policy_address or key.address)  # as the module around both names it
    expression = "" if block.startswith("module.") else _declared(block, texts)
    text = TEXT.match(expression)
    if text and values.is_free(text[1]):
        return text[1]
    whole = f"${{{expression}}}"
    if (_REFERENCE.match(expression) and values.is_free(whole)) or _is_of_another_module(expression, texts):
        return whole
    return trail.name if isinstance(trail.name, str) and re.fullmatch(r"[\w.-]+", trail.name) else ""


def _is_of_another_module(expression: str, texts: Mapping[str, str]) -> bool:
    """Whether it is an output of a module that waits for nothing, so for the key and the trail neither."""
    found = _OUTPUT.match(expression)
    head = re.compile(rf'^module\s+"{re.escape(found[1])}"', re.MULTILINE) if found else None
    for file, text in texts.items() if head else ():
        at = head.search(text) if head else None
        span = block_span(Element(Span(file, *at.span()), text)) if at else None
        if span:
            return not _WAITING.search(text, span.start, span.end)
    return False


def _declared(address: str, texts: Mapping[str, str]) -> str:
    """What the block of a trail has as its name."""
    type_, _, label = address.partition(".")
    head = re.compile(rf'^resource\s+"{re.escape(type_)}"\s+"{re.escape(label)}"', re.MULTILINE)
    for file, text in texts.items():
        at = head.search(text)
        span = block_span(Element(Span(file, *at.span()), text)) if at else None
        found = _NAME.search(text, span.start, span.end) if span else None
        if found and line_end(text, found.start()) <= (span.end if span else 0):
            return found[1]
    return ""
