"""Which types can become which, and the one type that several can become.

The rules are those of `cty`, on which Terraform is built: https://github.com/zclconf/go-cty/blob/main/docs/convert.md
"""

from __future__ import annotations

from typing import Callable, Dict, List, Optional, Sequence

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.evaluation.value_types import DYNAMIC, OPEN, STRING, Type, list_of, map_of, object_of, tuple_of

_COMPARED = 8  # pairs of types that are looked at in the time of one step
_ANY = ("dynamic", "open")


def convertible(source: Type, target: Type) -> bool:
    """Whether some value of the one type can be converted to the other."""
    if source == target or source.kind in _ANY or target.kind in _ANY:
        return True
    if source.is_primitive or target.is_primitive:
        return "string" in (source.kind, target.kind) and source.is_primitive and target.is_primitive
    take(Budget.STEPS, len(source.inner) // _COMPARED)
    if target.kind in ("list", "set"):
        return source.kind in ("list", "set", "tuple") and _elements_convertible(source, target.element)
    if target.kind == "map":
        return source.kind in ("map", "object") and _elements_convertible(source, target.element)
    if target.kind == "tuple":
        return source.kind == "tuple" and _pairwise(source, target)
    return _to_object(source, target)


def _elements_convertible(source: Type, element: Type) -> bool:
    if source.kind in ("tuple", "object") and element == DYNAMIC:
        return not source.inner or common_element(source) is not None
    return all(convertible(one, element) for one in dict.fromkeys(source.inner))


def _pairwise(source: Type, target: Type) -> bool:
    return len(source.inner) == len(target.inner) and all(map(convertible, source.inner, target.inner))


def _to_object(source: Type, target: Type) -> bool:
    if source.kind == "map":
        return all(
            convertible(source.element, wanted) or name in target.optional for name, wanted in target.attributes.items()
        )
    if source.kind != "object":
        return False
    given = source.attributes
    return all(
        convertible(given[name], wanted) if name in given else name in target.optional
        for name, wanted in target.attributes.items()
    )


def common_element(source: Type) -> Optional[Type]:
    """The type that all elements of a tuple, or all attributes of an object, have in a collection of any type."""
    found = unify(source.inner)
    mixed = found == DYNAMIC and any(one != DYNAMIC for one in source.inner)
    return None if mixed and source.kind == "tuple" else found


def unify(types: Sequence[Type]) -> Optional[Type]:
    """The type that values of all these types can become; None where there is none."""
    distinct = list(dict.fromkeys(types))
    if len(distinct) < 2:
        return distinct[0] if distinct else None
    if OPEN in distinct:
        # Whatever else there is, a string makes strings of all primitive ones.
        known = [one for one in distinct if one != OPEN]
        return STRING if unify(known) == STRING else OPEN
    kinds = {one.kind for one in distinct if one != DYNAMIC}
    if len(kinds) == 1 and kinds <= _OF_ONE_KIND.keys():
        kind = kinds.pop()
        return DYNAMIC if DYNAMIC in distinct else _OF_ONE_KIND[kind](kind, distinct)
    found = None
    if kinds in ({"map", "object"}, {"list", "tuple"}):
        found = _one_collection(distinct, *sorted(kinds))
    return found if found is not None or {"object", "tuple"} <= kinds else _most_general(distinct)


def _collections(kind: str, types: List[Type]) -> Optional[Type]:
    element = unify([one.element for one in types])
    return None if element is None else Type(kind, (element,))


def _objects(_: str, types: List[Type]) -> Optional[Type]:
    if any(one.names != types[0].names for one in types):
        return _collection_of_all(types, "map")
    attributes = [unify([one.inner[at] for one in types]) for at in range(len(types[0].names))]
    known = [one for one in attributes if one is not None]
    if len(known) < len(attributes):
        return None
    made = object_of(dict(zip(types[0].names, known)))
    return made if all(convertible(one, made) for one in types) else _collection_of_all(types, "map")


def _tuples(_: str, types: List[Type]) -> Optional[Type]:
    if any(len(one.inner) != len(types[0].inner) for one in types):
        return _collection_of_all(types, "list")
    elements = [unify([one.inner[at] for one in types]) for at in range(len(types[0].inner))]
    known = [one for one in elements if one is not None]
    if len(known) < len(elements):
        return None
    made = tuple_of(known)
    return made if all(convertible(one, made) for one in types) else _collection_of_all(types, "list")


def _collection_of_all(types: List[Type], kind: str) -> Optional[Type]:
    """The map, or list, that has all that is in these objects, or tuples."""
    element = unify([inner for one in types for inner in one.inner])
    if element is None:
        return None
    made = map_of(element) if kind == "map" else list_of(element)
    return made if all(convertible(one, made) for one in types) else None


def _one_collection(types: List[Type], kind: str, structure: str) -> Optional[Type]:
    """Objects among maps are taken as maps, tuples among lists as lists."""
    taken = _collection_of_all([one for one in types if one.kind == structure], kind)
    if taken is None:
        return None
    found = unify([taken if one.kind == structure else one for one in types])
    return found if found is not None and found.kind == kind else None


_OF_ONE_KIND: Dict[str, Callable[[str, List[Type]], Optional[Type]]] = {
    "list": _collections,
    "set": _collections,
    "map": _collections,
    "object": _objects,
    "tuple": _tuples,
}


def _most_general(types: List[Type]) -> Optional[Type]:
    for wanted in _in_order(types):
        if all(convertible(one, wanted) for one in types):
            return wanted
    return None


def _in_order(types: List[Type]) -> List[Type]:
    """The types, the more general ones before those that they are more general than."""
    take(Budget.STEPS, len(types) * len(types) // _COMPARED)
    below: List[List[int]] = [[] for _ in types]
    above = [0] * len(types)
    for at, one in enumerate(types):
        for further in range(at + 1, len(types)):
            order = _compare(one, types[further])
            if order:
                general, special = (at, further) if order < 0 else (further, at)
                below[general].append(special)
                above[special] += 1
    waiting = [at for at, count in enumerate(above) if not count]
    for at in waiting:
        for special in below[at]:
            above[special] -= 1
            if not above[special]:
                waiting.append(special)
    return [types[at] for at in waiting]


def _compare(left: Type, right: Type) -> int:
    """Below zero where the left type is the more general one, above where the right one is."""
    if DYNAMIC in (left, right):
        return (left == DYNAMIC) - (right == DYNAMIC)
    if left.is_primitive and right.is_primitive:
        return (right.kind == "string") - (left.kind == "string")
    if left.kind == right.kind and left.kind in ("list", "set", "map"):
        return _compare(left.element, right.element)
    for general, special in (("tuple", "set"), ("list", "set"), ("list", "tuple"), ("map", "object")):
        if (left.kind, right.kind) == (general, special):
            return -1
        if (right.kind, left.kind) == (general, special):
            return 1
    if left.kind != right.kind or left.names != right.names or len(left.inner) != len(right.inner):
        return 0
    found = {_compare(one, other) for one, other in zip(left.inner, right.inner)} - {0}
    return found.pop() if len(found) == 1 else 0
