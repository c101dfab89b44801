"""`data "aws_iam_policy_document"`: the policy that the provider writes for it.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document

Some of the provider's ways are surprising, and are followed because they decide what ends up on the
key: a string principal in a source document becomes "*", whatever it said; a condition whose value
is a bare number is dropped; `&{` is replaced everywhere but in actions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple, Union

from ctkms.budgets import Budget, TooLarge, take
from ctkms.iac.terraform.evaluation.dynamic_blocks import Nested, argument, blocks
from ctkms.iac.terraform.evaluation.evaluate import Scope
from ctkms.iac.terraform.evaluation.json_values import json_text
from ctkms.iac.terraform.evaluation.values import Json, Value
from ctkms.iac.terraform.syntax.syntax_tree import Body
from ctkms.unknowns.json_text import read_json
from ctkms.unknowns.scenarios import too_large
from ctkms.unknowns.text import Hole, Partial, Rest, Text, map_literals, parts_of

DEFAULT_VERSION = "2012-10-17"

Statement = Union[Dict[Any, Any], Hole, Rest]  # a Hole is one unknown statement, a Rest any number of them
_PER_STATEMENT = 5  # steps
_PRINCIPAL_TYPES = ("AWS", "Service", "Federated", "CanonicalUser")


def policy_of(document: Body, scope: Scope) -> Any:
    """The policy, as a mapping that its JSON would be read into; a hole where that would be too large."""
    try:
        return _policy_of(document, scope)
    except TooLarge:
        return too_large("a policy document")


def _policy_of(document: Body, scope: Scope) -> Dict[str, Any]:
    merged = _Policy()
    for source in _documents(document, scope, "source"):
        merged.merge(_read(source))
    merged.merge(_own(document, scope))
    for source in _documents(document, scope, "override"):
        merged.merge(_read(source))
    return merged.mapping()


def policy_value(value: Value) -> Any:
    """A policy argument as the rules take it: not yet parsed; None where there is none."""
    if isinstance(value, Json):
        return value.value if isinstance(value.value, dict) else json_text(value.value)
    return None if value == "" else value


class _Policy:
    """A policy while others are merged into it. `open` is a policy of which nothing is known."""

    def __init__(
        self,
        version: Value = "",
        id_: Value = "",
        statements: Iterable[Statement] = (),
        open_: Optional[Hole] = None,
    ) -> None:
        self.version = version
        self.id = id_
        self.statements: List[Statement] = list(statements)
        self.open = open_
        self._places = self._by_sid()

    def _by_sid(self) -> Dict[Value, int]:
        """Where the first statement with each `Sid` stands."""
        places: Dict[Value, int] = {}
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
        hole = _hole_of(new) or _hole_of(sid)
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

    def mapping(self) -> Dict[str, Any]:
        """The finished policy; the provider leaves out what is empty."""
        members = (("Version", self.version), ("Id", self.id), ("Statement", self.statements))
        return {name: value for name, value in members if value not in ("", [])}


def _sid(statement: Statement) -> Value:
    return statement.get("Sid", "") if isinstance(statement, Mapping) else ""


def _name(sid: Value) -> Value:
    """The same for equal values, and hashable: what should be a string may be anything."""
    return sid if isinstance(sid, (str, Hole, Partial)) else repr(sid)


def _maybe_replaced(statement: Statement, by: Hole) -> Statement:
    return by if _sid(statement) != "" else statement


def _later(first: Value, second: Value) -> Value:
    """The later of two versions. Nothing is later than the newest."""
    if DEFAULT_VERSION in (first, second):
        return DEFAULT_VERSION
    if isinstance(first, str) and isinstance(second, str):
        return max(first, second)
    return first if isinstance(second, str) and not second else second


# The documents that are merged


def _documents(document: Body, scope: Scope, which: str) -> Tuple[Value, ...]:
    """The source or override documents; `source_json` and `override_json` are from before version 4 of the provider."""
    single = argument(document, f"{which}_json", scope)
    listed = argument(document, f"{which}_policy_documents", scope)
    several = tuple(listed) if isinstance(listed, (list, tuple)) else () if listed is None else (listed,)
    # The single override comes last, the single source first: each yields to the list.
    return (single, *several) if which == "source" else (*several, single)


def _read(source: Value) -> _Policy:
    """One document to merge. The provider reads it into a structure of its own, which loses what that does not know."""
    if source is None or source == "":
        return _Policy()
    if isinstance(source, Rest):
        return _Policy(version=source.hole, open_=source.hole)
    content = source.value if isinstance(source, Json) else source
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


def _elements(content: Mapping[Any, Any], names: Tuple[str, ...]) -> Dict[str, Any]:
    """The known members, whatever their case, as Go's JSON reader matches them."""
    spelling = {name.casefold(): name for name in names}
    return {
        spelling[key.casefold()]: value
        for key, value in content.items()
        if isinstance(key, str) and key.casefold() in spelling
    }


def _reread(statement: Any) -> Statement:
    if isinstance(statement, (Hole, Rest)):
        return statement
    if not isinstance(statement, Mapping):
        return Hole("a statement that is no JSON object")
    known = _elements(statement, tuple(_READERS))
    read = {name: reader(known[name]) for name, reader in _READERS.items() if known.get(name) is not None}
    return {name: value for name, value in read.items() if value not in ("", {})}


def _same(value: Any) -> Any:
    return value


