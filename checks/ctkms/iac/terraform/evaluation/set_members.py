"""The members of a set: each once, in the order in which Terraform goes through them."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, Iterable, List, Mapping

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.evaluation.open_names import describe
from ctkms.iac.terraform.evaluation.value_types import DYNAMIC, Type, set_of
from ctkms.iac.terraform.evaluation.values import OpenSet, Set, Value, is_known

_WRITTEN = 50  # characters of a sort key, in the time of one step


def make_set(items: Iterable[Value], element: Type) -> Set:
    """The set of these elements, which have been converted to the type."""
    kept = without_repeats(list(items))
    if is_known(kept):
        return Set(sorted(kept, key=_order(element)), set_of(element))
    return OpenSet(sorted(kept, key=lambda item: item if isinstance(item, str) else describe(item)), set_of(element))


def without_repeats(items: List[Value]) -> List[Value]:
    """The elements, each where it stands first."""
    if all(isinstance(item, str) for item in items):
        take(Budget.STEPS, len(items) // _WRITTEN)
        return list(dict.fromkeys(items))
    seen: Dict[str, Value] = {}
    for item in items:
        seen.setdefault(describe(item), item)
    return list(seen.values())


def _order(element: Type) -> Callable[[Value], Any]:
    """Null comes last. Texts, numbers and bools have an order of their own, the others one of their contents."""
    if element.is_primitive:
        return lambda item: (item is None, 0 if item is None else item)
    return lambda item: (item is None, _content(item, element))


def _content(value: Value, type_: Type) -> bytes:
    """What Terraform sorts structures by; see `appendSetHashBytes` in `cty`."""
    text = _written(value, type_)
    take(Budget.STEPS, len(text) // _WRITTEN)
    return text.encode("utf-8", "surrogatepass")


def _written(value: Value, type_: Type) -> str:
    if value is None:
        return "~"
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, (int, float)):
        return f"{value:.10g}"
    if isinstance(value, dict):
        return _dict(value, type_)
    if isinstance(value, list):
        inner = type_.inner if type_.kind == "tuple" else [type_.element if type_.inner else DYNAMIC] * len(value)
        opening, closing = "<>" if type_.kind == "tuple" else "[]"
        return opening + "".join(f"{_written(item, one)};" for item, one in zip(value, inner)) + closing
    return json.dumps(value, ensure_ascii=False)


def _dict(value: Mapping[Any, Value], type_: Type) -> str:
    if type_.kind != "object":
        pieces = (f"{json.dumps(key)}:{_written(value[key], type_.element)};" for key in sorted(value))
        return "{" + "".join(pieces) + "}"
    return "<" + "".join(f"{_written(value.get(name), one)};" for name, one in zip(type_.names, type_.inner)) + ">"
