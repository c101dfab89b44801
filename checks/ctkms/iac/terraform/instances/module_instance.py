"""A module instance: a module's code, what it was called with, and the values in it.

Everything is worked out when it is asked for, and once. A value that depends on itself is not known.
"""

from __future__ import annotations

import os
from typing import Callable, Dict, FrozenSet, Mapping, Optional, Tuple

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.aws.attributes import KEY_POLICY, KEY_TYPES, STORE, TOPIC, TRAIL
from ctkms.iac.terraform.aws.providers import UNCONFIGURED, Provider, configured, unknown_provider
from ctkms.iac.terraform.evaluation.dynamic_blocks import typed_argument
from ctkms.iac.terraform.evaluation.evaluate import traverse, typed_value
from ctkms.iac.terraform.evaluation.open_names import describe, open_value, shortened
from ctkms.iac.terraform.evaluation.paths import WORKING_FOLDER
from ctkms.iac.terraform.evaluation.scope import Scope
from ctkms.iac.terraform.evaluation.values import ABSENT, Index, Reference, Step, Steps, Value, fail
from ctkms.iac.terraform.instances.doubts import doubt
from ctkms.iac.terraform.instances.memo import Memo
from ctkms.iac.terraform.instances.repetition import (
    Repetition,
    all_instances,
    in_scenario,
    index_of,
    is_undecided,
    planned,
    repetition,
)
from ctkms.iac.terraform.instances.resource_instance import RepeatedScope, ResourceInstance, suffix
from ctkms.iac.terraform.instances.shared_state import SharedState
from ctkms.iac.terraform.instances.undeclared import undeclared
from ctkms.iac.terraform.instances.variables import held
from ctkms.iac.terraform.modules.module import Module, Name
from ctkms.iac.terraform.syntax.syntax_tree import Body, Expression, ObjectExpr
from ctkms.unknowns.text import Hole

_PER_INSTANCE = 5  # steps

# What is there or not makes a difference to the verdicts on a key; of modules, what is in them does.
_COUNTED = frozenset(("resource", type_) for type_ in (*KEY_TYPES, KEY_POLICY, TRAIL, STORE, TOPIC))