def _reread_principals(value: Any) -> Any:
    return "*" if isinstance(value, (str, Partial)) else value


def _reread_conditions(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    kept = {operator: _reread_condition(keys) for operator, keys in value.items()}
    return {operator: keys for operator, keys in kept.items() if keys != {}}


def _reread_condition(keys: Any) -> Any:
    if not isinstance(keys, Mapping):
        return keys
    return {key: values for key, values in keys.items() if type(values) not in (int, float)}


_READERS: Dict[str, Callable[[Any], Any]] = {
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


# The statements of the document itself


def _own(document: Body, scope: Scope) -> _Policy:
    version = argument(document, "version", scope)
    statements = [_statement(nested) for nested in blocks(document, "statement", scope)]
    id_ = argument(document, "policy_id", scope)
    return _Policy(DEFAULT_VERSION if version is None else version, id_ or "", statements)


def _statement(nested: Nested) -> Statement:
    if nested.open is not None:
        return Rest(nested.open)
    take(Budget.STEPS, _PER_STATEMENT)
    read: Dict[str, Any] = {
        "Sid": nested.value("sid") or "",
        "Effect": nested.value("effect") or "Allow",
        "Action": _listed(nested.value("actions"), _same),
        "NotAction": _listed(nested.value("not_actions"), _same),
        "Resource": _listed(nested.value("resources"), _with_variables),
        "NotResource": _listed(nested.value("not_resources"), _with_variables),
        "Principal": _principals(blocks(nested.body, "principals", nested.scope)),
        "NotPrincipal": _principals(blocks(nested.body, "not_principals", nested.scope)),
        "Condition": _conditions(blocks(nested.body, "condition", nested.scope)),
    }
    return {name: value for name, value in read.items() if value not in ("", [], {})}


def _with_variables(text: Text) -> Text:
    """`&{aws:username}` is how a policy variable is written where `${` would be Terraform's own."""
    return map_literals(text, lambda literal: literal.replace("&{", "${"))


def _listed(value: Value, change: Callable[[Text], Text]) -> Any:
    """A set of strings: no null, nothing twice, and a single one stands alone."""
    listed = list(dict.fromkeys(_texts(value, change)))
    return _alone(listed)


def _texts(value: Value, change: Callable[[Text], Text]) -> List[Union[Text, Rest]]:
    if value is None:
        return []
    if isinstance(value, Hole):
        return [Rest(value)]
    items = value if isinstance(value, (list, tuple)) else [value]
    return [_changed(item, change) for item in items if item is not None]


def _changed(item: Value, change: Callable[[Text], Text]) -> Union[Text, Rest]:
    if not isinstance(item, Rest):
        return change(_text(item))
    return item if item.each is None else Rest(item.hole, change(_text(item.each)))


def _text(value: Value) -> Text:
    if isinstance(value, (str, Hole, Partial)):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else Hole("a value that is no string")


def _principals(given: Tuple[Nested, ...]) -> Any:
    found: Dict[Any, Dict[Any, None]] = {}
    for nested in given:
        kind = nested.value("type")
        types = (kind,) if isinstance(kind, str) else _PRINCIPAL_TYPES
        hole = nested.open
        if hole is None and not isinstance(kind, str):
            hole = _hole_of(kind) or Hole("a principal type that is no string")
        identifiers = _texts(nested.value("identifiers"), _with_variables) if hole is None else [Rest(hole)]
        for one in types:
            found.setdefault(one, {}).update(dict.fromkeys(identifiers))
    # Only this one form is written short; {"AWS": "*"} is what a role's trust policy needs.
    return "*" if found == {"*": {"*": None}} else {kind: _alone(list(names)) for kind, names in found.items()}


def _conditions(given: Tuple[Nested, ...]) -> Any:
    """Values under the same operator and key are put together, which means that one of them has to match."""
    found: Dict[Any, Dict[Any, List[Any]]] = {}
    opened: Dict[Any, Any] = {}
    for nested in given:
        if nested.open is None:
            operator, key = _operator_and_key(nested)
            found.setdefault(operator, {}).setdefault(key, []).extend(_texts(nested.value("values"), _with_variables))
    for nested in given:
        if nested.open is not None:
            # It may add a condition, or values to one that is there.
            opened[nested.open] = nested.open
            added = _operator_and_key(nested)
            take(Budget.STEPS, sum(map(len, found.values())))
            for operator, keys in found.items():
                for key, values in keys.items():
                    if _may_be(added[0], operator) and _may_be(added[1], key):
                        values.append(Rest(nested.open))
    written = {operator: {key: _alone(values) for key, values in keys.items()} for operator, keys in found.items()}
    return {**written, **opened}


def _operator_and_key(condition: Nested) -> Tuple[Text, Text]:
    return _text(condition.value("test") or ""), _text(condition.value("variable") or "")


def _may_be(one: Text, other: Text) -> bool:
    return one == other or not (isinstance(one, str) and isinstance(other, str))


def _alone(values: List[Any]) -> Any:
    return values[0] if len(values) == 1 and not isinstance(values[0], Rest) else values


def _hole_of(value: Value) -> Optional[Hole]:
    if isinstance(value, (Hole, Rest)):
        return value.hole if isinstance(value, Rest) else value
    return next((part for part in value.parts if isinstance(part, Hole)), None) if isinstance(value, Partial) else None
