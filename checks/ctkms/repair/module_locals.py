"""The local values of a module of Terraform's that stand for one text, so that a repair may name them."""

from __future__ import annotations

import re
from typing import Dict, Mapping

from ctkms.repair.objects import Element, block_span
from ctkms.unknowns.source_nodes import Span

_BLOCK = re.compile(r"^locals\b", re.MULTILINE)
_VALUE = re.compile(r"^[ \t]*([\w-]+)[ \t]*=[ \t]*(.+?)[ \t]*(?:(?:#|//).*)?$", re.MULTILINE)
TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"\Z')
_REFERENCE = re.compile(r"(?:data|var|local)(?:\.[\w-]+)+\Z")
_LOCAL = re.compile(r"\$\{local\.([\w-]+)\}")
_FREE = re.compile(r"\$\{(?:var\.[\w-]+|data\.aws_(?:caller_identity|region|partition)\.[\w-]+\.[\w-]+)\}")
_DEPTH = 5  # of locals that are made of other ones


class Locals:
    """Local values by name, each as the text with references that it stands for."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._values: Dict[str, str] = {}
        for file, text in texts.items():
            for head in _BLOCK.finditer(text):
                span = block_span(Element(Span(file, *head.span()), text))
                for name, value in _VALUE.findall(text[head.end() : span.end]) if span else ():
                    written = TEXT.match(value)
                    if written or _REFERENCE.match(value):
                        self._values[name] = written[1] if written else f"${{{value}}}"
        self._by_meaning = {self._meaning(f"${{local.{name}}}"): name for name in reversed(list(self._values))}

    def spelled(self, text: str) -> str:
        """A text as a reference to a local value, where one says exactly the same."""
        name = self._by_meaning.get(self._meaning(text)) if "${" in text else None
        return text if name is None else f"${{local.{name}}}"

    def is_free(self, text: str) -> bool:
        """Whether a text with references waits for nothing that Terraform makes, so that it leads back to no key."""
        left = _FREE.sub("", self._meaning(text))
        return "${" not in left and "%{" not in left

    def _meaning(self, text: str) -> str:
        """The text with all local values put in."""
        for _ in range(_DEPTH):
            text, before = _LOCAL.sub(lambda found: self._values.get(found[1], found[0]), text), text
            if text == before or len(text) > 2000:
                break
        return text
