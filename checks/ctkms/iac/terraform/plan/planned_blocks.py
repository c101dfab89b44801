"""The blocks of a plan as bodies of Terraform's language: known values as literals, unknown ones by their references.

Where a block of the planned values stands in the configuration is not said. It is found by what
both fix; `dynamic` blocks are not in the configuration at all, so theirs stay without references.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from ctkms.budgets import Budget, affords, take
from ctkms.iac.terraform.evaluation.open_names import describe
from ctkms.iac.terraform.evaluation.values import ABSENT, Value
from ctkms.iac.terraform.plan.argument_types import PLACES, are_instances, fitting, handed_on
from ctkms.iac.terraform.plan.plan_file import listed, mapping
from ctkms.iac.terraform.plan.plan_references import leaves, operand
from ctkms.iac.terraform.syntax.syntax_tree import Block, Body, Broken, Expression, KnownAfterApply, ListExpr, Literal
from ctkms.unknowns.text import Hole

UNKNOWN: Any = object()  # stands for a value, or a part of one, that is only known after apply


def planned_body(
    values: Mapping[str, Any],
    unknown: Mapping[str, Any],
    code: Mapping[str, Any],
    address: str,
    written: Optional[Body] = None,
) -> Body:
    """What a plan says of a resource instance, with the code of what is only known after apply.

    `code` is what the plan tells of that code, `written` the code itself, where it is at hand.
    """
    told = _body(values, unknown, code, address)
    if written is None:
        return told
    names = {name for name in unknown if has_unknown(unknown[name])}
    attributes = {name: written.attributes[name] for name in names if name in written.attributes}
    blocks = tuple(block for block in written.blocks if _names(block) in names)
    replaced = {_names(block) for block in blocks}
    kept = tuple(block for block in told.blocks if _names(block) not in replaced)
    return Body({**told.attributes, **attributes}, kept + blocks)


def _names(block: Block) -> str:
    """The type of the blocks that a block stands for."""
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


def handed_on_expression(code: Mapping[str, Any]) -> Expression:
    """The expression of an input, an output or a provider argument."""
    names = leaves(code)
    source = ", ".join(names)
    if "constant_value" in code:
        return Literal(code["constant_value"], source)
    return KnownAfterApply(tuple(map(operand, names)), lambda values: handed_on(names, values, source), source)


def looped_over_expression(code: Mapping[str, Any]) -> Expression:
    """The expression of `for_each`. What else than instances its members are, a loop may have changed."""
    names = leaves(code)
    source = ", ".join(names)

    def instances(values: Sequence[Value]) -> Value:
        found = handed_on(names, values, source)
        return found if isinstance(found, dict) and are_instances(found.values()) else Hole("${" + source + "}")

    return KnownAfterApply(tuple(map(operand, names)), instances, source)


def referring_body(entry: Mapping[str, Any], repeated: Body, unknown: Sequence[Mapping[str, Any]]) -> Body:
    """A resource of the configuration with all that it refers to, and nothing of its values.

    `unknown` is what the plan does not know of each instance. An argument of which it knows nothing, and
    that comes from locals alone, may come from anything.
    """

    def references(name: str, code: Any, where: str) -> Expression:
        names, path = leaves(code), [step.partition("[")[0] for step in where.split(".")[1:]]
        only_locals = bool(names) and all(one.startswith("local.") for one in names)
        if only_locals and any(_has_unknown_at(one, path) for one in unknown):
            source = f"{name} (known after apply, from {', '.join(names)})"
            return Broken("a plan does not say what its locals are", source)
        return ListExpr("", 0, 0, tuple(map(operand, names)))

    def body(of: Mapping[str, Any]) -> Body:
        return coded_body(mapping(of, "expressions"), references, "")

    own = body(entry)
    provisioners = tuple(Block("provisioner", (), body(one)) for one in listed(entry, "provisioners"))
    return Body({**repeated.attributes, **own.attributes, **waited_for(entry)}, (*own.blocks, *provisioners))


def waited_for(entry: Any) -> Dict[str, Expression]:
    """The `depends_on` of a resource, module call or output."""
    given = mapping(entry).get("depends_on")
    names = [one for one in given if isinstance(one, str)] if isinstance(given, list) else []
    return {"depends_on": ListExpr("depends_on", 0, 10, tuple(map(operand, names)))} if names else {}


def is_expression(code: Any) -> bool:
    """Whether a part of the configuration is an expression, and no nested block."""
    return isinstance(code, dict) and all(name in ("constant_value", "references") for name in code)


def _body(values: Mapping[str, Any], unknown: Mapping[str, Any], code: Optional[Mapping[str, Any]], path: str) -> Body:
    attributes: Dict[str, Expression] = {}
    blocks: List[Block] = []
    for name in dict.fromkeys((*values, *unknown)):
        value, open_ = values.get(name), unknown.get(name)
        written = None if code is None else code.get(name)
        where = f"{path}.{name}"
        if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            blocks.extend(Block(name, (), one) for one in _nested(value, open_, written, where))
        elif open_ is True and isinstance(written, list):
            blocks.extend(_open_blocks(name, written, where))
        elif not has_unknown(open_):
            if value is not None:
                attributes[name] = Literal(value, where)
        elif code is None or written is not None:  # the others are for the provider to say
            attributes[name] = _partly_known(name, _template(value, open_), written, where)
    return Body(attributes, tuple(blocks))


def _nested(values: List[Any], unknown: Any, code: Any, path: str) -> Iterator[Body]:
    opens = [one if isinstance(one, dict) else {} for one in unknown] if isinstance(unknown, list) else []
    opens += [{}] * (len(values) - len(opens))
    written = [one for one in code if isinstance(one, dict)] if isinstance(code, list) else []
    for index, (value, open_, block) in enumerate(zip(values, opens, _matched(values, opens, written))):
        yield _body(value, open_, block, f"{path}[{index}]")


def _matched(
    values: Sequence[Mapping[str, Any]], unknown: Sequence[Mapping[str, Any]], code: Sequence[Mapping[str, Any]]
) -> List[Optional[Mapping[str, Any]]]:
    """The code of each block: by position where all fit, else the only one that fits."""
    planned = list(zip(values, unknown))
    if len(planned) == len(code) and all(_agrees(one, *two) for one, two in zip(code, planned)):
        return list(code)
    if not affords(Budget.STEPS, len(planned) * len(code)):
        return [None] * len(planned)
    take(Budget.STEPS, len(planned) * len(code))
    found: List[Optional[Mapping[str, Any]]] = []
    for value, open_ in planned:
        agreeing = [one for one in code if _agrees(one, value, open_)]
        found.append(agreeing[0] if len(agreeing) == 1 else None)
    return found


def _agrees(code: Mapping[str, Any], values: Mapping[str, Any], unknown: Mapping[str, Any]) -> bool:
    """Whether every constant of a block in the code is what the planned block has."""
    for name, expression in code.items():
        if is_expression(expression) and "constant_value" in expression:
            constant = expression["constant_value"]
            if has_unknown(unknown.get(name)) or _comparable(constant) != _comparable(values.get(name)):
                return False
    return True


def _comparable(value: Any) -> Any:
    """Terraform converts constants to the type of the argument, and orders sets."""
    if isinstance(value, list):
        return frozenset(describe(one) for one in value)
    return str(value).lower()


def _open_blocks(name: str, code: List[Any], path: str) -> Iterator[Block]:
    """Blocks of an open number, because a `dynamic` one is among them: those of the code, and any others."""
    for index, written in enumerate(code):
        if isinstance(written, dict):
            yield Block(name, (), coded_body(written, _unknown, f"{path}[{index}]"))
    others = Literal(Hole(f"{path} (known after apply)"), path)
    yield Block("dynamic", (name,), Body({"for_each": others}, (Block("content", (), Body({}, ())),)))


def coded_body(code: Mapping[str, Any], expression: Callable[[str, Any, str], Expression], path: str) -> Body:
    """A block of the configuration; `expression` makes what an argument of this name, at this path, is."""
    attributes: Dict[str, Expression] = {}
    blocks: List[Block] = []
    for name, written in code.items():
        where = f"{path}.{name}"
        if is_expression(written):
            attributes[name] = expression(name, written, where)
            continue
        nested = enumerate(written if isinstance(written, list) else (written,))
        bodies = (coded_body(one, expression, f"{where}[{index}]") for index, one in nested if isinstance(one, dict))
        blocks.extend(Block(name, (), body) for body in bodies)
    return Body(attributes, tuple(blocks))


def _unknown(name: str, code: Any, where: str) -> Expression:
    if "constant_value" in code:
        return Literal(code["constant_value"], where)
    return _partly_known(name, UNKNOWN, code, where)


def has_unknown(unknown: Any) -> bool:
    """Whether any part of a value is only known after apply."""
    if isinstance(unknown, dict):
        return any(map(has_unknown, unknown.values()))
    return any(map(has_unknown, unknown)) if isinstance(unknown, list) else unknown is True


def _has_unknown_at(unknown: Any, path: Sequence[str]) -> bool:
    """Whether an argument, in any of the blocks that its path leads through, is only known after apply."""
    if isinstance(unknown, list):
        return any(_has_unknown_at(one, path) for one in unknown)
    if isinstance(unknown, dict) and path:
        return _has_unknown_at(unknown.get(path[0]), path[1:])
    return has_unknown(unknown)


def _template(value: Any, unknown: Any) -> Any:
    """The value with `UNKNOWN` where it is only known after apply."""
    if unknown is True:
        return UNKNOWN
    if isinstance(value, list) and isinstance(unknown, list):
        return [_template(one, open_) for one, open_ in zip(value, (*unknown, *[False] * len(value)))]
    if isinstance(unknown, dict):
        known = value if isinstance(value, dict) else {}
        return {name: _template(known.get(name), unknown.get(name)) for name in dict.fromkeys((*known, *unknown))}
    return value


def _partly_known(name: str, template: Any, code: Any, where: str) -> Expression:
    names = leaves(code)
    source = f"{where} (known after apply" + (f", from {', '.join(names)})" if names else ")")
    return KnownAfterApply(tuple(map(operand, names)), partial(_filled, name, template, names, source), source)


def _filled(name: str, template: Any, names: Tuple[str, ...], source: str, values: Sequence[Value]) -> Value:
    """The template with its unknown parts replaced by what the references are, or by holes."""
    parts = template if isinstance(template, list) else [template]
    unknown = sum(part is UNKNOWN for part in parts)
    place = PLACES.get(name)
    found = fitting(place, names, values, parts) if place is not None else None
    if found is not None and unknown and len(found) == unknown:
        rest = iter(found)
        return _replaced(template, lambda _: next(rest))
    if template is UNKNOWN and _is_null(values):
        return None
    return _replaced(template, lambda path: Hole(source + path))


def _is_null(values: Sequence[Value]) -> bool:
    """Whether the references leave nothing but null: that is as good as absent, and the provider makes up a value."""
    missing = [one for one in values if one is None or one is ABSENT]
    return bool(missing) and all(isinstance(one, (bool, int, float)) for one in values if one not in missing)


def _replaced(template: Any, make: Callable[[str], Value], path: str = "") -> Value:
    if template is UNKNOWN:
        return make(path)
    if isinstance(template, list):
        return [_replaced(one, make, f"{path}[{index}]") for index, one in enumerate(template)]
    if isinstance(template, dict):
        return {name: _replaced(one, make, f"{path}.{name}") for name, one in template.items()}
    plain: Value = template
    return plain
