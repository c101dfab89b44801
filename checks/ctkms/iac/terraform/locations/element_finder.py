"""From an expression that makes a policy to the narrowest part of the code that makes one element of it.

The steps lead into the value, and the finder goes the same way through the code: through objects,
lists and JSON texts, through locals, variables, module calls and policy documents. Where a value is
made by an expression that has no place for the element alone, the place is that of the expression.
"""

from __future__ import annotations

from typing import Callable, Dict, List, NamedTuple, Optional, Tuple, Union

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.aws.policy_document import origin_of
from ctkms.iac.terraform.evaluation.dynamic_blocks import Nested, blocks
from ctkms.iac.terraform.evaluation.evaluate import Scope, evaluate
from ctkms.iac.terraform.evaluation.values import Failure, fail
from ctkms.iac.terraform.evaluation.values import Index as InstanceIndex
from ctkms.iac.terraform.instances.module_instance import ModuleInstance
from ctkms.iac.terraform.instances.repetition import Repetition, index_of
from ctkms.iac.terraform.instances.resource_instance import ResourceInstance
from ctkms.iac.terraform.locations.located_modules import LocatedModules, input_of
from ctkms.iac.terraform.modules.files import joined
from ctkms.iac.terraform.syntax.syntax_tree import (
    Attribute,
    Call,
    Conditional,
    Expression,
    ForExpr,
    Index,
    ListExpr,
    ObjectExpr,
    Template,
    Variable,
)
from ctkms.unknowns.source_nodes import NAME, Span, Step, find, json_node
from ctkms.unknowns.yaml_nodes import yaml_node

MAX_WAY = 200  # expressions on the way to one element

Steps = Tuple[Step, ...]


class Here(NamedTuple):
    """An expression and where it stands: the scope that resolves its references, and the module around it."""

    node: Expression
    scope: Scope
    module: ModuleInstance


# One step on the way: the next expression with the steps that are left, a place, or None at the end.
Next = Union[Tuple[Here, Steps], Span, None]


