"""How the templates of a scan hang together: nested stacks, exports, aliases.

A template that another one nests is judged the way it is deployed there, with the parent's
parameters; a template that nobody nests, with its defaults.
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Dict, List, Optional, Sequence, Tuple

from ctkms.budgets import Budget, take
from ctkms.iac.cloudformation.aws.return_values import (
    ALIAS_TYPE,
    ENTRY_TYPE,
    NESTING_PROPERTIES,
    SHAPES,
    STACK_SET_TYPE,
    Deployment,
    Place,
)
from ctkms.iac.cloudformation.evaluation.environments import together
from ctkms.iac.cloudformation.evaluation.evaluation import Evaluation
from ctkms.iac.cloudformation.evaluation.loop_lists import LoopLists
from ctkms.iac.cloudformation.evaluation.nested_templates import NestedTemplates, bodies
from ctkms.iac.cloudformation.evaluation.parameters import handed_to
from ctkms.iac.cloudformation.evaluation.values import text_of
from ctkms.iac.cloudformation.templates.cdk_assembly import NO_ASSEMBLY, UNKNOWN_STACK, Assembly, StackIdentity
from ctkms.iac.cloudformation.templates.handed_parameters import handed_parameters, own_defaults
from ctkms.iac.cloudformation.templates.loops import Unrolled, unrolled
from ctkms.iac.cloudformation.templates.other_places import OtherPlaces, other_places
from ctkms.iac.cloudformation.templates.sam_roles import with_implicit_roles
from ctkms.iac.cloudformation.templates.template import LANGUAGE_EXTENSIONS, Resource, Template, declares, entries
from ctkms.unknowns.text import Hole, Text, parts_of

MAX_NESTING = 5
_LOOKED_AT = 4  # names that are looked at in the time of one step
MAX_DEPLOYMENTS = 8  # of one template; one that is nested more often is judged on its own


class ScannedStacks:
    """The templates of one scan by file, indexed as far as somebody asks."""

    def __init__(
        self, templates: Mapping[str, object], assembly: Assembly = NO_ASSEMBLY, in_loops: bool = False
    ) -> None:
        """The templates of a scan; with `in_loops`, as they stand there, for what the loops themselves hang on."""
        declared = {str(file): body for file, body in templates.items()}
        within = (found for file, body in declared.items() for found in bodies(file, Template(body)))
        plain = {**dict(within), **declared}
        self._unrolled = {file: Unrolled(body) for file, body in plain.items()} if in_loops else without_loops(plain)
        self._templates = {file: Template(with_implicit_roles(one.body)) for file, one in self._unrolled.items()}
        self._assembly = assembly
        self._nested = NestedTemplates(tuple(self._templates), assembly)
        self._deployments: Dict[str, Tuple[Deployment, ...]] = {}
        self._related: Optional[Dict[Deployment, List[Deployment]]] = None
        self._parents: Optional[Dict[str, List[Tuple[str, str]]]] = None
        self._exports: Optional[Dict[Text, List[Place]]] = None
        self._by_type: Dict[str, Dict[str, List[str]]] = {}
        self._all_by_type: Dict[str, Sequence[Place]] = {}
        self._by_name: Dict[str, Dict[Text, List[Place]]] = {}
        self._named: Optional[Dict[str, List[Deployment]]] = None
        self._other_places: Dict[str, OtherPlaces] = {}
        self._offered: Optional[Dict[str, List[Tuple[Deployment, object]]]] = None
        self._outputs: Optional[Dict[str, List[Place]]] = None

    def template(self, file: str) -> Template:
        """The template in a file; an empty one when the scan has none there."""
        return self._templates.get(file) or Template({})

    def files(self) -> Sequence[str]:
        """All files, in order."""
        return sorted(self._templates)

    def label(self, deployment: Deployment) -> str:
        """How a message names a deployment: kms.yaml, or main.yaml/KmsStack for a nested stack."""
        if deployment.parent is not None:
            return f"{self.label(deployment.parent)}/{deployment.stack}"
        path = PurePath(os.path.normpath(deployment.file))
        root = self._nested.root
        return str(path.relative_to(root) if root in map(str, path.parents) else path)

    def identity(self, at: Deployment) -> StackIdentity:
        """What a manifest of the CDK says of a stack. CloudFormation itself names those that are nested."""
        return UNKNOWN_STACK if at.parent is not None else self._assembly.identity(at.file)

    def other_places(self, at: Deployment) -> OtherPlaces:
        """Whether the template of a stack names another account or Region than its own."""
        if at.file not in self._other_places:
            self._other_places[at.file] = other_places(self.template(at.file))
        return self._other_places[at.file]

    def resource(self, place: Place) -> Optional[Resource]:
        """The resource at a place, if there is one."""
        return self.template(place[0].file).resource(place[1])

    def made_by_loop(self, place: Place) -> bool:
        """Whether a loop makes the resource: Checkov does not hand over such a one."""
        return place[0].file in self._unrolled and place[1] in self._unrolled[place[0].file].made

    def stands_for_several(self, place: Place) -> bool:
        """Whether the resource stands for any number that a loop makes, or a stack around it does."""
        at, logical_id = place
        if at.file in self._unrolled and logical_id in self._unrolled[at.file].several:
            return True
        return at.parent is not None and self.stands_for_several((at.parent, at.stack))

    def varies(self, place: Place, text: Text) -> bool:
        """Whether a text of such a resource may be another one for each."""
        words = set(re.findall(r"\w+", str(text)))
        around: Optional[Deployment] = place[0]
        while around is not None:
            if around.file in self._unrolled and not words.isdisjoint(self._unrolled[around.file].variables):
                return self.stands_for_several(place)
            around = around.parent
        return False

    def unclear(self, at: Deployment) -> Sequence[str]:
        """What adds resources to the template that nobody can tell, by name."""
        return self._unrolled[at.file].unclear if at.file in self._unrolled else ()

    def of_type(self, type_: str, at: Deployment) -> Sequence[Place]:
        """The resources of a type."""
        if at.file not in self._by_type:
            index: Dict[str, List[str]] = {}
            for logical_id, resource in self.template(at.file).resources():
                index.setdefault(resource.type, []).append(logical_id)
            self._by_type[at.file] = index
        return [(at, logical_id) for logical_id in self._by_type[at.file].get(type_, ())]

    def all_of_type(self, type_: str) -> Sequence[Place]:
        """The resources of a type in the whole scan, once for each way in which they are deployed."""
        if type_ not in self._all_by_type:
            deployments = (at for file in self.files() for at in self.deployments(file))
            self._all_by_type[type_] = [place for at in deployments for place in self.of_type(type_, at)]
        return self._all_by_type[type_]

    def address(self, place: Place, home: Deployment) -> str:
        """How a message about a resource of `home` names another resource."""
        resource = self.resource(place)
        address = f"{resource.type}.{place[1]}" if resource is not None else place[1]
        return address if place[0] == home else f"{address} ({self.label(place[0])})"

    # Nested stacks

    def related(self, at: Deployment) -> Sequence[Deployment]:
        """The deployments that share account and Region since one stack makes them all, this one first."""
        if self._related is None:
            self._related = {}
            for file in self.files():
                for deployment in self.deployments(file):
                    self._related.setdefault(deployment.outermost, []).append(deployment)
        return [at, *(other for other in self._related.get(at.outermost, ()) if other != at)]

    def together(self, one: Deployment, other: Deployment) -> bool:
        """Whether both are surely in one account and one Region."""
        return together(one, other, self)

    def conditions_on(self, place: Place) -> Sequence[Place]:
        """The conditions on a resource and on the stacks around it, by where they are declared."""
        resource = self.resource(place)
        found = [(place[0], resource.condition)] if resource is not None and resource.condition else []
        around = place[0].parent
        return [*found, *(self.conditions_on((around, place[0].stack)) if around is not None else ())]

    def deployments(self, file: str) -> Tuple[Deployment, ...]:
        """Every way in which the scan deploys a template; at least one."""
        if file not in self._deployments:
            found = self._nested_in(file, ())
            alone = (Deployment(file),)
            self._deployments[file] = found if 0 < len(found) <= MAX_DEPLOYMENTS else alone
        return self._deployments[file]

    def _nested_in(self, file: str, below: Tuple[str, ...]) -> Tuple[Deployment, ...]:
        found: List[Deployment] = []
        for parent, stack in self._nesting().get(file, ()):
            if parent == file or parent in below or len(below) >= MAX_NESTING:
                continue
            around = self._nested_in(parent, (*below, file)) or (Deployment(parent),)
            found.extend(self._deployed(file, deployment, stack) for deployment in around)
            if len(found) > MAX_DEPLOYMENTS:
                break
        return tuple(found)

    def _deployed(self, file: str, parent: Deployment, stack: str) -> Deployment:
        resource = self.template(parent.file).resource(stack)
        return Deployment(file, parent, stack, resource is not None and resource.type == STACK_SET_TYPE)

    def _nesting(self) -> Mapping[str, List[Tuple[str, str]]]:
        if self._parents is None:
            self._parents = {}
            for file in self.files():
                for logical_id, resource in self.template(file).resources():
                    child = self._nested.of(resource, file, logical_id)
                    if child is not None:
                        self._parents.setdefault(child, []).append((file, logical_id))
        return self._parents

    def child(self, at: Deployment, logical_id: str) -> Optional[Deployment]:
        """The nested stack that a resource deploys, where its template is in the scan."""
        resource = self.template(at.file).resource(logical_id)
        file = self._nested.of(resource, at.file, logical_id) if resource is not None else None
        wanted = self._deployed(file, at, logical_id) if file is not None else None
        return wanted if wanted is not None and wanted in self.deployments(wanted.file) else None

    # Names that reach across stacks

    def exports_named(self, name: Text) -> Sequence[Place]:
        """The outputs exported under exactly this name."""
        return self._all_exports().get(name, ())

    def exports_like(self, name: Text) -> Sequence[Place]:
        """The outputs whose export may turn out to have this name, for sharing the end or the start of it."""
        return _places_like(name, self._all_exports())

    def _all_exports(self) -> Mapping[Text, List[Place]]:
        if self._exports is None:
            self._exports = {}  # an export may itself be named by an import
            for file in self.files():
                for output, declared in self.template(file).section("Outputs").items():
                    export = entries(entries(declared).get("Export")).get("Name")
                    if export is not None:
                        self._add(self._exports, file, output, export)
        return self._exports

    def stacks_named(self, name: str) -> Sequence[Deployment]:
        """The stacks that a manifest of the CDK gives this name."""
        if self._named is None:
            self._named = {}
            for file in self.files():
                for at in self.deployments(file):
                    if self.identity(at).name:
                        self._named.setdefault(self.identity(at).name, []).append(at)
        return self._named.get(name, ())

    def outputs_named(self, name: str) -> Sequence[Place]:
        """The outputs of that logical id, of stacks that nobody nests."""
        if self._outputs is None:
            self._outputs = {}
            for file in self.files():
                for at in (one for one in self.deployments(file) if one.parent is None):
                    for output in self.template(file).section("Outputs"):
                        self._outputs.setdefault(output, []).append((at, output))
        return self._outputs.get(name, ())

    def offered(self, parameter: str) -> Sequence[Tuple[Deployment, object]]:
        """What is handed to a parameter of that name by stacks that nest a template which nobody can tell."""
        if self._offered is None:
            self._offered = {}
            for file in self.files():
                for logical_id, resource in self.template(file).resources():
                    if resource.type in NESTING_PROPERTIES and self._nested.of(resource, file, logical_id) is None:
                        for name, expression in handed_to(resource).items():
                            found = self._offered.setdefault(name, [])
                            found.extend((at, expression) for at in self.deployments(file))
        return self._offered.get(parameter, ())

    def aliases_named(self, name: Text) -> Sequence[Place]:
        """The key aliases called exactly this."""
        return self._all_named(ALIAS_TYPE).get(name, ())

    def aliases_like(self, name: Text) -> Sequence[Place]:
        """The key aliases that may turn out to be called this."""
        return _places_like(name, self._all_named(ALIAS_TYPE))

    def entries_named(self, name: Text) -> Sequence[Place]:
        """The entries of Parameter Store that templates make under exactly this name."""
        return self._all_named(ENTRY_TYPE).get(name, ())

    def entries_like(self, name: Text) -> Sequence[Place]:
        """Those that may turn out to have this name."""
        return _places_like(name, self._all_named(ENTRY_TYPE))

    def _all_named(self, type_: str) -> Mapping[Text, List[Place]]:
        if type_ not in self._by_name:
            index = self._by_name[type_] = {}  # a name may itself be looked up among them
            for file in self.files():
                for logical_id, resource in self.template(file).resources():
                    if resource.type == type_:
                        self._add(index, file, logical_id, resource.properties.get(SHAPES[type_].name))
        return self._by_name[type_]

    def _add(self, index: Dict[Text, List[Place]], file: str, name: str, expression: object) -> None:
        for deployment in self.deployments(file):
            text = text_of(Evaluation(self, deployment, {}).local_value(expression, deployment))
            if text is not None:
                index.setdefault(text, []).append((deployment, name))


def without_loops(templates: Mapping[str, object]) -> Dict[str, Unrolled]:
    """The templates with what their loops make in place of these, as far as somebody can tell."""
    extended = any(declares(body, LANGUAGE_EXTENSIONS) for body in templates.values())
    handed = handed_parameters(templates.values()) if extended else set()
    return {
        file: unrolled(body, lambda fields: _lists_of(own_defaults(fields, handed)).list_of)
        for file, body in templates.items()
    }


def _lists_of(body: Mapping[str, object]) -> LoopLists:
    home = Deployment("")
    return LoopLists(Evaluation(ScannedStacks({home.file: body}, in_loops=True), home, {}), home)


def _places_like(name: Text, index: Mapping[Text, Sequence[Place]]) -> Sequence[Place]:
    take(Budget.STEPS, 1 + len(index) // _LOOKED_AT)
    return [place for other, places in index.items() if _alike(name, other) for place in places]


def _alike(first: Text, second: Text) -> bool:
    """Whether two names with holes may be one, judged by the text before the first hole and after the last."""
    if isinstance(first, str) and isinstance(second, str):
        return first == second
    ends = [_ends(first), _ends(second)]
    (start_a, end_a), (start_b, end_b) = ends
    starts_agree = start_a.startswith(start_b) or start_b.startswith(start_a)
    ends_agree = end_a.endswith(end_b) or end_b.endswith(end_a)
    return starts_agree and ends_agree and bool((start_a and start_b) or (end_a and end_b))


def _ends(name: Text) -> Tuple[str, str]:
    parts = parts_of(name)
    first, last = parts[0], parts[-1]
    return "" if isinstance(first, Hole) else first, "" if isinstance(last, Hole) else last
