"""Terraform's `yamldecode`.

A text with holes is read as long as no value of them could change its structure: a hole within quotes, or one of a
kind that has no white space and none of YAML's marks.
https://developer.hashicorp.com/terraform/language/functions/yamldecode
"""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional, Tuple

import yaml

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.evaluation.conversion import text
from ctkms.iac.terraform.evaluation.json_values import decoded
from ctkms.iac.terraform.evaluation.open_names import open_call
from ctkms.iac.terraform.evaluation.values import Json, Value, fail, is_text
from ctkms.iac.terraform.evaluation.yaml_scalars import QUOTED, STR, resolved
from ctkms.unknowns.marks import marked, unmarked
from ctkms.unknowns.text import Hole, Kind, Text, parts_of
from ctkms.unknowns.yaml_text import IS_LIBYAML, events

_MAP, _LIST, _MERGE = (f"tag:yaml.org,2002:{name}" for name in ("map", "seq", "merge"))
# Terraform's reader and libyaml differ in what these mean within brackets.
_DISPUTED = re.compile(r"\?|:[][{},]")
# A scalar that begins otherwise, or that holds another character than these, is text whatever stands beside it.
_BEGINS_MORE = frozenset("+-.0123456789yYnNtTfFoO~")
_WITHIN_MORE = frozenset("0123456789abcdefABCDEF+-.:_xoOtTzZ ")
# One of these alone is text: a Region, a partition and a key id have letters that no number or word of YAML has.
_TEXT_ALONE = (Kind.REGION, Kind.PARTITION, Kind.SUFFIX, Kind.KEY_ID, Kind.SOME_KEY_ID)


class _Open(Exception):  # noqa: N818 - an outcome that `yaml_decode` expects
    """What the text means depends on a value that is open, or on the release of Terraform."""


def yaml_decode(value: Value) -> Value:
    """The value that a text of YAML writes."""
    if isinstance(value, Json):
        return decoded(value)  # YAML reads what JSON writes as JSON does
    source, holes = marked(text(value))
    try:
        return _Decoder(holes).document(source)
    except (_Open, RecursionError):
        return open_call("yamldecode", [value])
    except yaml.YAMLError:
        certain = IS_LIBYAML and not holes and not _DISPUTED.search(source)
        return fail("this is no YAML") if certain else open_call("yamldecode", [value])


class _Collection:
    """A list or a mapping that is being read."""

    def __init__(self, event: yaml.CollectionStartEvent) -> None:
        self.anchor: Optional[str] = event.anchor
        self.flows = bool(event.flow_style)  # whether it is in brackets
        self.items: List[Value] = []
        self.members: Optional[Dict[Any, Value]] = {} if isinstance(event, yaml.MappingStartEvent) else None
        self.key: Any = None  # of the member whose value comes next
        self.has_key = False

    def value(self) -> Value:
        return self.items if self.members is None else self.members


