"""The `statement` blocks of an `aws_iam_policy_document`, as the provider writes them.

What is a set for the provider comes in an order of its own: strings backwards, blocks by `provider_sets`. Where
something in a set is open, that order is not known.
"""

from __future__ import annotations

from typing import Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple, TypeVar, Union

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.aws import provider_sets
from ctkms.iac.terraform.evaluation.dynamic_blocks import Nested, blocks
from ctkms.iac.terraform.evaluation.values import Unordered, Value
from ctkms.unknowns.text import Hole, Partial, Rest, Text, map_literals

Statement = Union[Dict[str, object], Hole, Rest]  # a Hole is one unknown statement, a Rest any number of them

Named = Union[Text, Rest]  # an entry of a list of texts
K = TypeVar("K")
T = TypeVar("T")

_PER_STATEMENT = 5  # steps
_PER_STEP = 4  # members of a set or mapping
_PRINCIPAL_TYPES = ("AWS", "Service", "Federated", "CanonicalUser")


class _Principals(NamedTuple):
    """A block of principals; an open one may be of several types."""

    types: Tuple[str, ...]
    identifiers: List[Named]


class _Condition(NamedTuple):
    """A condition block."""

    operator: Text
    key: Text
    values: List[Named]


def statement_of(nested: Nested) -> Statement:
    """The statement that a block becomes."""
    if nested.open is not None:
        return Rest(nested.open)
    take(Budget.STEPS, _PER_STATEMENT)
    read: Dict[str, object] = {
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


def hole_of(value: object) -> Optional[Hole]:
    """The hole that a value is or has, if any."""
    if isinstance(value, (Hole, Rest)):
        return value.hole if isinstance(value, Rest) else value
    return next((part for part in value.parts if isinstance(part, Hole)), None) if isinstance(value, Partial) else None


def backwards(strings: List[T]) -> List[T]:
    """The strings in the order that the provider writes them in."""
    take(Budget.STEPS, len(strings) // _PER_STEP)
    if all(isinstance(one, str) for one in strings):
        return sorted(strings, key=str, reverse=True)
    return Unordered(strings) if len(strings) > 1 else strings


def by_name(members: Mapping[K, T]) -> Dict[K, T]:
    """A mapping in the order that Go writes it in; an open name has no place in it, and stays behind."""
    take(Budget.STEPS, len(members) // _PER_STEP)
    return dict(sorted(members.items(), key=lambda member: (not isinstance(member[0], str), str(member[0]))))


def _same(text: Text) -> Text:
    return text


def _with_variables(text: Text) -> Text:
    """`&{aws:username}` is how a policy variable is written where `${` would be Terraform's own."""
    return map_literals(text, lambda literal: literal.replace("&{", "${"))


def _listed(value: Value, change: Callable[[Text], Text]) -> object:
    """A set of strings: no null, nothing twice, and a single one stands alone."""
    return _alone(_changed(backwards(_once(_texts(value))), change))


def _changed(values: List[Named], change: Callable[[Text], Text]) -> List[Named]:
    """The values, each changed; in no order if they are in none."""
    return type(values)([_with(change, one) for one in values])


def _with(change: Callable[[Text], Text], one: Named) -> Named:
    """A text changed; of any number of them, what each looks like."""
    if not isinstance(one, Rest):
        return change(one)
    return one if one.each is None else Rest(one.hole, change(_text(one.each)))


def _once(values: List[Named]) -> List[Named]:
    return list(dict.fromkeys(values))


def _texts(value: Value) -> List[Named]:
    if value is None:
        return []
    if isinstance(value, Hole):
        return [Rest(value)]
    items = value if isinstance(value, (list, tuple)) else [value]
    take(Budget.STEPS, len(items) // _PER_STEP)
    return [item if isinstance(item, Rest) else _text(item) for item in items if item is not None]


def _text(value: Value) -> Text:
    if isinstance(value, (str, Hole, Partial)):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else Hole("a value that is no string")


def _alone(values: List[Named]) -> object:
    return values[0] if len(values) == 1 and not isinstance(values[0], Rest) else values


def _known(values: Sequence[Named]) -> Optional[List[str]]:
    """The texts, if all of them are known."""
    known = [one for one in values if isinstance(one, str)]
    return known if len(known) == len(values) else None


# Principals


def _principals(given: Tuple[Nested, ...]) -> object:
    ordered = provider_sets.in_set_order([_read_principals(nested) for nested in given], _written_principals)
    found: Dict[str, List[List[Named]]] = {}
    for block in ordered:
        identifiers = backwards(_changed(block.identifiers, _with_variables))
        for one in block.types:
            found.setdefault(one, []).append(identifiers)
    # Only this one form is written short; {"AWS": "*"} is what a role's trust policy needs.
    return "*" if found == {"*": [["*"]]} else by_name({kind: _together(lists) for kind, lists in found.items()})


def _read_principals(nested: Nested) -> _Principals:
    kind = nested.value("type")
    hole = nested.open
    if hole is None and not isinstance(kind, str):
        hole = hole_of(kind) or Hole("a principal type that is no string")
    types = (kind,) if isinstance(kind, str) else _PRINCIPAL_TYPES
    return _Principals(types, _once(_texts(nested.value("identifiers"))) if hole is None else [Rest(hole)])


def _written_principals(block: _Principals) -> Optional[str]:
    identifiers = _known(block.identifiers)
    if len(block.types) > 1 or identifiers is None:
        return None
    written = provider_sets.set_of_texts(identifiers)
    return provider_sets.block({"identifiers": written, "type": provider_sets.text(block.types[0])})


def _together(lists: List[List[Named]]) -> object:
    """The identifiers of all blocks of one type."""
    if len(lists) == 1:
        return _alone(lists[0])
    several = [one for listed in lists for one in listed]
    return several if _known(several) is not None else Unordered(_once(several))


# Conditions


def _conditions(given: Tuple[Nested, ...]) -> object:
    """Values under the same operator and key are put together, which means that one of them has to match."""
    read = [_read_condition(nested) for nested in given if nested.open is None]
    found: Dict[Text, Dict[Text, List[Named]]] = {}
    for condition in provider_sets.in_set_order(read, _written_condition):
        values = found.setdefault(condition.operator, {}).setdefault(condition.key, [])
        values.extend(_changed(condition.values, _with_variables))
    opened: Dict[Text, object] = {}
    for nested in given:
        if nested.open is not None:
            # It may add a condition, or values to one that is there.
            opened[nested.open] = nested.open
            _maybe_add(_read_condition(nested), nested.open, found)
    written = {
        operator: by_name({key: _alone(values) for key, values in keys.items()}) for operator, keys in found.items()
    }
    return {**by_name(written), **opened}


def _maybe_add(added: _Condition, hole: Hole, found: Dict[Text, Dict[Text, List[Named]]]) -> None:
    take(Budget.STEPS, sum(map(len, found.values())))
    for operator, keys in found.items():
        for key, values in keys.items():
            if _may_be(added.operator, operator) and _may_be(added.key, key):
                values.append(Rest(hole))


def _read_condition(condition: Nested) -> _Condition:
    operator, key = (_text(condition.value(name) or "") for name in ("test", "variable"))
    return _Condition(operator, key, _texts(condition.value("values")) if condition.open is None else [])


def _written_condition(condition: _Condition) -> Optional[str]:
    operator, key, values = condition.operator, condition.key, _known(condition.values)
    if not isinstance(operator, str) or not isinstance(key, str) or values is None:
        return None
    texts = {"test": operator, "variable": key}
    written = {name: provider_sets.text(one) for name, one in texts.items()}
    return provider_sets.block({**written, "values": provider_sets.texts(values)})


def _may_be(one: Text, other: Text) -> bool:
    return one == other or not (isinstance(one, str) and isinstance(other, str))
