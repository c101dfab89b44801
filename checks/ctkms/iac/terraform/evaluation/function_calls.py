"""Function calls: those that see more than the values of their arguments, and the way to all others."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Callable, Dict, List, NamedTuple, Optional, Tuple

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.evaluation import functions
from ctkms.iac.terraform.evaluation.collection_items import known_length
from ctkms.iac.terraform.evaluation.conversion import plain
from ctkms.iac.terraform.evaluation.file_functions import READERS, Reader, contents
from ctkms.iac.terraform.evaluation.open_names import open_call
from ctkms.iac.terraform.evaluation.scope import ChildScope, Evaluator, Scope
from ctkms.iac.terraform.evaluation.traversals import traverse
from ctkms.iac.terraform.evaluation.values import (
    Failure,
    Json,
    OpenMap,
    Picked,
    Reference,
    Steps,
    Unordered,
    Value,
    fail,
    holes_of,
    is_sure,
)
from ctkms.iac.terraform.syntax.hcl_parser import parse_template
from ctkms.iac.terraform.syntax.references import traversals
from ctkms.iac.terraform.syntax.syntax_tree import (
    Attribute,
    Broken,
    Call,
    Expression,
    Index,
    Literal,
    Splat,
    Template,
    Variable,
)
from ctkms.unknowns.text import Hole, Kind, Maybe, Rest

MAX_TEMPLATES = 1  # Terraform lets no template file call another one


def call(node: Call, evaluator: Evaluator) -> Value:
    """The result of a function call."""
    name = node.name[len("core::") :] if node.name.startswith("core::") else node.name
    if name in _LAZY:
        return _LAZY[name](node, evaluator)
    arguments = [evaluator.value(argument) for argument in node.arguments]
    if node.expand and arguments:
        last = arguments.pop()
        if isinstance(last, Hole):
            last = [Rest(last)]
        if not isinstance(last, list):
            return fail("only a list can be expanded")
        if known_length(last) < len(last) or (isinstance(last, Unordered) and len(last) > 1):
            return open_call(name, [*arguments, last])
        arguments.extend(last)
    if name in _READERS:
        return _READERS[name](arguments, evaluator)
    take(Budget.STEPS, sum(map(_effort, arguments)))
    result = functions.call(name, arguments)
    take(Budget.STEPS, _effort(result))
    if isinstance(result, str):
        take(Budget.CHARACTERS, len(result))
    return result


def _effort(value: Value) -> int:
    """What it takes to read or make a value once, in steps."""
    if isinstance(value, (list, dict)):
        return len(value)
    return len(value) // _TEXT if isinstance(value, str) else 1


_TEXT = 200  # characters that a function reads or writes in the time of one step


def _try(node: Call, evaluator: Evaluator) -> Value:
    """The first argument that Terraform can evaluate."""
    for position, argument in enumerate(node.arguments):
        values, certain, doubts = _attempt(argument, evaluator)
        if values and not doubts and not certain and _may_be_anything(values[0]) and isinstance(values[0], Hole):
            return replace(values[0], type=None)  # it may be another argument after all, of another type
        if values and not doubts and (certain or (_selects(argument) and not _is_picked(values[0]))):
            return values[0]
        if values:  # whether it fails depends on what is open
            others = [evaluator.branch(other) for other in node.arguments[position + 1 :]]
            return open_call("try", [*values, *doubts, *others])
    return fail("no argument of try can be evaluated")


_TOLD = (Picked, Maybe, OpenMap)  # what they are, if they are there


def _may_be_anything(value: Value) -> bool:
    return isinstance(value, Hole) and value.kind is Kind.ANY and not isinstance(value, _TOLD)


def _is_picked(value: Value) -> bool:
    """Whether it is open whether there is such a value at all."""
    return any(isinstance(hole, _TOLD) for hole in holes_of([value]))


def _can(node: Call, evaluator: Evaluator) -> Value:
    values, certain, doubts = _attempt(node.arguments[0], evaluator) if node.arguments else _Attempt((), True)
    return bool(values) if certain or not values else open_call("can", [*values, *doubts])


class _Attempt(NamedTuple):
    values: Tuple[Value, ...]
    certain: bool
    doubts: Tuple[Hole, ...] = ()  # on which it depends whether there is what it refers to


def _attempt(node: Expression, evaluator: Evaluator) -> _Attempt:
    """The value alone, nothing where Terraform would report an error; and whether that is certain.

    It is not where an open value took part that could be null or of the wrong type. What the scenario
    assumes to be true or false is neither.
    """
    watch = _Watch(evaluator.scope, list(evaluator.variables.values()))
    try:
        values: Tuple[Value, ...] = (
            Evaluator(watch, evaluator.evaluate, evaluator.variables, evaluator.level).value(node),
        )
    except Failure:
        values = ()
    seen = [
        one for one in watch.seen if not (isinstance(one, Hole) and evaluator.scope.assumed(one.source) is not None)
    ]
    return _Attempt(values, not watch.doubts and is_sure(*seen, *values), tuple(dict.fromkeys(watch.doubts)))


def _selects(node: Expression) -> bool:
    """Whether an expression only picks and arranges values, which does not fail for what is in them."""
    if isinstance(node, (Variable, Literal)):
        return True
    if isinstance(node, Attribute):
        return _selects(node.target)
    if isinstance(node, Index):
        return _selects(node.target) and (isinstance(node.key, Template) or _selects(node.key))
    if isinstance(node, Splat):
        return _selects(node.target) and _selects(node.each)
    return isinstance(node, Call) and node.name in _SELECTING and all(map(_selects, node.arguments))


_SELECTING = ("jsonencode", "one", "element")


class _Watch(ChildScope):
    """A scope that remembers the values it gave."""

    def __init__(self, outer: Scope, seen: List[Value]) -> None:
        super().__init__(outer)
        self.seen = seen
        self.doubts: List[Hole] = []

    def resolve(self, traversal: Steps) -> Value:
        """What the reference means outside."""
        doubt = self.doubt(traversal)
        if doubt is not None:
            self.doubts.append(doubt)
        return self._noted(super().resolve(traversal))

    def follow(self, reference: Reference, steps: Steps) -> Value:
        """What it is outside."""
        return self._noted(super().follow(reference, steps))

    def _noted(self, value: Value) -> Value:
        self.seen.append(value)
        return value


def _template_file(arguments: List[Value], evaluator: Evaluator) -> Value:
    return _rendered("templatefile", contents(arguments, evaluator), arguments, evaluator)


def _is_sensitive(node: Call, evaluator: Evaluator) -> Value:
    """What is sensitive is not kept; an expression that has nothing to do with it is not."""
    values = [evaluator.value(argument) for argument in node.arguments]
    if len(values) == 1 and isinstance(node.arguments[0], Call) and node.arguments[0].name == "sensitive":
        return True
    inside = node.arguments[0].source if node.arguments else ""
    clear = "sensitive" not in inside and next(traversals(node), None) is None
    return False if clear and len(values) == 1 else open_call("issensitive", values)


def _template_string(node: Call, evaluator: Evaluator) -> Value:
    """Terraform takes a template from elsewhere only: what is written here is no template of a template."""
    if len(node.arguments) != 2 or not _refers(node.arguments[0]):
        return fail("templatestring takes a reference to a template")
    template, variables = map(evaluator.value, node.arguments)
    written = template if isinstance(template, str) else plain(template) if isinstance(template, Json) else None
    return _rendered("templatestring", written, [template, variables], evaluator)


def _refers(node: Expression) -> bool:
    """Whether an expression is a reference, whatever stands in the brackets of it."""
    while isinstance(node, (Attribute, Index, Splat)):
        node = node.target
    return isinstance(node, Variable)


def _rendered(name: str, written: Optional[str], arguments: List[Value], evaluator: Evaluator) -> Value:
    if evaluator.level >= MAX_TEMPLATES:
        return fail("a template cannot read another one")
    if written is None or len(arguments) != 2:
        return open_call(name, arguments)
    template = parse_template(written.removeprefix("\ufeff"))
    if any(isinstance(part, Broken) for part in template.parts):
        return open_call(name, arguments)
    variables = arguments[1]
    if isinstance(variables, dict) and not all(_NAME.fullmatch(key) for key in variables if isinstance(key, str)):
        return fail("the variables of a template have the names of variables")
    scope = TemplateScope(evaluator.scope, variables)
    return Evaluator(scope, evaluator.evaluate, level=evaluator.level + 1).value(template)


_NAME = re.compile(r"[^\W\d][\w-]*")


class TemplateScope(ChildScope):
    """Within a template file only the variables that it was given have a meaning."""

    def __init__(self, outer: Scope, variables: Value) -> None:
        super().__init__(outer)
        self._variables = variables

    def resolve(self, traversal: Steps) -> Value:
        """The value of one of its variables."""
        return traverse(self._variables, traversal, self.outer)

    def doubt(self, traversal: Steps) -> Optional[Hole]:
        """A variable is there."""
        return None


_LAZY: Dict[str, Callable[[Call, Evaluator], Value]] = {
    "try": _try,
    "can": _can,
    "issensitive": _is_sensitive,
    "templatestring": _template_string,
}
_READERS: Dict[str, Reader] = {
    **READERS,
    "templatefile": _template_file,
}
