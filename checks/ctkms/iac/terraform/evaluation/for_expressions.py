"""Loops: splats, for-expressions, and the for-directive of templates.

A loop over a list that is not known gives a list that is not known. One over a list that is known in
part keeps the part.
"""

from __future__ import annotations

from typing import Dict, List, Tuple, Union

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.evaluation.collection_items import known_length, listed
from ctkms.iac.terraform.evaluation.conversion import text
from ctkms.iac.terraform.evaluation.further_elements import any_of, open_map, perhaps
from ctkms.iac.terraform.evaluation.open_names import describe, open_value
from ctkms.iac.terraform.evaluation.scope import Evaluator
from ctkms.iac.terraform.evaluation.values import Reference, Unordered, Value, fail, is_known, is_text, joined
from ctkms.iac.terraform.syntax.syntax_tree import Directive, Expression, ForExpr, Splat
from ctkms.unknowns.text import Hole, Rest, Text


def splat(node: Splat, evaluator: Evaluator) -> Value:
    """`target[*].each`: a single value counts as a list of one, null as an empty list."""
    target = evaluator.value(node.target)
    if target is None:
        return []
    if isinstance(target, Hole) and not isinstance(target, Reference) and not is_text(target):
        target = [Rest(target)]
    items = target if isinstance(target, list) else [target]
    take(Budget.STEPS, len(items))
    return [_element(item, node.each, evaluator) for item in items]


def _element(item: Value, each: Expression, evaluator: Evaluator) -> Value:
    if not isinstance(item, Rest):
        return evaluator.within({"*": item}).value(each)
    return perhaps(evaluator.within({"*": any_of(item)}).value(each))


def for_expression(node: ForExpr, evaluator: Evaluator) -> Value:
    """`[for ...]` or `{for ...}`"""
    collection = evaluator.value(node.collection)
    if isinstance(collection, Hole):
        result = _open_loop(node, evaluator, collection)
        return result if node.result_key is not None else [Rest(result)]
    pairs = _pairs(collection)
    take(Budget.STEPS, len(pairs))
    if node.result_key is not None:
        return _for_object(node, evaluator, collection, pairs)
    items: List[Value] = []
    for key, item in pairs:
        inner = _loop_frame(node, evaluator, key, item)
        included = _included(node, inner)
        if isinstance(item, Rest) and isinstance(included, Hole):
            included = Hole(included.source)  # it may be true of some of them only, so no scenario assumes it
        if included is True and not isinstance(item, Rest):
            items.append(inner.value(node.result))
        elif included is not False:
            items.append(perhaps(inner.branch(node.result), included))
    return items


def _for_object(node: ForExpr, evaluator: Evaluator, collection: Value, pairs: List[Tuple[Value, Value]]) -> Value:
    result: Dict[Text, Value] = {}
    for key, item in pairs:
        inner = _loop_frame(node, evaluator, key, item)
        included = _included(node, inner)
        if isinstance(item, Rest):
            result_open = _open_loop(node, evaluator, collection)
            alone = len(pairs) == 1 and not node.grouped
            return open_map(result_open, inner.branch(node.result)) if alone else result_open
        if isinstance(included, Hole):
            return _open_loop(node, evaluator, collection, included)
        if included:
            name, value = object_key(inner.value(node.result_key)), inner.value(node.result)
            if node.grouped:
                listed(result.setdefault(name, [])).append(value)
            elif name in result:
                fail("two elements of a for expression have the same key")
            else:
                result[name] = value
    return result


def _loop_frame(node: Union[ForExpr, Directive], evaluator: Evaluator, key: Value, item: Value) -> Evaluator:
    variables: Dict[str, Value] = {str(node.item): any_of(item) if isinstance(item, Rest) else item}
    if node.key is not None:
        variables[node.key] = key
    return evaluator.within(variables)


def _included(node: ForExpr, evaluator: Evaluator) -> Union[bool, Hole]:
    return True if node.condition is None else evaluator.condition(node.condition)


def _open_loop(node: ForExpr, evaluator: Evaluator, collection: Value, included: Value = True) -> Hole:
    """The unknown result of a loop, named by what it loops over and what it makes of each element."""
    placeholder = _loop_frame(node, evaluator, Hole("${" + str(node.key) + "}"), Hole("${" + node.item + "}"))
    made = [node.result_key, node.result, node.condition]
    each = ", ".join(describe(placeholder.branch(one)) for one in made if one is not None)
    names = node.item if node.key is None else f"{node.key}, {node.item}"
    return open_value(f"[for {names} in {describe(collection)} : {each}]", [collection, included])


def _pairs(collection: Value) -> List[Tuple[Value, Value]]:
    """What a loop runs over, with the keys: in order of their text for a map, the elements themselves for a set."""
    if isinstance(collection, dict):
        return sorted(collection.items(), key=lambda pair: str(pair[0]))
    if isinstance(collection, Unordered):
        known = is_known(collection)
        return [(item if known else _open_key(item), item) for item in collection]
    if isinstance(collection, list):
        certain = known_length(collection)
        return [(at if at < certain else _open_key(item), item) for at, item in enumerate(collection)]
    return fail("a loop needs a list, a set or a map")


def _open_key(item: Value) -> Hole:
    return open_value(f"key of {describe(item)}", [item])


def for_directive(node: Directive, evaluator: Evaluator) -> Value:
    """`%{ for }` in a template."""
    collection = evaluator.value(node.head)
    if isinstance(collection, Hole):
        placeholder = _loop_frame(node, evaluator, Hole("${" + str(node.key) + "}"), Hole("${" + str(node.item) + "}"))
        body = describe(placeholder.branch(node.body))
        return open_value(f"[for {node.item} in {describe(collection)} : {body}]", [collection])
    pairs = _pairs(collection)
    take(Budget.STEPS, len(pairs))
    return joined(_round(node, evaluator, key, item) for key, item in pairs)


def _round(node: Directive, evaluator: Evaluator, key: Value, item: Value) -> Text:
    body = text(_loop_frame(node, evaluator, key, item).value(node.body))
    return open_value(f"{describe(body)}...", [body]) if isinstance(item, Rest) else body


def object_key(value: Value) -> Text:
    """A value as the key of an object."""
    return value if isinstance(value, str) else text(value)
