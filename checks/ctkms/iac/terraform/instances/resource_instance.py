"""One instance of a resource or data source."""

from __future__ import annotations

from typing import Callable, Dict, FrozenSet, Mapping, Optional, Protocol, Tuple, Union

from ctkms.iac.terraform.aws.attributes import as_text, attribute
from ctkms.iac.terraform.aws.providers import Provider
from ctkms.iac.terraform.evaluation.conversion import boolean
from ctkms.iac.terraform.evaluation.dynamic_blocks import argument
from ctkms.iac.terraform.evaluation.evaluate import Scope, traverse
from ctkms.iac.terraform.evaluation.open_names import describe
from ctkms.iac.terraform.evaluation.scope import ChildScope
from ctkms.iac.terraform.evaluation.type_conversion import of_open_type
from ctkms.iac.terraform.evaluation.values import Failure, Index, Reference, Step, Steps, Value, fail
from ctkms.iac.terraform.instances.memo import Memo
from ctkms.iac.terraform.instances.repetition import Repetition
from ctkms.iac.terraform.instances.shared_state import SharedState
from ctkms.iac.terraform.modules.module import Module, Name
from ctkms.unknowns.text import Hole, Text


class Around(Scope, Protocol):
    """The module instance that a resource stands in, as far as its instances ask for it."""

    shared: SharedState[ResourceInstance]
    module: Module
    path: Tuple[str, ...]  # the names of the calls that lead here
    address: str
    conditions: FrozenSet[str]
    is_exact: bool
    shown: bool

    def provider(self, name: str) -> Provider:
        """The provider of a local name: `aws`, or `aws.alias`."""

    def called(self, call: str) -> Optional[Module]:
        """The module that a call leads to, when its code is at hand."""

    def reference(self, *steps: Step) -> str:
        """The source text of a reference that stands in this module."""


class ResourceInstance:
    """One instance of a resource or data source; `index` is None for a block that stands once."""

    def __init__(self, module: Around, name: Name, index: Index, repeated: Repetition) -> None:
        mode, type_, label = name
        self.module = module
        self.name = name
        self.index = index
        self.conditions = module.conditions | repeated.conditions(index)  # that decide whether it exists
        self.open = None if index in repeated.members else repeated.open  # what decides that, when it is not known
        self.is_exact = module.is_exact and repeated.is_exact(index)
        self.type = f"data.{type_}" if mode == "data" else type_
        self.address = f"{module.address}{self.type}.{label}{suffix(index)}"
        planned = module.shared.modules.planned(self.address)
        self.body = module.module.resources[name] if planned is None else planned.body
        self._known: Mapping[str, Value] = {} if planned is None else planned.known
        self._set = None if planned is None else planned.set_by_code
        self.scope = RepeatedScope(module, repeated, index)
        self._memo = Memo()

    @property
    def shown(self) -> bool:
        """Whether the scanner hands it over."""
        module = self.module
        return module.shown and module.shared.modules.hands_over(module.module.files.get(self.name))

    def argument(self, name: str) -> Value:
        """The value that the code sets; None when it sets none."""
        if name not in self.body.attributes:
            return None
        return self._memo.get((name,), lambda: argument(self.body, name, self.scope), lambda: self._source(name))

    def sets(self, name: str) -> bool:
        """Whether the code sets an argument; a plan has the values of others as well."""
        return name in self.body.attributes and (self._set is None or name in self._set)

    def flag(self, name: str, default: bool) -> Union[bool, Hole]:
        """A bool that the code sets, or does not."""
        value = self.argument(name)
        if value is None or isinstance(value, (bool, Hole)):
            return default if value is None else value
        try:
            return boolean(value)
        except Failure:
            return Hole(self._source(name))

    def text(self, name: str, default: Text) -> Text:
        """A text that the code sets, or does not."""
        value = self.argument(name)
        return default if value is None or value == "" else as_text(value, Hole(self._source(name)))

    def known(self, name: str) -> Value:
        """The value of an attribute that a plan has; None when there is none."""
        return self._known.get(name)

    def attribute(self, name: str) -> Value:
        """The value of an attribute."""
        return self._memo.get(name, lambda: attribute(self, self.type, name), lambda: self._source(name))

    def provider(self) -> Provider:
        """The provider that makes it."""
        given = self.body.attributes.get("provider")
        return self.module.provider("aws" if given is None else given.source.strip().strip('"'))

    def key(self, reference: Value) -> Optional[ResourceInstance]:
        """The key resource in the same configuration that a reference leads to."""
        return self.module.shared.key(reference, self)

    def exists_with(self, other: Optional[ResourceInstance]) -> bool:
        """Whether it certainly exists, or exists at least whenever the other one does."""
        if self.module.conditions and (other is None or self.module is not other.module):
            return False
        return self.open is None or (other is not None and self.open == other.open)

    def whole(self) -> Value:
        """The instance as an object."""
        return Reference("${" + self.address + "}", target=self)

    def member(self, steps: Steps) -> Value:
        """The value of an attribute and of what follows it."""
        if not steps:
            return self.whole()
        if not isinstance(steps[0], str):
            return fail("a resource has attributes")
        return traverse(of_open_type(self.attribute(steps[0])), steps[1:], self.scope)

    def _source(self, name: str) -> str:
        return "${" + f"{self.address}.{name}" + "}"


class RepeatedScope(ChildScope):
    """What can be referred to within a block that `count` or `for_each` repeats."""

    def __init__(self, module: Around, repeated: Repetition, index: Index) -> None:
        super().__init__(module)
        members: Dict[Steps, Callable[[], Value]] = {}
        if repeated.argument == "count":
            members["count", "index"] = lambda: index
        elif repeated.argument:
            members["each", "key"] = lambda: index
            members["each", "value"] = lambda: repeated.value(index)
        self._members = members

    def resolve(self, traversal: Steps) -> Value:
        """The value of a reference."""
        member = self._members.get(traversal[:2]) if len(traversal) > 1 and traversal[0] in ("each", "count") else None
        return super().resolve(traversal) if member is None else traverse(member(), traversal[2:], self)


def suffix(index: Index) -> str:
    """An index as it stands in an address."""
    if index is None:
        return ""
    return f"[{describe(index)}]"