class ElementFinder:
    """Finds elements of the values that expressions make."""

    def __init__(self, modules: LocatedModules) -> None:
        self._modules = modules
        self._places = modules.places

    def find(self, here: Here, steps: Steps, value: Optional[str] = None) -> Optional[Span]:
        """The narrowest place of the element that the steps lead to; `value` picks an item of a list at the end."""
        span: Optional[Span] = None
        for _ in range(MAX_WAY):
            take(Budget.STEPS)
            span = self._places.of(here.node) or span
            try:
                found = self._next(here, steps, value)
            except Failure:  # a plan may have no instance for what the code names
                return span
            if isinstance(found, Span):
                return found
            if found is None:
                return span
            here, steps = found
        return span

    def _next(self, here: Here, steps: Steps, value: Optional[str]) -> Next:
        node = here.node
        if isinstance(node, (Variable, Attribute, Index)):
            return self._reference(here, steps, value)
        if isinstance(node, Call):
            return self._call(here, node, steps, value)
        if isinstance(node, Conditional):
            condition = evaluate(node.condition, here.scope)
            chosen = node.yes if condition is True else node.no if condition is False else None
            return None if chosen is None else (here._replace(node=chosen), steps)
        if isinstance(node, ObjectExpr):
            return self._member(here, node, steps)
        if isinstance(node, ListExpr):
            return self._item(here, node, steps, value)
        if isinstance(node, ForExpr) and node.result_key is None and steps and isinstance(steps[0], int):
            return here._replace(node=node.result), steps[1:]
        if isinstance(node, Template):
            return self._template(here, node, steps, value)
        return (here, steps[1:]) if steps[:1] == (0,) else None

    # Collections

    def _member(self, here: Here, node: ObjectExpr, steps: Steps) -> Next:
        if steps[:1] == (0,):
            return here, steps[1:]  # a single value is a list of one, as policies have it
        if not steps or not isinstance(steps[0], str):
            return None
        for key, item in reversed(node.items):
            if evaluate(key, here.scope) == steps[0]:
                return self._places.of(key) if steps[1:2] == (NAME,) else (here._replace(node=item), steps[1:])
        return None

    def _item(self, here: Here, node: ListExpr, steps: Steps, value: Optional[str]) -> Next:
        if steps and isinstance(steps[0], int):
            return (here._replace(node=node.items[steps[0]]), steps[1:]) if steps[0] < len(node.items) else None
        if steps:
            return None
        wanted = (one for one in node.items if value is not None and str(evaluate(one, here.scope)) == value)
        chosen = node.items[0] if len(node.items) == 1 else next(wanted, None)
        return None if chosen is None else (here._replace(node=chosen), ())

    def _call(self, here: Here, node: Call, steps: Steps, value: Optional[str]) -> Next:
        handle = _CALLS.get(node.name)
        return handle(self, here, node, steps, value) if handle is not None and node.arguments else None

    def _first(self, here: Here, node: Call, steps: Steps, value: Optional[str]) -> Next:
        return here._replace(node=node.arguments[0]), steps

    def _concatenated(self, here: Here, node: Call, steps: Steps, value: Optional[str]) -> Next:
        if not steps or not isinstance(steps[0], int):
            return None
        left = steps[0]
        for argument in node.arguments:
            items = evaluate(argument, here.scope)
            if not isinstance(items, list):
                return None
            if left < len(items):
                return here._replace(node=argument), (left, *steps[1:])
            left -= len(items)
        return None

    def _merged(self, here: Here, node: Call, steps: Steps, value: Optional[str]) -> Next:
        for argument in reversed(node.arguments if steps else ()):
            members = evaluate(argument, here.scope)
            if not isinstance(members, dict):
                return None
            if steps[0] in members:
                return here._replace(node=argument), steps
        return None

    # Texts

    def _template(self, here: Here, node: Template, steps: Steps, value: Optional[str]) -> Next:
        if len(node.parts) == 1 and not isinstance(node.parts[0], str):
            return here._replace(node=node.parts[0]), steps  # type: ignore[arg-type]
        span = self._places.of(node)
        if not steps or span is None:
            return None
        text = self._places.text(span)
        if steps == (0,) or not text.startswith("<<"):
            return None
        first, last = text.find("\n") + 1, text.rstrip().rfind("\n") + 1
        return self._in_text(Span(span.file, span.start + first, span.start + last), steps, value, True)

    def _file(self, here: Here, node: Call, steps: Steps, value: Optional[str]) -> Next:
        path = evaluate(node.arguments[0], here.scope)
        root = here.module.shared.modules.root
        file = joined(root, path) if isinstance(path, str) and root else None
        text = self._modules.text_file(file) if file else None
        if file is None or text is None:
            return None
        return self._in_text(Span(file, 0, len(text)), steps, value, node.name == "templatefile")

    def _in_text(self, span: Span, steps: Steps, value: Optional[str], interpolated: bool) -> Span:
        """Within JSON, or YAML that `yamldecode` reads."""
        text = self._places.text(span)
        node = json_node(text, interpolated) or (yaml_node(text) if steps else None)
        if node is None:
            return span
        found = find(node, steps, value)
        return Span(span.file, span.start + found.start, span.start + found.end)

    # References

    def _reference(self, here: Here, steps: Steps, value: Optional[str]) -> Next:
        path = _path(here)
        handle = _ROOTS.get(path[0]) if path else None
        if handle is None or len(path) < 2:
            return None
        return handle(self, here.module, path[1:], steps, value)

    def _local(self, module: ModuleInstance, path: Steps, steps: Steps, value: Optional[str]) -> Next:
        node = self._modules.module(module).locals.get(str(path[0]))
        return None if node is None else (Here(node, module, module), (*path[1:], *steps))

    def _variable(self, module: ModuleInstance, path: Steps, steps: Steps, value: Optional[str]) -> Next:
        name, rest = str(path[0]), (*path[1:], *steps)
        given, parent = input_of(module, name, self._modules), module.parent
        if given is not None and parent is not None:
            return Here(given, module.scope_of_inputs(name), parent), rest
        if parent is None and name in module.shared.given:
            node = self._modules.given(module, name)
        else:
            declared = self._modules.module(module).variables.get(name)
            node = None if declared is None else declared.attributes.get("default")
        return None if node is None else (Here(node, module, module), rest)

    def _output(self, module: ModuleInstance, path: Steps, steps: Steps, value: Optional[str]) -> Next:
        call, rest = path[0], path[1:]
        if str(call) not in module.module.calls or module.called(str(call)) is None:
            return None
        index, rest = _index(module.call_repetition(str(call)), rest)
        instance = module.module_instance(str(call), index)
        output = self._modules.module(instance).outputs.get(str(rest[0])) if instance is not None and rest else None
        node = None if output is None else output.attributes.get("value")
        return None if node is None or instance is None else (Here(node, instance, instance), (*rest[1:], *steps))

    def _data(self, module: ModuleInstance, path: Steps, steps: Steps, value: Optional[str]) -> Next:
        name = ("data", str(path[0]), str(path[1]) if len(path) > 1 else "")
        if path[0] != "aws_iam_policy_document" or name not in module.module.resources:
            return None
        index, rest = _index(module.repetition(name), path[2:])
        if rest[:1] not in (("json",), ("minified_json",)):
            return None
        return self._document(module.instance(name, index), steps)

    # Policy documents

    def _document(self, instance: ResourceInstance, steps: Steps) -> Next:
        body, module = self._modules.body(instance), instance.module
        if body is None or not isinstance(module, ModuleInstance):
            return None
        head = self._places.of(body)
        if len(steps) < 2 or steps[0] != "Statement" or not isinstance(steps[1], int):
            node = body.attributes.get("version") if steps == ("Version",) else None
            return head if node is None else (Here(node, instance.scope, module), ())
        origin = origin_of(body, instance.scope, steps[1])
        if origin is None:
            return head
        argument, number, statement = origin
        if argument:
            node = body.attributes.get(argument)
            inner: Steps = ("Statement", statement, *steps[2:])
            inner = (number, *inner) if argument.endswith("documents") else inner
            return head if node is None else (Here(node, instance.scope, module), inner)
        nested = blocks(body, "statement", instance.scope)[statement]
        return self._statement(nested, module, steps[2:]) or head

    def _statement(self, statement: Nested, module: ModuleInstance, steps: Steps) -> Next:
        head = self._places.of(statement.body)
        if not steps or steps[0] == NAME:
            return head
        argument = _ARGUMENTS.get(str(steps[0]))
        if argument is not None:
            return self._argument(statement, module, argument, steps[1:]) or head
        nested, argument, rest = _nested(statement, steps)
        if nested is None:
            return head
        return self._argument(nested, module, argument, rest) or self._places.of(nested.body) or head

    def _argument(self, block: Nested, module: ModuleInstance, name: str, steps: Steps) -> Next:
        node = block.body.attributes.get(name)
        return None if node is None else (Here(node, block.scope, module), steps)