class _Decoder:
    """One pass over the events of a text."""

    def __init__(self, holes: List[Hole]) -> None:
        self.holes = holes
        self.anchors: Dict[str, Value] = {}
        self.pending: List[str] = []  # anchors of what is still being read
        self.around: List[_Collection] = []
        self.quoted = 0  # holes of any value that were met within quotes
        self.documents: List[Value] = []

    def document(self, source: str) -> Value:
        if "\\/" in source:
            raise _Open  # an escape that Terraform's reader does not know, where it stands in quotes
        for event in events(source):
            if isinstance(event, yaml.ScalarEvent):
                self.scalar(event)
            elif isinstance(event, yaml.AliasEvent):
                self.alias(event)
            elif isinstance(event, yaml.CollectionStartEvent):
                self.start(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                ended = self.around.pop()
                self.put(ended.value(), ended.anchor)
        if len(self.documents) != 1:
            return fail("yamldecode takes one document")
        if self.quoted < sum(hole.kind is Kind.ANY for hole in self.holes):
            raise _Open  # one stands in a comment, which it may end
        return self.documents[0]

    def start(self, event: yaml.CollectionStartEvent) -> None:
        is_map = isinstance(event, yaml.MappingStartEvent)
        if event.tag not in (None, _MAP if is_map else _LIST):
            fail("a collection is not what its tag says")
        if self.around and self.around[-1].members is not None and not self.around[-1].has_key:
            fail("only texts are keys")
        if event.anchor is not None:
            self.pending.append(event.anchor)
        self.around.append(_Collection(event))

    def alias(self, event: yaml.AliasEvent) -> None:
        around = self.around[-1] if self.around else None
        if around is not None and around.members is not None and not around.has_key:
            fail("only texts are keys")
        if event.anchor in self.pending or event.anchor not in self.anchors:
            fail("there is no such anchor")
        self.put(self.anchors[event.anchor], None)

    def scalar(self, event: yaml.ScalarEvent) -> None:
        around = self.around[-1] if self.around else None
        if around is None or around.members is None or around.has_key:
            self.put(self.read(event, as_value=True), event.anchor)
            return
        merges = event.tag == _MERGE or (event.tag is None and event.value == "<<")
        around.key = _MERGE_KEY if merges else self.name(event)
        around.has_key = True

    def name(self, event: yaml.ScalarEvent) -> Text:
        value = self.read(event, as_value=False)
        if value is None:
            return fail("null is no key")
        name = text(value)
        if isinstance(name, Hole) and not is_text(name):
            raise _Open
        return name

    def put(self, value: Value, anchor: Optional[str]) -> None:
        """A value that was read, where it belongs."""
        if anchor is not None:
            self.anchors[anchor] = value
            if anchor in self.pending:
                self.pending.remove(anchor)
        if not self.around:
            self.documents.append(value)
            return
        around = self.around[-1]
        if around.members is None:
            around.items.append(value)
        elif around.key is _MERGE_KEY:
            self.merge(around.members, value)
        else:
            around.members[around.key] = value
        around.has_key = False

    def merge(self, members: Dict[Any, Value], value: Value) -> None:
        if isinstance(value, (list, Hole)):
            raise _Open  # Terraform's releases differ in whether a list of mappings may be merged
        if not isinstance(value, dict):
            fail("only a mapping can be merged")
        take(Budget.STEPS, len(value))
        members.update(value)

    def read(self, event: yaml.ScalarEvent, as_value: bool) -> Value:
        """The value of a scalar; as a value, a block of text is text whatever it looks like."""
        if event.style not in QUOTED and "?" in event.value and any(one.flows for one in self.around):
            raise _Open
        value = unmarked(event.value, self.holes)
        if isinstance(value, str):
            found = resolved(event.tag, value, event.style)
            is_block = event.tag is None and not event.implicit[0]
            return found if found is None or not (as_value and is_block) else text(found)
        return self.read_open(event, value)

    def read_open(self, event: yaml.ScalarEvent, value: Text) -> Value:
        parts = parts_of(value)
        opaque = sum(isinstance(part, Hole) and part.kind is Kind.ANY for part in parts)
        if event.tag not in (None, STR):
            raise _Open
        if event.style in QUOTED:
            self.quoted += opaque
            return value
        if opaque:
            raise _Open
        return value if event.tag == STR or _is_surely_text(parts) else open_call("yamldecode", [value])


_MERGE_KEY: Any = object()


def _is_surely_text(parts: Tuple[Any, ...]) -> bool:
    """Whether a plain scalar with holes is text, not a number, a word or a time."""
    first = parts[0]
    if isinstance(first, str) and first[0] not in _BEGINS_MORE:
        return True
    if len(parts) == 1:
        return first.kind in _TEXT_ALONE
    return any(isinstance(part, str) and not _WITHIN_MORE.issuperset(part) for part in parts)