class ModuleInstance:
    """One instance of a module: its code, what it was called with, and where."""

    def __init__(
        self,
        shared: SharedState[ResourceInstance],
        module: Module,
        path: Tuple[str, ...],
        address: str,
        parent: Optional[ModuleInstance],
        inputs: Mapping[str, Tuple[Expression, Scope]],
        call: Optional[Body],
        conditions: FrozenSet[str] = frozenset(),
        is_exact: bool = True,
    ) -> None:
        self.shared = shared
        self.module = module
        self.path = path  # the names of the calls that lead here
        self.address = address  # with their indexes, and a final dot; "" for the root
        self.parent = parent
        # Terraform refuses a module that calls itself.
        self._folders: FrozenSet[str] = frozenset((module.folder,)) | (parent._folders if parent else frozenset())
        self._inputs = inputs  # the expression and the scope of each
        self._call = call
        self.conditions = conditions  # that decide whether it exists
        self.is_exact = is_exact  # whether its address is that of one instance
        # Whether the scanner hands over its resources.
        self.shown: bool = parent is None or (parent.shown and shared.modules.shows(parent.module, path))
        self._memo = Memo()
        self._modules: Dict[Tuple[str, Index], ModuleInstance] = {}
        self._resources: Dict[Tuple[Name, Index], ResourceInstance] = {}

    def scope_of_inputs(self, name: str) -> Scope:
        """Where the expression stands that the call gives for a variable."""
        return self._inputs[name][1]

    # References

    def resolve(self, traversal: Steps) -> Value:
        """The value of a reference that stands in this module."""
        handler = _ROOTS.get(str(traversal[0]))
        return self._resource(("resource", *traversal)) if handler is None else handler(self, traversal)

    def doubt(self, traversal: Steps) -> Optional[Hole]:
        """What decides whether there is the instance that a reference names, where that is open."""
        return doubt(traversal, self)

    def follow(self, reference: Reference, steps: Steps) -> Value:
        """What an instance of a resource, or of a module, says of itself."""
        return reference if reference.target is None else reference.target.member(steps)

    def assumed(self, condition: str) -> Optional[bool]:
        """What this scenario assumes of an open condition."""
        return self.shared.assumed.get(condition)

    def read_file(self, path: str) -> Optional[str]:
        """The text of a file of the scanned code; a path starts where Terraform is run, the root folder."""
        return self.shared.modules.read(path)

    def list_folder(self, path: str) -> Optional[Mapping[str, str]]:
        """What is in a folder of the scanned code."""
        return self.shared.modules.list_folder(path)

    def reference(self, *steps: Step) -> str:
        """The source text of a reference that stands in this module, told apart from that of other modules."""
        first, *rest = steps
        path = "".join(f".{step}" if _is_name(step) else f"[{describe(step)}]" for step in rest)
        return "${" + shortened(f"{self.address}{first}{path}") + "}"

    # Named values

    def variable(self, name: str) -> Value:
        """The value of an input variable."""
        return self._memo.get(("var", name), lambda: self._variable(name), lambda: self.reference("var", name))

    def _variable(self, name: str) -> Value:
        given = ABSENT
        if name in self._inputs:
            given = typed_value(*self._inputs[name])
        elif self.parent is None and name in self.shared.given:
            given = self.shared.given[name]
        value = held(self.module.variables.get(name), given, self.reference("var", name), self)
        return self.shared.own.get(value, value) if isinstance(value, Hole) else value

    def local(self, name: str) -> Value:
        """The value of a local."""
        expression = self.module.locals.get(name)
        if expression is None:
            return fail(f"there is no local {name}")
        return self._memo.get(
            ("local", name), lambda: typed_value(expression, self), lambda: self.reference("local", name)
        )

    def output(self, name: str) -> Value:
        """The value of an output."""
        output = self.module.outputs.get(name)
        if output is None:
            return fail(f"there is no output {name}")
        return self._memo.get(
            ("output", name), lambda: typed_argument(output, "value", self), lambda: self.reference("output", name)
        )

    def _steps(self, traversal: Steps, value: Callable[[ModuleInstance, str], Value]) -> Value:
        if len(traversal) < 2 or not isinstance(traversal[1], str):
            return Hole(self.reference(*traversal))
        return traverse(value(self, traversal[1]), traversal[2:], self)

    # Resources

    def repetition(self, name: Name) -> Repetition:
        """How often a resource or data source stands."""
        mode, type_, label = name
        block = f"{self.address}{'data.' if mode == 'data' else ''}{type_}.{label}"
        return self._repetition(name, self.module.resources[name], block)

    def _repetition(self, key: Tuple[str, ...], body: Body, address: str) -> Repetition:
        def stands() -> Repetition:
            indexes, written = self.shared.modules.indexes(address), repetition(body, self)
            if indexes is not None:
                return planned(written, indexes, address)
            if key[0] != "module" and key[:2] not in _COUNTED:
                return written
            self.shared.note_count(written, address)
            return in_scenario(written, self)

        found = self._memo.get(key, stands, lambda: self.reference(*key))
        return found if isinstance(found, Repetition) else Repetition("count", open=found)

    def resource_instances(self, name: Name) -> Tuple[ResourceInstance, ...]:
        """The instances of a resource or data source; one stands for those that are not known."""
        indexes = self.repetition(name).indexes()
        return tuple(self.instance(name, index) for index in indexes)

    def instance(self, name: Name, index: Index) -> ResourceInstance:
        """One instance of a resource or data source."""
        found = self._resources.get((name, index))
        if found is None:
            take(Budget.STEPS, _PER_INSTANCE)
            found = self._resources[name, index] = ResourceInstance(self, name, index, self.repetition(name))
            self.shared.turned_up.setdefault(found.type, []).append(found)
            if name[0] == "resource" and name[1] in KEY_TYPES:
                self.shared.keys[self.shared.own_identity(found)] = found
        return found

    def known_indexes(self, name: Name) -> Tuple[Index, ...]:
        """The indexes by which instances of a resource have been referred to, where these are known."""
        return tuple(index for known, index in self._resources if known == name and isinstance(index, (str, int)))

    def called_indexes(self, call: str) -> Tuple[Index, ...]:
        """The indexes by which instances of a module have been referred to, where these are known."""
        return tuple(index for known, index in self._modules if known == call and isinstance(index, (str, int)))

    def _resource(self, traversal: Steps) -> Value:
        written = traversal if traversal[0] == "data" else traversal[1:]
        declared, steps = tuple(traversal[:3]), traversal[3:]
        if declared not in self.module.resources:
            return undeclared(self.address, traversal, Hole(self.reference(*written)), self)
        name = (str(declared[0]), str(declared[1]), str(declared[2]))
        repeated = self.repetition(name)
        if not repeated.argument:
            return self.instance(name, None).member(steps)
        if not steps:
            return self._memo.get(
                ("all", *name),
                lambda: all_instances(
                    repeated, lambda index: self.instance(name, index).whole(), self.reference(*written)
                ),
                lambda: self.reference(*written),
            )
        if is_undecided(repeated, steps[0]):
            return open_value(self.reference(*written)[2:-1], [steps[0]])
        return self.instance(name, index_of(repeated, steps[0])).member(steps[1:])

    def _data(self, traversal: Steps) -> Value:
        return self._resource(traversal)

    # ModuleLoader

    def called(self, call: str) -> Optional[Module]:
        """The module that a call leads to, when its code is at hand."""
        found = self.shared.modules.called(self.module, call, (*self.path, call))
        return None if found is None or found.folder in self._folders else found

    def call_repetition(self, call: str) -> Repetition:
        """How often a module is called."""
        return self._repetition(("module", call), self.module.calls[call], f"{self.address}module.{call}")

    def module_instances(self, call: str) -> Tuple[ModuleInstance, ...]:
        """The instances of a called module; one stands for those that are not known."""
        found = (self.module_instance(call, index) for index in self.call_repetition(call).indexes())
        return tuple(instance for instance in found if instance is not None)

    def referred_modules(self, call: str) -> Tuple[ModuleInstance, ...]:
        """Of a called module with an open number of instances: those that have been referred to by their index."""
        repeated = self.call_repetition(call)
        indexes = self.called_indexes(call) if repeated.open is not None else ()
        return tuple(self._modules[call, index] for index in indexes if index not in repeated.members)

    def module_instance(self, call: str, index: Index) -> Optional[ModuleInstance]:
        """One instance of a called module; None when its code is not at hand."""
        module = self.called(call)
        if module is None:
            return None
        found = self._modules.get((call, index))
        if found is None:
            self.shared.make_room()
            body = self.module.calls[call]
            repeated = self.call_repetition(call)
            scope = RepeatedScope(self, repeated, index)
            inputs = {name: (expression, scope) for name, expression in body.attributes.items()}
            address = f"{self.address}module.{call}{suffix(index)}."
            conditions = self.conditions | repeated.conditions(index)
            exact = self.is_exact and repeated.is_exact(index)
            path = (*self.path, call)
            found = ModuleInstance(self.shared, module, path, address, self, inputs, body, conditions, exact)
            self._modules[call, index] = found
        return found

    def _module(self, traversal: Steps) -> Value:
        call, steps = traversal[1] if len(traversal) > 1 else None, traversal[2:]
        source = self.reference(*traversal)  # names what is not known
        if call not in self.module.calls or self.called(str(call)) is None:
            return Hole(source)
        repeated = self.call_repetition(str(call))
        if not repeated.argument:
            return self._outputs(str(call), None, steps, source)
        if not steps:
            return all_instances(repeated, lambda index: self._outputs(str(call), index, (), source), source)
        if is_undecided(repeated, steps[0]):
            return open_value(source[2:-1], [steps[0]])
        return self._outputs(str(call), index_of(repeated, steps[0]), steps[1:], source)

    def _outputs(self, call: str, index: Index, steps: Steps, source: str) -> Value:
        instance = self.module_instance(call, index)
        return Hole(source) if instance is None else instance.member(steps)

    def member(self, steps: Steps) -> Value:
        """The value of an output and of what follows it."""
        if not steps:
            return Reference("${" + self.address[:-1] + "}", target=self)
        if not isinstance(steps[0], str):
            return fail("a module has outputs")
        return traverse(self.output(steps[0]), steps[1:], self)

    # Providers

    def provider(self, name: str) -> Provider:
        """The provider of a local name: `aws`, or `aws.alias`."""
        found = self._memo.get(("provider", name), lambda: self._provider(name), lambda: name)
        return found if isinstance(found, Provider) else UNCONFIGURED

    def _provider(self, name: str) -> Provider:
        body = self.module.providers.get(name)
        if body is not None:
            return configured(body, self, self.address + name, None if name == "aws" else self.provider("aws"))
        handed = _handed(self._call)
        if self.parent is not None and name in handed:
            return self.parent.provider(handed[name])
        if self.parent is not None and name == "aws":
            return self.parent.provider(name)
        return UNCONFIGURED if name == "aws" else unknown_provider(f"of provider {self.address}{name}")

    # Where things are

    def _path(self, traversal: Steps) -> Value:
        folders = {"module": self._folder(), "root": ".", "cwd": WORKING_FOLDER}
        folder = folders.get(traversal[1]) if len(traversal) == 2 and isinstance(traversal[1], str) else None
        return Hole(self.reference(*traversal)) if folder is None else folder

    def _folder(self) -> Optional[str]:
        """The module's folder as Terraform has it, from that of the root."""
        folder, root = self.module.folder, self.shared.modules.root
        if not os.path.isabs(folder) or not os.path.isabs(root):  # noqa: PTH117 - a plan has no folders
            return None if self.path else "."
        try:
            return os.path.relpath(folder, root).replace(os.sep, "/")
        except ValueError:  # on another drive
            return None

    def _open(self, traversal: Steps) -> Value:
        return Hole(self.reference(*traversal))


_ROOTS: Dict[str, Callable[[ModuleInstance, Steps], Value]] = {
    "var": lambda instance, traversal: instance._steps(traversal, ModuleInstance.variable),
    "local": lambda instance, traversal: instance._steps(traversal, ModuleInstance.local),
    "data": ModuleInstance._data,
    "module": ModuleInstance._module,
    "path": ModuleInstance._path,
    "terraform": ModuleInstance._open,
    "each": ModuleInstance._open,
    "count": ModuleInstance._open,
    "self": ModuleInstance._open,
}


def _is_name(step: Step) -> bool:
    return isinstance(step, str) and step.replace("-", "_").isidentifier()


def _handed(call: Optional[Body]) -> Mapping[str, str]:
    """The providers that a module call hands over, by their names in the module."""
    given = call.attributes.get("providers") if call is not None else None
    items = given.items if isinstance(given, ObjectExpr) else ()
    return {key.source.strip('" ()'): value.source.strip('" ') for key, value in items}
