"""Terraform's functions that make digests of texts and of files.

https://developer.hashicorp.com/terraform/language/functions/sha256, https://developer.hashicorp.com/terraform/language/functions/uuidv5
"""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from functools import partial
from typing import Callable, Dict

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.evaluation.conversion import plain
from ctkms.iac.terraform.evaluation.values import Value, fail

_PER_STEP = 1_000  # characters that are digested in the time of one step


def _in_hexadecimal(algorithm: str, text: str) -> str:
    return _digest(algorithm, text).hex()


def _in_base64(algorithm: str, text: str) -> str:
    return base64.b64encode(_digest(algorithm, text)).decode("ascii")


def _digest(algorithm: str, text: str) -> bytes:
    take(Budget.STEPS, len(text) // _PER_STEP)
    return hashlib.new(algorithm, text.encode("utf-8"), usedforsecurity=False).digest()


DIGESTS: Dict[str, Callable[[str], str]] = {
    **{name: partial(_in_hexadecimal, name) for name in ("md5", "sha1", "sha256", "sha512")},
    **{f"base64{name}": partial(_in_base64, name) for name in ("sha256", "sha512")},
}
FUNCTIONS = {name: lambda value, digest=digest: digest(plain(value)) for name, digest in DIGESTS.items()}

_SPACES = {"dns": uuid.NAMESPACE_DNS, "url": uuid.NAMESPACE_URL, "oid": uuid.NAMESPACE_OID, "x500": uuid.NAMESPACE_X500}
_HEX = "[0-9a-fA-F]"
_UUID = re.compile(
    rf"(?:(?i:urn:uuid:)|\{{)?({_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}})\}}?|({_HEX}{{32}})"
)


def uuid_of_name(namespace: Value, name: Value) -> Value:
    """`uuidv5(namespace, name)`"""
    space = plain(namespace)
    if space in _SPACES:
        return str(uuid.uuid5(_SPACES[space], plain(name)))
    found = _UUID.fullmatch(space)
    digits = (found[1] or found[2]) if found else fail("uuidv5 knows no such namespace")
    return str(uuid.uuid5(uuid.UUID(digits), plain(name)))
