"""Terraform's functions that write texts in other letters, and read them back.

https://developer.hashicorp.com/terraform/language/functions/textencodebase64
"""

from __future__ import annotations

import base64
import re
from typing import Dict
from urllib.parse import quote_plus

from ctkms.iac.terraform.evaluation.conversion import plain
from ctkms.iac.terraform.evaluation.open_names import open_call
from ctkms.iac.terraform.evaluation.values import Value, fail

_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
# Names of IANA, in lower case; of all that Terraform knows, those that are in use.
_ENCODINGS: Dict[str, str] = {
    "us-ascii": "ascii",
    "utf-8": "utf-8",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
}


def base64_encode(value: Value) -> Value:
    """`base64encode(value)`"""
    return _written(plain(value).encode("utf-8"))


def base64_decode(value: Value) -> Value:
    """`base64decode(value)`"""
    return _text(_bytes(value), "utf-8")


def text_encode_base64(value: Value, encoding: Value) -> Value:
    """`textencodebase64(value, encoding)`"""
    codec = _ENCODINGS.get(plain(encoding).lower())
    if codec is None:
        return open_call("textencodebase64", [value, encoding])
    try:
        return _written(plain(value).encode(codec))
    except UnicodeEncodeError:
        return fail("the encoding has no such character")


def text_decode_base64(value: Value, encoding: Value) -> Value:
    """`textdecodebase64(value, encoding)`"""
    codec = _ENCODINGS.get(plain(encoding).lower())
    if codec is None:
        return open_call("textdecodebase64", [value, encoding])
    return _text(_bytes(value), codec)


def rsa_decrypt(ciphertext: Value, key: Value) -> Value:
    """`rsadecrypt(ciphertext, key)`: only that it fails is known."""
    _bytes(ciphertext)
    return open_call("rsadecrypt", [ciphertext, key]) if "-----BEGIN" in plain(key) else fail("this is no key")


def url_encode(value: Value) -> Value:
    """`urlencode(value)`"""
    return quote_plus(plain(value))


def _written(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _bytes(value: Value) -> bytes:
    written = re.sub(r"[\r\n]", "", plain(value))
    return base64.b64decode(written) if _BASE64.fullmatch(written) else fail("this is no base64 text")


def _text(content: bytes, codec: str) -> str:
    try:
        return content.decode(codec)
    except UnicodeDecodeError:
        return fail("these bytes are no text")
