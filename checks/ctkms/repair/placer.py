"""Where the elements of one policy stand in the code.

The locator of the subject tells, in whatever file that is. What it finds is not believed: whoever edits looks at
what is written there, and what an edited text means is found out by reading all of it again.
"""

from __future__ import annotations

import re
from typing import Callable, List, Mapping, Optional

from ctkms.cloudtrail.findings import FAILED, Finding
from ctkms.cloudtrail.places import Place, Steps
from ctkms.cloudtrail.subjects import Locate
from ctkms.iam.document import Document
from ctkms.repair.file_text import TextEdit, line_start, offset
from ctkms.repair.objects import Element, block_span, style_of
from ctkms.repair.styles import Style
from ctkms.unknowns.source_nodes import Span

ReadText = Callable[[str], Optional[str]]
ModuleTexts = Callable[[str], Mapping[str, str]]  # by what a block there is called: in the root module, or beside

# Of a block of `aws_iam_policy_document`; `content` is that of a dynamic one.
_OVERRIDE = re.compile(r"(?:\A|[/\\_])override\.(?:tf|tofu)\Z")
HEAD = re.compile(r"[\"]?(statement|condition|content)\b")


class NotPlacedError(Exception):
    """Why a change cannot be written at an exact place, in a few words; "" where it is written so already."""


class Placer:
    """Finds the elements of one policy in the code that makes it. `texts` gives those of the module of a file."""

    def __init__(
        self,
        locate: Locate,
        document: Document,
        policy_path: str,
        read: ReadText,
        texts: Optional[ModuleTexts] = None,
    ) -> None:
        self._locate = locate
        self.document = document
        self._policy_path = policy_path
        self._read = read
        self.texts = texts

    def element(self, steps: Steps, value: Optional[str] = None) -> Element:
        """What the code has at an element of the policy; the block of the resource where there is no policy."""
        return self._at(Finding(FAILED, "", "", self._policy_path, place=Place(steps, value)))

    def argument(self, path: str) -> Element:
        """What the code has for an argument of the resource; its block where it sets none."""
        return self._at(Finding(FAILED, "", "", path))

    def _at(self, asked: Finding) -> Element:
        at = self._locate(asked)
        text = None if at is None else self._read(at.file)
        if at is None or text is None:
            raise NotPlacedError("the code has no place for it")
        span = Span(at.file, offset(text, at.start_line, at.start_column), offset(text, at.end_line, at.end_column))
        return Element(span, text)

    def within(self, steps: Steps, value: Optional[str] = None) -> Element:
        """An element that stands within its own statement: what stands elsewhere may serve others as well."""
        found, statement = self.element(steps, value), self.element(steps[:2])
        whole = block_span(statement) if HEAD.match(statement.content) else statement.span
        inside = whole is not None and whole.file == found.span.file
        if whole is None or not inside or not whole.start <= found.span.start < found.span.end <= whole.end:
            raise NotPlacedError("the value is made elsewhere, where it may serve others as well")
        return found

    def data(self, block: str, file: str) -> TextEdit:
        """A block at the end of a file."""
        if _OVERRIDE.search(file):
            raise NotPlacedError("it needs a new block, which no override file may have")
        text = self._read(file) or ""
        return Element(Span(file, 0, 0), text).edit(
            len(text), len(text), ("" if text.endswith("\n") else "\n") + f"\n{block}\n"
        )


def is_object(found: Element) -> bool:
    """Whether an element is an object, in whatever language."""
    if found.content[:1] == "{":
        return True
    yaml = style_of(found).language == "yaml"
    return yaml and re.match(r"""["']?[\w:./ -]+["']?\s*:(\s|$)""", found.content) is not None


def literal_of(content: str) -> str:
    """What a literal says, without its quotes."""
    text = content.strip()
    return text[1:-1] if text[:1] in ("'", '"') else text


def value_style(found: Element) -> Style:
    """How one value is written: as the object around it would be."""
    style = style_of(found)
    if found.content[:1] == '"' and style.language == "yaml" and found.text.lstrip()[:1] == "{":
        return style._replace(language="json", sub="Fn::Sub", one_line=True)
    if style.language != "yaml":
        return style._replace(one_line=True)
    before = found.text[line_start(found.text, found.span.start) : found.span.start]
    return style._replace(language="flow") if "{" in before or "[" in before else style


def fail(why: str) -> List[TextEdit]:
    """Nothing can be written, for this reason."""
    raise NotPlacedError(why)
