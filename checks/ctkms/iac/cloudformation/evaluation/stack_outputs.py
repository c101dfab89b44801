"""Values that one stack takes from another, outside of nesting: exports, outputs, and what the CDK carries across.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-importvalue.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Mapping, Optional, Protocol, Sequence, Tuple

from ctkms.budgets import Budget, take
from ctkms.iac.cloudformation.aws.return_values import Deployment, Place
from ctkms.iac.cloudformation.evaluation.environments import Identities, apart, together
from ctkms.iac.cloudformation.evaluation.neighbours import Stacks
from ctkms.iac.cloudformation.evaluation.values import NO_VALUE, brief, text_of
from ctkms.iac.cloudformation.templates.other_places import GET_OUTPUT
from ctkms.iac.cloudformation.templates.template import entries
from ctkms.unknowns.text import Hole, Text, split

IMPORT = "Fn::ImportValue"

# The account and the Region of another stack: None where they are those of the stack that asks.
Wanted = Tuple[Optional[Text], Optional[Text]]


class Values(Protocol):
    """What works expressions out."""

    def local_value(self, expression: object, at: Deployment) -> object:
        """The value of an expression, with names as if its template were the only one."""


@dataclass(frozen=True)
class Taken:
    """What a function takes from another stack."""

    source: str  # the function, as a message names it
    places: Tuple[Place, ...]  # the outputs that it surely means; more than one if the scan has several such stacks
    likely: Tuple[Place, ...] = ()  # the outputs that it may turn out to mean
    everywhere: bool = False  # whether it means the same in every stack

    @property
    def place(self) -> Optional[Place]:
        """The output that is meant, where that is known."""
        return self.places[0] if len(self.places) == 1 else None


def taken(function: str, argument: object, at: Deployment, stacks: Stacks, values: Values) -> Taken:
    """What one of the two functions takes."""
    return (_imported if function == IMPORT else _got)(argument, at, stacks, values)


def source_of(expression: object, at: Deployment, stacks: Stacks, values: Values) -> Optional[Place]:
    """The output that an expression is the value of, where it is one of the two functions and that is known."""
    fields = entries(expression)
    name = next(iter(fields), "")
    if len(fields) != 1 or name not in (IMPORT, GET_OUTPUT):
        return None
    return taken(name, fields[name], at, stacks, values).place


def _imported(argument: object, at: Deployment, stacks: Stacks, values: Values) -> Taken:
    """An export, which has a name of its own in its account and Region."""
    name = text_of(values.local_value(argument, at))
    if name is None:
        return Taken(f"{IMPORT}: {brief(argument)}", ())
    places = nearest(stacks.exports_named(name), at, stacks)
    likely = () if places else not_apart(stacks.exports_like(name), at, stacks)
    here = stacks.identity(at.outermost)
    everywhere = isinstance(name, str) and not (here.account or here.region or at.outermost.apart)
    return Taken(f"{IMPORT}: {name}", places, likely, everywhere)


def nearest(places: Sequence[Place], at: Deployment, stacks: Stacks) -> Tuple[Place, ...]:
    """Those in the same account and Region; where that is not known of any, those that may be."""
    take(Budget.STEPS, len(places))
    surely = tuple(place for place in places if together(place[0], at, stacks))
    return surely or of_one_app(not_apart(places, at, stacks), at, stacks)


def not_apart(places: Sequence[Place], at: Deployment, stacks: Stacks) -> Tuple[Place, ...]:
    """Those that may be in the same account and Region."""
    return tuple(place for place in places if not apart(place[0], at, stacks))


def of_one_app(places: Tuple[Place, ...], at: Deployment, stacks: Identities) -> Tuple[Place, ...]:
    """Of several, those that the CDK synthesised together with the stack that asks.

    No two stacks or exports of one name are in one account and Region, so those of other apps are elsewhere.
    """
    if len(places) < 2 or not stacks.identity(at.outermost).name:
        return places
    folder = PurePath(at.outermost.file).parent
    beside = tuple(place for place in places if PurePath(place[0].outermost.file).parent == folder)
    return beside or places


def _got(argument: object, at: Deployment, stacks: Stacks, values: Values) -> Taken:
    """An output of a stack by the stack's name, which is unique in its account and Region."""
    fields = entries(argument)
    stack, output = (text_of(values.local_value(fields.get(name), at)) for name in ("StackName", "OutputName"))
    source = f"{GET_OUTPUT}: {brief(argument)}"
    if not isinstance(output, str):
        return Taken(source, ())
    if isinstance(stack, str):
        source = f"{GET_OUTPUT}: {stack}.{output}"
    wanted = _where(fields, at, values)
    source += "".join(f" in {one}" for one in wanted if one is not None)
    named = stacks.stacks_named(stack) if isinstance(stack, str) else ()
    take(Budget.STEPS, len(named))
    places = tuple(
        (one, output) for one in named if _fits(one, wanted, at, stacks, sure=True) and _has(one, output, stacks)
    )
    places = of_one_app(places, at, stacks)
    return Taken(source, places, () if places else _candidates(stack, output, wanted, at, stacks))


def _where(fields: Mapping[str, object], at: Deployment, values: Values) -> Wanted:
    """Where the other stack is."""
    region, role = (_given(fields, name, at, values) for name in ("Region", "RoleArn"))
    sections = split(role, ":") if role is not None else ()
    account = sections[4] if len(sections) > 4 else role  # the role is one of the other account
    own = {"AWS::AccountId": account, "AWS::Region": region}
    same = {name: text == values.local_value({"Ref": name}, at) for name, text in own.items()}
    return None if same["AWS::AccountId"] else account, None if same["AWS::Region"] else region


def _given(fields: Mapping[str, object], name: str, at: Deployment, values: Values) -> Optional[Text]:
    """One of the settings that may be left out; None where it is."""
    value = values.local_value(fields[name], at) if name in fields else NO_VALUE
    text = text_of(value)
    return None if value is NO_VALUE else Hole(f"{name}: {brief(fields[name])}") if text is None else text


def _fits(one: Deployment, wanted: Wanted, at: Deployment, stacks: Stacks, sure: bool) -> bool:
    """Whether a stack is where the function looks; if not `sure`, whether it may be there.

    What looks elsewhere has to name the place, and nobody knows the stacks beside an instance of a stack set.
    """
    if at.outermost.apart:
        return False
    there, here = stacks.identity(one), stacks.identity(at.outermost)
    for text, theirs, ours in zip(wanted, (there.account, there.region), (here.account, here.region)):
        if text is None:
            fits = not theirs or not ours or theirs == ours
        else:
            fits = text == theirs or (not sure and not (theirs and isinstance(text, str)))
        if not fits:
            return False
    return True


def _has(one: Deployment, output: str, stacks: Stacks) -> bool:
    return output in stacks.template(one.file).section("Outputs")


def _candidates(
    stack: Optional[Text], output: str, wanted: Wanted, at: Deployment, stacks: Stacks
) -> Tuple[Place, ...]:
    """The outputs of this name in stacks that may turn out to be the one."""
    found = stacks.outputs_named(output)
    take(Budget.STEPS, len(found))
    names = (stack, "") if isinstance(stack, str) else None
    return tuple(
        place
        for place in found
        if place[0] != at
        and (names is None or stacks.identity(place[0]).name in names)
        and _fits(place[0], wanted, at, stacks, sure=False)
    )
