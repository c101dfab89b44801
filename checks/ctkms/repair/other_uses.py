"""Whether the code shows, or leaves open, that a key encrypts something besides the logs of trails.

The rules know who else is encrypted by the tables of resources. A repair that takes decryption away from people asks
more: any mention of the key outside of what has to do with trails may hand it to something that they read.
"""

from __future__ import annotations

import re
from typing import Iterator, Mapping, Tuple

from ctkms.cloudtrail.resources import Key
from ctkms.iac.cloudformation.locations.template_nodes import template_node
from ctkms.unknowns.source_nodes import Member, Node

_SPAN = Tuple[int, int]
# What a key of trails is mentioned in: none of them encrypts anything but logs with it.
_OF_TRAILS = re.compile(
    r'(?:resource\s+"(?:aws_cloudtrail\w*|aws_kms_alias|aws_kms_key\w*|aws_kms_replica\w*)"'
    r'|data\s+"aws_iam_policy_document"|provider\b|terraform\b|variable\b)'
)
_TOP_LEVEL = re.compile(
    r"^(?:resource|data|module|output|locals|provider|variable|terraform|check|import|moved)\b.*", re.M
)
_TYPES_OF_TRAILS = ("AWS::CloudTrail::Trail", "AWS::KMS::Key", "AWS::KMS::Alias", "AWS::KMS::ReplicaKey")


def may_serve_others(key: Key, texts: Mapping[str, str]) -> bool:
    """Whether something else may be encrypted with the key; `texts` are the files that may mention it."""
    if key.other_users or key.topics or key.stores or key.open_users or not key.trails:
        return True
    return any(
        _in_terraform(key.address, text) if "::" not in key.address else _in_template(key.address, text)
        for text in texts.values()
    )


def _in_terraform(address: str, text: str) -> bool:
    """The key of a module is handed out by its outputs, and whoever calls the module may use it."""
    name = re.sub(r"\[[^\]]*\]\Z", "", address)
    local = re.search(r"aws_kms_\w+\.[\w-]+\Z", name)
    mentions = re.compile(rf"\b{re.escape(local[0])}\b") if local else None
    heads = [(found.start(), found[0]) for found in _TOP_LEVEL.finditer(text)]
    for found in mentions.finditer(text) if mentions else ():
        before = [head for start, head in heads if start <= found.start()]
        if before and not _OF_TRAILS.match(before[-1]):
            return True
    return False


def _in_template(address: str, text: str) -> bool:
    name = address.rsplit(".", 1)[-1]
    mention = re.compile(rf"(?<![\w.-]){re.escape(name)}\b")
    root = template_node(text)
    return root is not None and any(mention.search(text, *span) for span in _spans(root))


def _spans(root: Node) -> Iterator[_SPAN]:
    """Where nothing of trails stands: other resources, and outputs."""
    resources = root.member("Resources")
    for one in (resources.node.members or ()) if resources is not None else ():
        if _type(one) not in _TYPES_OF_TRAILS:
            yield one.node.start, one.node.end
    outputs = root.member("Outputs")
    if outputs is not None:
        yield outputs.node.start, outputs.node.end


def _type(resource: Member) -> str:
    found = resource.node.member("Type")
    return str(found.node.text) if found is not None else ""
