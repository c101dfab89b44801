"""`data "aws_iam_policy_document"`: the policy that the provider writes for it.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document

Some of the provider's ways are surprising, and are followed because they decide what ends up on the
key: a string principal in a source document becomes "*", whatever it said; a condition whose value
is a bare number is dropped; `&{` is replaced everywhere but in actions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple, Union, cast

from ctkms.budgets import Budget, TooLarge, take
from ctkms.iac.terraform.aws.policy_statements import Statement, backwards, by_name, hole_of, statement_of
from ctkms.iac.terraform.evaluation.dynamic_blocks import argument, blocks
from ctkms.iac.terraform.evaluation.evaluate import Scope
from ctkms.iac.terraform.evaluation.json_values import json_text
from ctkms.iac.terraform.evaluation.values import Json, Value
from ctkms.iac.terraform.syntax.syntax_tree import Body
from ctkms.unknowns.json_text import read_json
from ctkms.unknowns.scenarios import too_large
from ctkms.unknowns.text import Hole, Partial, Rest, Text, parts_of

DEFAULT_VERSION = "2012-10-17"

_PER_STATEMENT = 5  # steps


def policy_of(document: Body, scope: Scope) -> Union[Dict[str, Value], Hole]:
    """The policy, as a mapping that its JSON would be read into; a hole where that would be too large."""
    try:
        return _policy_of(document, scope)
    except TooLarge:
        return too_large("a policy document")


def _policy_of(document: Body, scope: Scope) -> Dict[str, Value]:
    return _merged(_parts(document, scope)).mapping()


class Part(NamedTuple):
    """One of the documents that are merged, in their order: those of an argument by their number, or the own one."""

    argument: str  # "" for the own one
    number: int
    policy: _Policy


def _parts(document: Body, scope: Scope) -> Iterator[Part]:
    yield from _given(document, scope, "source")
    yield Part("", 0, _own(document, scope))
    yield from _given(document, scope, "override")


def _merged(parts: Iterable[Part]) -> _Policy:
    merged = _Policy()
    for part in parts:
        merged.merge(part.policy)
    return merged


def origin_of(document: Body, scope: Scope, index: int) -> Optional[Tuple[str, int, int]]:
    """Where a statement of the policy comes from: the argument, which of its documents, and which statement of that.

    The argument is "" for a `statement` block of the document itself. None where the origin is open.
    """
    try:
        parts = tuple(_parts(document, scope))
        statements = _merged(parts).statements
    except TooLarge:
        return None
    wanted = statements[index] if index < len(statements) else None
    for part in parts:
        for place, statement in enumerate(part.policy.statements):
            if statement is wanted and isinstance(statement, dict):
                return part.argument, part.number, place
    return None


def policy_value(value: Value) -> object:
    """A policy argument as the rules take it: not yet parsed; None where there is none."""
    if isinstance(value, Json):
        return value.value if isinstance(value.value, dict) else json_text(value)
    return None if value == "" else value


class _Policy:
    """A policy while others are merged into it. `open` is a policy of which nothing is known."""

    def __init__(
        self,
        version: object = "",
        id_: object = "",
        statements: Iterable[Statement] = (),
        open_: Optional[Hole] = None,
    ) -> None:
        self.version = version
        self.id = id_
        self.statements: List[Statement] = list(statements)
        self.open = open_
        self._places = self._by_sid()

    def _by_sid(self) -> Dict[Text, int]:
        """Where the first statement with each `Sid` stands."""
        places: Dict[Text, int] = {}
        for index, statement in enumerate(self.statements):
            places.setdefault(_name(_sid(statement)), index)
        return places

    def merge(self, new: _Policy) -> None:
        """Take over the other policy: its statements replace those with the same `Sid`, and else come after them."""
        self.id = new.id or self.id
        self.version = _later(self.version, new.version)
        if new.open is not None:
            self._maybe_replace(len(self.statements), new.open)
            self.statements.append(Rest(new.open))
        older = len(self.statements)
        for statement in new.statements:
            self.add(statement, older)

    def add(self, new: Statement, older: int) -> None:
        """Add one statement; the first `older` ones are from other documents."""
        take(Budget.STEPS, _PER_STATEMENT)
        sid = _sid(new)
        place = self._places.get(_name(sid)) if sid != "" else None
        if place is not None:
            self.statements[place] = new
            return
        hole = hole_of(new) or hole_of(sid)
        if hole is not None:
            # Its Sid is not known, so it may take the place of any statement that has one.
            self._maybe_replace(older, hole)
        self._places.setdefault(_name(sid), len(self.statements))
        self.statements.append(new)

    def _maybe_replace(self, older: int, by: Hole) -> None:
        """Let an open statement stand where the `Sid` of one of the first ones may be its own."""
        take(Budget.STEPS, older)
        self.statements[:older] = [_maybe_replaced(one, by) for one in self.statements[:older]]
        self._places = self._by_sid()

    def mapping(self) -> Dict[str, Value]:
        """The finished policy; the provider leaves out what is empty."""
        members = (("Version", self.version), ("Id", self.id), ("Statement", self.statements))
        return {name: cast(Value, value) for name, value in members if value not in ("", [])}  # as JSON has it


def _sid(statement: Statement) -> object:
    return statement.get("Sid", "") if isinstance(statement, dict) else ""


def _name(sid: object) -> Text:
    """The same for equal values, and hashable: what should be a string may be anything."""
    return sid if isinstance(sid, (str, Hole, Partial)) else repr(sid)


def _maybe_replaced(statement: Statement, by: Hole) -> Statement:
    return by if _sid(statement) != "" else statement


def _later(first: object, second: object) -> object:
    """The later of two versions. Nothing is later than the newest."""
    if DEFAULT_VERSION in (first, second):
        return DEFAULT_VERSION
    if isinstance(first, str) and isinstance(second, str):
        return max(first, second)
    return first if isinstance(second, str) and not second else second


# The documents that are merged


def _given(document: Body, scope: Scope, which: str) -> Iterator[Part]:
    """The source or override documents; `source_json` and `override_json` are from before version 4 of the provider."""
    single = argument(document, f"{which}_json", scope)
    listed = argument(document, f"{which}_policy_documents", scope)
    several = tuple(listed) if isinstance(listed, (list, tuple)) else () if listed is None else (listed,)
    listed_parts = [Part(f"{which}_policy_documents", at, _read(one)) for at, one in enumerate(several)]
    alone = Part(f"{which}_json", 0, _read(single))
    # The single override comes last, the single source first: each yields to the list.
    yield from (alone, *listed_parts) if which == "source" else (*listed_parts, alone)


def _read(source: Value) -> _Policy:
    """One document to merge. The provider reads it into a structure of its own, which loses what that does not know."""
    if source is None or source == "":
        return _Policy()
    if isinstance(source, Rest):
        return _Policy(version=source.hole, open_=source.hole)
    content: object = source.value if isinstance(source, Json) else source
    if isinstance(content, (str, Partial)):
        take(Budget.STEPS, sum(1 if isinstance(part, Hole) else len(part) // 20 for part in parts_of(content)))
        content, _, _ = read_json(content)
    if isinstance(content, Hole):
        return _Policy(version=content, open_=content)
    if not isinstance(content, Mapping):
        unreadable = Hole("a source document that is no JSON object")
        return _Policy(version=unreadable, open_=unreadable)
    members = _elements(content, ("Version", "Id", "Statement"))
    statements = members.get("Statement") or []
    if isinstance(statements, Hole):
        statements = Rest(statements)
    listed = statements if isinstance(statements, (list, tuple)) else [statements]
    return _Policy(members.get("Version") or "", members.get("Id") or "", [_reread(one) for one in listed])


def _elements(content: Mapping[object, object], names: Tuple[str, ...]) -> Dict[str, object]:
    """The known members, whatever their case, as Go's JSON reader matches them."""
    spelling = {name.casefold(): name for name in names}
    return {
        spelling[key.casefold()]: value
        for key, value in content.items()
        if isinstance(key, str) and key.casefold() in spelling
    }


