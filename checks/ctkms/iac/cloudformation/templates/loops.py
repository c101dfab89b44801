"""What `Fn::ForEach` makes, put into the template in place of the loop.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html

Of a list that is written out, or comes from defaults and mappings, each item makes members of its own:
conditions, resources, properties, outputs. Of any other list nobody can tell the items. A loop of
resources over one makes one member that stands for all: whether there is one at all is an open
condition, and where the loop's variable stands in a text the text is open. Any other loop over such a
list stays where it is, as a function that nobody can work out. A loop that cannot be followed is kept
by name, as is whatever else adds resources.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Callable, Collection, Dict, FrozenSet, Iterator, List, Optional, Set, Tuple

from ctkms.iac.cloudformation.aws.return_values import KEY_PROPERTIES, KEY_TYPES, NESTING_PROPERTIES
from ctkms.iac.cloudformation.templates.language_extensions import LOOP, WITHOUT
from ctkms.iac.cloudformation.templates.loop_variables import MAX_DEPTH, Fragments, Item, UnclearError, Variables
from ctkms.iac.cloudformation.templates.relevance import any_speaks
from ctkms.iac.cloudformation.templates.template import LANGUAGE_EXTENSIONS, declares, entries, name_of

# What a list of a template is, in terms of the template alone: a list, or anything else where nobody can tell.
Lists = Callable[[Mapping[str, object]], Callable[[object], object]]

# What is worth a member that stands for all: what uses a key for CloudTrail's data, and stacks that may have such.
_KEPT = (*KEY_PROPERTIES, *NESTING_PROPERTIES)
_MODULE = "::MODULE"  # the end of the type of a module, which makes resources of its own


@dataclass(frozen=True)
class Unrolled:
    """A template whose loops are replaced by what they make."""

    body: object
    made: FrozenSet[str] = frozenset()  # the logical ids of what loops make
    several: FrozenSet[str] = frozenset()  # of these, what stands for any number of resources
    variables: FrozenSet[str] = frozenset()  # of the loops whose items nobody can tell
    unclear: Tuple[str, ...] = ()  # what adds resources that nobody can tell, and may add a trail


def unrolled(body: object, lists: Lists) -> Unrolled:
    """The template with the members of its loops in place of them."""
    fields = entries(body)
    resources = entries(fields.get("Resources"))
    unclear = list(_modules(fields, resources))
    if declares(body, LANGUAGE_EXTENSIONS):
        return _Loops(fields, lists).unroll(unclear)
    strange = [name for name in resources if name.startswith("Fn::")]
    unclear += [f"{name} {WITHOUT}" if name.startswith(LOOP) else name for name in strange if _adds(name, resources)]
    declared = {name: resource for name, resource in resources.items() if name not in strange}
    return Unrolled({**fields, "Resources": declared} if strange else body, unclear=tuple(unclear))


def _adds(name: str, resources: Mapping[str, object]) -> bool:
    """Whether it may add a trail: a loop shows what it makes, a transform does not."""
    return not name.startswith(LOOP) or any_speaks([resources[name]])


def _modules(fields: Mapping[str, object], resources: Mapping[str, object]) -> List[str]:
    """The modules that may make a trail: what they say speaks of CloudTrail, or they are given a key of the template.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/modules.html
    """
    found = {name: one for name, one in resources.items() if _type_of(one).endswith(_MODULE)}
    found.update({f"Modules.{name}": one for name, one in entries(fields.get("Modules")).items()})
    if not found:
        return []
    keys = {name for name, one in resources.items() if _type_of(one) in KEY_TYPES}
    return [name for name, one in found.items() if any_speaks([one]) or _names(one, keys)]


def _type_of(resource: object) -> str:
    declared = resource.get("Type") if isinstance(resource, Mapping) else None
    return declared if isinstance(declared, str) else ""


def _names(value: object, wanted: Set[str]) -> bool:
    """Whether one of these names stands in some text of a value."""
    waiting: List[object] = [value]
    seen: Dict[int, object] = {}
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if not wanted.isdisjoint(re.findall(r"\w+", one)):
                return True
        elif isinstance(one, (Mapping, list, tuple)) and id(one) not in seen:
            seen[id(one)] = one
            waiting.extend(one.values() if isinstance(one, Mapping) else one)
    return False


@dataclass(frozen=True)
class _Loop:
    variables: Variables
    items: Optional[Tuple[Item, ...]]  # None: nobody can tell
    fragment: Mapping[str, object]


@dataclass(frozen=True)
class _Around:
    """The loops around one, as far as nobody can tell their items."""

    variables: Variables = ()
    existing: Optional[str] = None  # the condition on which they make anything
    depth: int = 0


class _Loops:
    """The loops of one template."""

    def __init__(self, fields: Mapping[str, object], lists: Lists) -> None:
        self._fields = dict(fields)
        self._names = {*entries(fields.get("Parameters")), *entries(fields.get("Resources"))}
        self._fragments = Fragments()
        self._replaced: Dict[Tuple[int, Variables], Tuple[object, object]] = {}
        self._made: Dict[str, object] = {}
        self._several: Set[str] = set()
        self._variables: Set[str] = set()
        self._unclear: List[str] = []
        self._list_of = lists(self._fields)
        # A list may hang on a condition, so they come first.
        self._conditions = dict(entries(self._within(fields.get("Conditions"))))
        self._fields["Conditions"] = self._conditions
        self._list_of = lists(self._fields)

    def unroll(self, unclear: List[str]) -> Unrolled:
        """The template without its loops."""
        resources = entries(self._fields.get("Resources"))
        declared = {name: self._within(one) for name, one in resources.items() if not name.startswith("Fn::")}
        for name, content in resources.items():
            if name.startswith("Fn::"):
                self._add(name, content, _Around())
        made = {name: member for name, member in self._made.items() if name not in declared}
        sections = {"Resources": {**declared, **made}, "Outputs": self._within(self._fields.get("Outputs"))}
        return Unrolled(
            {**self._fields, **sections, "Conditions": self._conditions},
            made=frozenset(made),
            several=frozenset(self._several),
            variables=frozenset(self._variables),
            unclear=tuple(dict.fromkeys((*unclear, *self._unclear))),
        )

    # Loops of resources

    def _add(self, key: str, member: object, around: _Around) -> None:
        if key.startswith(LOOP):
            self._repeat(key, member, around)
        elif key.startswith("Fn::"):
            self._unclear.append(key)
        elif around.existing is None:
            self._made[key] = self._within(member)
        elif _type_of(member) in _KEPT:
            self._several.add(key)
            whole = entries(self._fragments.opened(self._within(member, around.variables), around.variables))
            self._made[key] = {**whole, "Condition": self._both(whole.get("Condition"), around.existing)}

    def _repeat(self, name: str, content: object, around: _Around) -> None:
        """Make the members of a loop."""
        try:
            loop = self._read(content, around.variables)
            if around.depth > MAX_DEPTH:
                raise UnclearError
            inner = _Around(around.variables, around.existing, around.depth + 1)
            if loop.items is None:
                inner = self._of_any_number(name, loop, around)
            for fragment in [loop.fragment] if loop.items is None else self._copies(loop):
                for key, member in entries(fragment).items():
                    self._add(key, member, inner)
        except UnclearError:
            if any_speaks([content]):
                self._unclear.append(name)

    def _of_any_number(self, name: str, loop: _Loop, around: _Around) -> _Around:
        if not self._names.isdisjoint(loop.variables):
            raise UnclearError  # what reads like the variable is something else
        self._variables.update(loop.variables)
        condition = f"{name} (its list is not empty)"
        self._conditions[condition] = {"Fn::And": [{"Condition": around.existing}, {}]} if around.existing else {}
        return _Around((*around.variables, *loop.variables), condition, around.depth + 1)

    def _both(self, own: object, existing: str) -> str:
        if not isinstance(own, str):
            return existing
        both = f"{own} and {existing}"
        self._conditions[both] = {"Fn::And": [{"Condition": own}, {"Condition": existing}]}
        return both

    # Loops anywhere else

    def _within(self, value: object, variables: Variables = (), depth: int = 0) -> object:
        """The value with the members of the loops in it; those over unknown lists stay where they are."""
        if depth > MAX_DEPTH or not isinstance(value, (Mapping, list, tuple)):
            return value
        key = (id(value), variables)
        if key not in self._replaced:
            # A YAML anchor is one object in many places. Keeping it keeps its id from being used again.
            is_mapping = isinstance(value, Mapping)
            inner = self._members(value, variables, depth) if is_mapping else self._items(value, variables, depth)
            self._replaced[key] = value, inner
        return self._replaced[key][1]

    def _items(self, value: Collection[object], variables: Variables, depth: int) -> object:
        items = [self._within(one, variables, depth + 1) for one in value]
        return value if all(one is other for one, other in zip(items, value)) else items

    def _members(self, value: object, variables: Variables, depth: int) -> object:
        fields = entries(value)
        taken = set(fields)
        members: Dict[str, object] = {}
        for key, one in fields.items():
            if not key.startswith(LOOP):
                members[key] = self._within(one, variables, depth + 1)
                continue
            repeated = self._repeated(one, variables, depth)
            if repeated is None or not taken.isdisjoint(repeated):
                repeated = {key: one}
            taken.update(repeated)
            members.update(repeated)
        unchanged = members.keys() == fields.keys() and all(members[key] is one for key, one in fields.items())
        return value if unchanged else members

    def _repeated(self, content: object, variables: Variables, depth: int) -> Optional[Mapping[str, object]]:
        """What a loop makes; None where nobody can tell, or where it makes one name twice, which AWS refuses."""
        made: Dict[str, object] = {}
        try:
            loop = self._read(content, variables)
            for fragment in self._copies(loop):
                one = entries(self._within(fragment, variables, depth))
                if not made.keys().isdisjoint(one):
                    return None
                made.update(one)
        except UnclearError:
            return None
        return None if loop.items is None else made

    # One loop

    def _copies(self, loop: _Loop) -> Iterator[object]:
        """What a loop repeats, once for each item."""
        return (self._fragments.put(loop.fragment, loop.variables, item) for item in loop.items or ())

    def _read(self, content: object, around: Variables) -> _Loop:
        """The parts of a loop within others of which some variables are open."""
        if not isinstance(content, (list, tuple)) or len(content) != 3 or not isinstance(content[2], Mapping):
            raise UnclearError
        named = content[0] if isinstance(content[0], (list, tuple)) else [content[0]]
        variables = tuple(one for one in named if isinstance(one, str) and one)
        taken = {*entries(self._fields.get("Parameters")), *around}
        if not variables or len(variables) < len(named) or not taken.isdisjoint(variables):
            raise UnclearError  # AWS refuses a name that stands for something else
        written = self._fragments.opened(content[1], around)
        found = written if _is_plain(written) else self._list_of(written)
        items = [_item(one, several=len(variables) > 1) for one in found] if isinstance(found, list) else [None]
        whole = tuple(one for one in items if one is not None and len(one) == len(variables))
        # Whether an empty text in a parameter makes one item or none, nobody says.
        known = len(whole) == len(items) and whole != (("",),)
        return _Loop(variables, whole if known else None, content[2])


def _is_plain(collection: object) -> bool:
    """Whether it is a list of texts as they stand there: most are."""
    return isinstance(collection, list) and all(isinstance(one, str) and "{" not in one for one in collection)


def _item(value: object, several: bool) -> Optional[Item]:
    """The texts of an item, one for each variable; None where one is open."""
    values = value if several and isinstance(value, list) else [value]
    texts = [name_of(one) for one in values if isinstance(one, (str, bool))]
    return tuple(texts) if len(texts) == len(values) else None