def _nested(statement: Nested, steps: Steps) -> Tuple[Optional[Nested], str, Steps]:
    """The block within a statement that makes the element, the argument of it, and the steps that are left."""
    element, *inner = steps
    if element in ("Principal", "NotPrincipal"):
        name = "principals" if element == "Principal" else "not_principals"
        found = blocks(statement.body, name, statement.scope)
        chosen = [one for one in found if not inner or one.value("type") == inner[0]]
        return (chosen[0] if len(chosen) == 1 else None), "identifiers", tuple(inner[1:])
    if element != "Condition":
        return None, "", ()
    found = blocks(statement.body, "condition", statement.scope)
    wanted = [one for one in inner if one != NAME]
    chosen = [one for one in found if [one.value("test"), one.value("variable")][: len(wanted)] == wanted]
    argument = "values" if NAME not in inner else "test" if len(wanted) == 1 else "variable"
    return (chosen[0] if chosen and (wanted or len(found) == 1) else None), argument, ()


def _index(repeated: Repetition, steps: Steps) -> Tuple[InstanceIndex, Steps]:
    """The instance that a reference means, and what follows; raises `Failure` where there is none."""
    if not repeated.argument:
        return None, steps
    return (index_of(repeated, steps[0]), steps[1:]) if steps else fail("no instance is named")


def _path(here: Here) -> Steps:
    """The names and known indexes of a reference; empty where it is none, or has an index that is not known."""
    steps: List[Step] = []
    node: Expression = here.node
    while isinstance(node, (Attribute, Index)):
        key = node.name if isinstance(node, Attribute) else evaluate(node.key, here.scope)
        if not isinstance(key, (str, int)):
            return ()
        steps.append(key)
        node = node.target
    return (node.name, *reversed(steps)) if isinstance(node, Variable) else ()


Handler = Callable[[ElementFinder, Here, Call, Steps, Optional[str]], Next]
_CALLS: Dict[str, Handler] = {
    "jsonencode": ElementFinder._first,
    "jsondecode": ElementFinder._first,
    "yamldecode": ElementFinder._first,
    "sensitive": ElementFinder._first,
    "nonsensitive": ElementFinder._first,
    "tolist": ElementFinder._first,
    "tostring": ElementFinder._first,
    "concat": ElementFinder._concatenated,
    "merge": ElementFinder._merged,
    "file": ElementFinder._file,
    "templatefile": ElementFinder._file,
}
_ROOTS: Dict[object, Callable[[ElementFinder, ModuleInstance, Steps, Steps, Optional[str]], Next]] = {
    "local": ElementFinder._local,
    "var": ElementFinder._variable,
    "module": ElementFinder._output,
    "data": ElementFinder._data,
}
_ARGUMENTS = {
    "Sid": "sid",
    "Effect": "effect",
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}