def _reread(statement: object) -> Statement:
    if isinstance(statement, (Hole, Rest)):
        return statement
    if not isinstance(statement, Mapping):
        return Hole("a statement that is no JSON object")
    known = _elements(statement, tuple(_READERS))
    read = {name: reader(known[name]) for name, reader in _READERS.items() if known.get(name) is not None}
    return {name: value for name, value in read.items() if not (name in _OMITTED and value == _OMITTED[name])}


def _same(value: object) -> object:
    return value


def _reread_principals(value: object) -> object:
    if isinstance(value, (str, Partial)):
        return "*"
    if not isinstance(value, Mapping):
        return value
    if value in ({"*": "*"}, {"*": ["*"]}):
        return "*"
    return by_name({kind: backwards(names) if isinstance(names, list) else names for kind, names in value.items()})


def _reread_conditions(value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    kept = {operator: _reread_condition(keys) for operator, keys in value.items()}
    return by_name({operator: keys for operator, keys in kept.items() if keys != {}})


def _reread_condition(keys: object) -> object:
    if not isinstance(keys, Mapping):
        return keys
    return by_name({key: _reread_values(values) for key, values in keys.items() if type(values) not in (int, float)})


def _reread_values(values: object) -> object:
    if isinstance(values, bool):
        return "true" if values else "false"
    return values[0] if isinstance(values, list) and len(values) == 1 and isinstance(values[0], str) else values


_READERS: Dict[str, Callable[[object], object]] = {
    "Sid": _same,
    "Effect": _same,
    "Action": _same,
    "NotAction": _same,
    "Resource": _same,
    "NotResource": _same,
    "Principal": _reread_principals,
    "NotPrincipal": _reread_principals,
    "Condition": _reread_conditions,
}
_OMITTED = {"Sid": "", "Effect": "", "Principal": {}, "NotPrincipal": {}, "Condition": {}}


# The document's own statements


def _own(document: Body, scope: Scope) -> _Policy:
    version = argument(document, "version", scope)
    statements = [statement_of(nested) for nested in blocks(document, "statement", scope)]
    id_ = argument(document, "policy_id", scope)
    return _Policy(DEFAULT_VERSION if version is None else version, id_ or "", statements)
