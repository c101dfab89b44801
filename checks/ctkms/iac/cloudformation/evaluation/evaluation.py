"""The value of an expression of a template: intrinsic functions, references and conditions.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
The functions that need nothing but their arguments are in `functions.py`; here are those that look
around in the template and its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable, Collection, Dict, List, Optional, Sequence, Set, Tuple

from ctkms.budgets import Budget, TooLarge, take
from ctkms.iac.cloudformation.aws.return_values import (
    NESTING_PROPERTIES,
    SHAPES,
    Deployment,
    MadeName,
    Place,
    Shape,
    arn_of,
)
from ctkms.iac.cloudformation.evaluation.conditions import Conditions
from ctkms.iac.cloudformation.evaluation.cross_region_exports import READER
from ctkms.iac.cloudformation.evaluation.environments import Environment
from ctkms.iac.cloudformation.evaluation.functions import PLAIN_FUNCTIONS, sub_parts
from ctkms.iac.cloudformation.evaluation.map_lookup import find_in_map
from ctkms.iac.cloudformation.evaluation.neighbours import Stacks
from ctkms.iac.cloudformation.evaluation.other_stacks import OtherStacks
from ctkms.iac.cloudformation.evaluation.own_values import PSEUDO_PARAMETERS, OwnValues
from ctkms.iac.cloudformation.evaluation.parameter_store import ParameterStore
from ctkms.iac.cloudformation.evaluation.parameters import allowed, entry_name, given, handed_to, is_stored, unset
from ctkms.iac.cloudformation.evaluation.stack_outputs import IMPORT
from ctkms.iac.cloudformation.evaluation.values import (
    NO_VALUE,
    brief,
    flat,
    joined,
    literal,
    reference,
    text_of,
    weighed,
)
from ctkms.iac.cloudformation.templates import language_extensions
from ctkms.iac.cloudformation.templates.other_places import GET_OUTPUT
from ctkms.iac.cloudformation.templates.template import Resource, entries, scalar
from ctkms.unknowns.scenarios import Assumptions, Choice, too_large, unknown
from ctkms.unknowns.text import OWN_ACCOUNT, Hole, Partial, Text
from ctkms.unknowns.truth import TRUE, UNKNOWN, Truth, all_of

# Beyond this a value is unknown: no real template comes near, and none can exhaust the stack.
MAX_DEPTH = 50
_FUNCTION = 12  # steps, besides those for its arguments
_PLAIN = 4  # plain members of a mapping or list that are read in the time of one step


class Evaluation:
    """Values under some assumptions about open conditions.

    `open` collects the conditions whose answer mattered and is not known. `reached` collects the
    resources whose own name went into some value; with `explore` that includes both branches of
    every open condition. `consulted` collects the deployments whose outputs did.
    """

    def __init__(self, stacks: Stacks, home: Deployment, assumed: Assumptions, explore: bool = False) -> None:
        self.open: Set[str] = set()
        self.reached: Set[Place] = set()
        self.consulted: Set[Deployment] = set()
        self._stacks = stacks
        self._home = home
        self._own = OwnValues(stacks, home)
        self._others = OtherStacks(stacks, self, self._named, explore)
        self._store = ParameterStore(stacks, self, explore)
        self.explores = explore
        self._local_names = False
        self._depth = 0
        self._values: Dict[Tuple[int, bool, Deployment], Tuple[object, object]] = {}
        self._cut = 0
        self._conditions = Conditions(
            assumed, self._declared_condition, self._condition_name, self.value, self._allowed
        )
        self._parameters: Dict[Tuple[bool, Deployment, str], object] = {}

    # Values

    def value(self, expression: object, at: Deployment) -> object:
        """The value: a builtin, `Hole` or `Partial`, mappings and lists of these, or NO_VALUE."""
        if isinstance(expression, str):
            return self._store.in_text(literal(str(expression)), at, self._local_names)
        if not isinstance(expression, (Mapping, list, tuple)):
            return scalar(expression)
        key = (id(expression), self._local_names, at)
        if key not in self._values:
            # A YAML anchor is one object in many places. Keeping it keeps its id from being used again.
            self._values[key] = expression, self._work_out(expression, at)
        return self._values[key][1]

    def _work_out(self, expression: Collection[object], at: Deployment) -> object:
        if self._depth >= MAX_DEPTH:
            self._cut += 1  # a number of its own: nobody knows that two of them are alike
            return Hole(self._named(f"an expression nested too deeply ({self._cut})", at))
        self._depth += 1
        try:
            take(Budget.STEPS, 1 + len(expression) // _PLAIN)
            if isinstance(expression, Mapping):
                value = self._mapping(entries(expression), at)
                if isinstance(value, (Hole, Partial)):
                    value = self._store.in_text(value, at, self._local_names)
                return weighed(value)
            return [item for item in (self.value(item, at) for item in expression) if item is not NO_VALUE]
        except TooLarge:
            return too_large(next(iter(map(str, expression)), "") if isinstance(expression, Mapping) else "a list")
        finally:
            self._depth -= 1

    def text(self, expression: object, at: Deployment) -> Text:
        """The value of what stands for a text; a hole where it is none."""
        text = text_of(self.value(expression, at))
        return Hole(self._named(brief(expression), at)) if text is None else text

    def local_value(self, expression: object, at: Deployment) -> object:
        """The same, with holes named as if `at` were the only template: to compare names across stacks."""
        before, self._local_names = self._local_names, True
        try:
            return self.value(expression, at)
        finally:
            self._local_names = before

    def property(self, resource: Resource, name: str, at: Deployment) -> object:
        """The value of a resource's property; NO_VALUE when it is not set."""
        if name in resource.properties:
            return self.value(resource.properties[name], at)
        macros = [key for key in resource.properties if key.startswith("Fn::")]
        return Hole(self._named(f"{name} from {macros[0]}", at)) if macros else NO_VALUE

    def has_language_extensions(self, at: Deployment) -> bool:
        """Whether the functions of that transform are any."""
        return self._stacks.template(at.file).has_language_extensions

    def _mapping(self, fields: Dict[str, object], at: Deployment) -> object:
        functions = [key for key in fields if key.startswith("Fn::") or (key == "Ref" and len(fields) == 1)]
        if not functions:
            values = ((key, self.value(value, at)) for key, value in fields.items())
            return {key: value for key, value in values if value is not NO_VALUE}
        take(Budget.STEPS, _FUNCTION)
        name, argument = functions[0], fields[functions[0]]
        if len(fields) == 1 and name in _FUNCTIONS:
            return _FUNCTIONS[name](self, argument, at)
        if name in language_extensions.FUNCTIONS and not self.has_language_extensions(at):
            return Hole(self._named(f"{name} {language_extensions.WITHOUT}: {brief(argument)}", at))
        if len(fields) == 1 and name in PLAIN_FUNCTIONS:
            operands = self.value(argument, at)
            result = PLAIN_FUNCTIONS[name](operands)
            if result is not None:
                return result
            return unknown(self._named(f"{name}: {brief(argument)}", at), flat(operands))
        return Hole(self._named(brief(fields), at))

    def _named(self, source: str, at: Deployment) -> str:
        """References of another template read alike and mean something else, so its name goes with them."""
        return source if at == self._home or self._local_names else f"{source} ({self._stacks.label(at)})"

    # References

    def _ref(self, argument: object, at: Deployment) -> object:
        name = argument if isinstance(argument, str) else ""
        if name in PSEUDO_PARAMETERS:
            return self._own.value(name, at, self._local_names)
        template = self._stacks.template(at.file)
        if name in template.section("Parameters"):
            return self._parameter(name, at)
        resource = template.resource(name)
        shape = SHAPES.get(resource.type) if resource is not None else None
        if resource is None or shape is None:
            return Hole(self._named(reference(name or brief(argument)), at))
        made = self._name(shape, resource, (at, name))
        return self._arn(shape, resource, made, at) if shape.ref_is_arn else made

    def _parameter(self, name: str, at: Deployment) -> object:
        key = (self._local_names, at, name)
        if key not in self._parameters:
            source = self._named(reference(name), at)
            self._parameters[key] = Hole(source)  # in case it leads back to itself
            declared = self._stacks.template(at.file).section("Parameters")[name]
            handed = self._handed(name, at)
            if is_stored(declared):
                handed = self._store.named(entry_name(declared, handed), at, self._local_names)
            self._parameters[key] = unset(declared, source) if handed is NO_VALUE else given(declared, handed)
            for parent, offered in self._stacks.offered(name) if self.explores and at.parent is None else ():
                self.value(offered, parent)  # it may be that stack's template
        return self._parameters[key]

    def _handed(self, name: str, at: Deployment) -> object:
        """What the parent stack hands to the parameter of a nested one."""
        resource = self._stacks.template(at.parent.file).resource(at.stack) if at.parent else None
        if at.parent is None or resource is None:
            return NO_VALUE
        handed = handed_to(resource)
        if name in handed:
            return self.value(handed[name], at.parent)
        if not any(one.startswith("Fn::") for one in handed):
            return NO_VALUE
        whole = self.value(handed, at.parent)
        return whole.get(name, NO_VALUE) if isinstance(whole, dict) else whole

    def _get_att(self, argument: object, at: Deployment) -> object:
        pieces = argument.split(".", 1) if isinstance(argument, str) else argument
        if not isinstance(pieces, (list, tuple)) or not pieces:
            return Hole(self._named(f"Fn::GetAtt: {brief(argument)}", at))
        texts = [text_of(self.value(piece, at)) for piece in pieces]
        if not all(isinstance(text, str) for text in texts):
            return Hole(self._named(f"Fn::GetAtt: {brief(argument)}", at))
        return self._attribute(str(texts[0]), ".".join(str(text) for text in texts[1:]), at)

    def _attribute(self, name: str, attribute: str, at: Deployment) -> object:
        resource = self._stacks.template(at.file).resource(name)
        if resource is not None and resource.type in NESTING_PROPERTIES and attribute.startswith("Outputs."):
            child = self._stacks.child(at, name)
            if child is not None:
                return self._others.output((child, attribute[len("Outputs.") :]))
            self._others.look_at_outputs(attribute[len("Outputs.") :])
        if resource is not None and resource.type == READER:
            return self._others.carried(name, attribute, at)
        shape = SHAPES.get(resource.type) if resource is not None else None
        if resource is not None and shape is not None:
            if attribute in shape.arns:
                return self._arn(shape, resource, self._name(shape, resource, (at, name)), at)
            if attribute in shape.given and attribute in resource.properties:
                return self.property(resource, attribute, at)
            if attribute in shape.fixed:
                fixed = shape.fixed[attribute]
                return self.environment(at).account if fixed == OWN_ACCOUNT else fixed
            if attribute in shape.names:
                return self._name(shape, resource, (at, name))
        return Hole(self._named(reference(f"{name}.{attribute}"), at))

    def _name(self, shape: Shape, resource: Resource, place: Place) -> Text:
        at, logical_id = place
        name = text_of(self.property(resource, shape.name, at)) if shape.name else None
        if name is not None and name != "":
            return name
        self.reached.add(place)
        return MadeName(self._named(shape.made.format(logical_id), at), shape.kind, place=place)

    def _arn(self, shape: Shape, resource: Resource, name: Text, at: Deployment) -> Text:
        path = self.property(resource, "Path", at) if "{path}" in shape.arn else NO_VALUE
        text = "/" if path is NO_VALUE else text_of(path)
        path = Hole(self._named(f"the path {brief(path)}", at)) if text is None else text
        return arn_of(shape, name, path, self.environment(at).account, self.environment(at).region)

    def environment(self, at: Deployment) -> Environment:
        """The account and the Region of a stack."""
        return self._own.environment(at, self._local_names)

    # Composition

    def _sub(self, argument: object, at: Deployment) -> object:
        text, variables = argument, {}
        if isinstance(argument, (list, tuple)) and len(argument) == 2:
            text, variables = argument[0], entries(argument[1])
        if not isinstance(text, str):
            return Hole(self._named(f"Fn::Sub: {brief(argument)}", at))
        return literal(joined(self._substitute(part, is_name, variables, at) for is_name, part in sub_parts(text)))

    def _substitute(self, part: str, is_name: bool, variables: Mapping[str, object], at: Deployment) -> Text:
        if not is_name:
            return part
        if part in variables:
            value = self.value(variables[part], at)
        elif "." in part:
            name, attribute = part.split(".", 1)
            value = self._attribute(name, attribute, at)
        else:
            value = self._ref(part, at)
        text = text_of(value)
        return Hole(self._named(reference(part), at)) if text is None else text

    def _find_in_map(self, argument: object, at: Deployment) -> object:
        source = self._named(f"Fn::FindInMap: {brief(argument)}", at)
        template = self._stacks.template(at.file)
        return find_in_map(argument, template, lambda one: self.value(one, at), lambda keys: unknown(source, keys))

    # Conditions

    def _if(self, argument: object, at: Deployment) -> object:
        if not isinstance(argument, (list, tuple)) or len(argument) != 3 or not isinstance(argument[0], str):
            return Hole(self._named(f"Fn::If: {brief(argument)}", at))
        name = str(argument[0])
        answer, waiting = self._conditions.decide(name, at)
        if answer is not UNKNOWN:
            return self.value(argument[1 if answer is TRUE else 2], at)
        self.open |= waiting
        if self.explores:
            self.value(argument[1], at)
            self.value(argument[2], at)
        return Choice(self._named(f"Fn::If: {brief(argument)}", at), conditions=waiting)

    def exists(self, place: Place) -> Truth:
        """Whether the conditions on a resource, and on the stacks around it, let it exist."""
        at, logical_id = place
        answers: List[Truth] = []
        deployment: Optional[Deployment] = at
        while deployment is not None:
            resource = self._stacks.template(deployment.file).resource(logical_id)
            if resource is not None and resource.condition:
                answers.append(self.ask(resource.condition, deployment))
            logical_id = deployment.stack
            deployment = deployment.parent
        return all_of(answers)

    def holds(self, condition: str, at: Deployment) -> Truth:
        """Whether a condition of a template does."""
        return self._conditions.decide(condition, at)[0]

    def ask(self, condition: str, at: Deployment) -> Truth:
        """The same, where the answer matters."""
        self.open |= self._conditions.decide(condition, at)[1]
        return self.holds(condition, at)

    def _declared_condition(self, at: Deployment, name: str) -> object:
        return self._stacks.template(at.file).section("Conditions").get(name)

    def _allowed(self, operand: object, at: Deployment) -> Sequence[str]:
        name = entries(operand).get("Ref")
        parameters = self._stacks.template(at.file).section("Parameters")
        return allowed(parameters[name]) if isinstance(name, str) and name in parameters else ()

    def _condition_name(self, at: Deployment, name: str) -> str:
        return name if at == self._home else f"{name} ({self._stacks.label(at)})"


_FUNCTIONS: Mapping[str, Callable[[Evaluation, object, Deployment], object]] = {
    "Ref": Evaluation._ref,
    "Fn::GetAtt": Evaluation._get_att,
    "Fn::Sub": Evaluation._sub,
    "Fn::If": Evaluation._if,
    "Fn::FindInMap": Evaluation._find_in_map,
    IMPORT: lambda evaluation, argument, at: evaluation._others.taken(IMPORT, argument, at),
    GET_OUTPUT: lambda evaluation, argument, at: evaluation._others.taken(GET_OUTPUT, argument, at),
}
