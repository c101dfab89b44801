"""What all instances of a configuration share in one scenario: its assumptions, its keys, and how many there may be."""

from __future__ import annotations

from typing import Callable, Dict, Generic, Iterable, List, Mapping, Optional, Sequence, Tuple, TypeVar

from ctkms.budgets import Budget, TooLarge, take
from ctkms.iac.terraform.aws.attributes import ALIAS, Declared, as_text, attribute, key_id
from ctkms.iac.terraform.aws.declared import account, region
from ctkms.iac.terraform.aws.kms_references import identity_of, is_alias
from ctkms.iac.terraform.evaluation.open_names import describe
from ctkms.iac.terraform.evaluation.values import Value
from ctkms.iac.terraform.instances.repetition import Repetition, existence
from ctkms.iac.terraform.modules.loader import ModuleLoader
from ctkms.unknowns.scenarios import Assumptions
from ctkms.unknowns.text import Hole, Kind, Text, split

MAX_MODULE_INSTANCES = 5_000
_PER_MODULE = 20  # steps

Place = Tuple[Text, Text]  # a Region and an account

Instance = TypeVar("Instance", bound=Declared)


class SharedState(Generic[Instance]):
    """The state of one scenario; `aliases` gives every alias that the configuration declares."""

    def __init__(
        self,
        modules: ModuleLoader,
        own: Mapping[Hole, Hole],
        assumed: Assumptions,
        given: Mapping[str, Value],
        aliases: Callable[[], Iterable[Instance]],
    ) -> None:
        self.modules = modules
        self.given = given  # the variables of the root
        self.own = own  # variables that are the Region or account of a provider
        self.assumed = assumed
        self.keys: Dict[Text, Instance] = {}  # key resources by their id, as they turn up
        self.turned_up: Dict[str, List[Instance]] = {}  # all resources by their type, likewise
        self._counts: Dict[str, str] = {}  # open ones, by the condition that they make any instances
        self._module_instances = 0
        self._declared_aliases = aliases
        self._aliases: Optional[Dict[Text, List[Tuple[Place, Text]]]] = None

    def make_room(self) -> None:
        """Count one more module instance; modules that call modules multiply. Raises `TooLarge` beyond all measure."""
        self._module_instances += 1
        take(Budget.STEPS, _PER_MODULE)
        if self._module_instances > MAX_MODULE_INSTANCES:
            raise TooLarge

    def note_count(self, repeated: Repetition, block: str) -> None:
        """Remember which block has an open `count` or `for_each`, for messages."""
        if repeated.open is not None:
            written = f"{repeated.argument} of {block}: {repeated.open}"
            self._counts.setdefault(existence(repeated.open), written)

    def told(self) -> Tuple[str, ...]:
        """What this scenario assumes, in words. That blocks exist, whatever their number, goes without saying."""
        found: List[str] = []
        for condition, value in sorted(self.assumed.items()):
            count = self._counts.get(condition)
            if count is None:
                found.append(f"{condition} is {str(value).lower()}")
            elif not value:
                found.append(f"{count} makes none")
        return tuple(found)

    def identity(self, reference: Value, by: Optional[Declared] = None) -> Text:
        """The id of the key that a reference leads to; an alias that the configuration declares is followed.

        `by` has the reference: where a key and its replicas share an id, it means the one in its Region.
        """
        given = as_text(reference, Hole(describe(reference)))
        identity = self._told_apart(identity_of(given), given, by)
        for _ in range(3):  # an alias may lead to an alias by mistake only
            behind = self._behind(identity, given, by) if is_alias(identity) else None
            if behind is None:
                break
            identity = behind
        return identity

    def _behind(self, name: Text, reference: Text, by: Optional[Declared]) -> Optional[Text]:
        """The key behind an alias of this name; each account has aliases of its own in each Region."""
        sections = split(reference, ":")
        place = (sections[3], sections[4]) if len(sections) > 5 else None if by is None else _place(by)
        named = self.aliases().get(name, ())
        take(Budget.STEPS, len(named))
        found = [(where, key) for where, key in named if place is None or _may_be(where, place)]
        keys = {key for where, key in found if where == place} or {key for _, key in found}
        if not keys:
            return None
        return keys.pop() if len(keys) == 1 else Hole("${key_id of " + str(name) + "}", Kind.NAME)

    def own_identity(self, key: Declared) -> Text:
        """What `identity` says of a reference to this key resource."""
        return self._told_apart(key_id(key), as_text(key.known("arn"), Hole("")), key)

    def _told_apart(self, identity: Text, reference: Text, by: Optional[Declared]) -> Text:
        """The id with the Region of the key where several keys share it."""
        if not isinstance(identity, str) or identity not in self.modules.shared_key_ids():
            return identity
        sections = split(reference, ":")
        region = sections[3] if len(sections) > 5 else None if by is None else by.provider().region
        return f"{identity} in {region}" if isinstance(region, str) else Hole(f"{identity} in some Region")

    def key(self, reference: Value, by: Optional[Declared] = None) -> Optional[Instance]:
        """The key resource that a reference leads to."""
        return self.keys.get(self.identity(reference, by)) if reference is not None else None

    def aliases(self) -> Mapping[Text, Sequence[Tuple[Place, Text]]]:
        """The keys of the aliases that the configuration declares, by name, and where these are."""
        if self._aliases is None:
            self._aliases = {}  # an alias may be looked up while they are collected
            for alias in self._declared_aliases():
                target = as_text(alias.argument("target_key_id"), Hole(f"{alias.address}.target_key_id"))
                name = as_text(attribute(alias, ALIAS, "name"), Hole(f"{alias.address}.name"))
                identity = self._told_apart(identity_of(target), target, alias)
                self._aliases.setdefault(name, []).append((_place(alias), identity))
        return self._aliases


def _place(declared: Declared) -> Place:
    return region(declared), account(declared)


def _may_be(one: Place, other: Place) -> bool:
    """Whether both may be the same place: what is open may be what is spelled out."""
    return all(
        left == right or not (isinstance(left, str) and isinstance(right, str)) for left, right in zip(one, other)
    )
