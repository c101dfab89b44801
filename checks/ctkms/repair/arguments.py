"""Edits of the resources rather than of the policy: of the key's own arguments, and of what is made first."""

from __future__ import annotations

from typing import Iterator, Tuple, Union

from ctkms.cloudtrail.resources import EventDataStore, Order, Trail
from ctkms.cloudtrail.rules.creation_order import waits_by
from ctkms.repair.edits import AddDependsOn, Candidate, SetArgument, Verbatim
from ctkms.repair.mistakes import all_values
from ctkms.repair.policy_view import View

ENABLES = "it puts a key into use that somebody took out of use"
REPLACES = "a key keeps its type: AWS replaces it, and what the old one encrypted needs the old one"
OTHER_MODULE = "it makes all of one module wait for all of another one"


def key_arguments(view: View) -> Iterator[Candidate]:
    """A key that is enabled, and of the type that CloudTrail needs."""
    key = view.key
    if key.enabled is False:
        path = key.attribute_paths.get("enabled", "enabled")
        yield Candidate((SetArgument(path, "false", Verbatim("true")),), "Enable the key.", False, ENABLES)
    wrong = [
        SetArgument(key.attribute_paths.get(name, name), given, wanted)
        for name, given, wanted in (
            ("key_spec", key.key_spec, "SYMMETRIC_DEFAULT"),
            ("key_usage", key.key_usage, "ENCRYPT_DECRYPT"),
        )
        if isinstance(given, str) and given != wanted
    ]
    if wrong:
        yield Candidate(tuple(wrong), "Make it a symmetric key for encryption and decryption.", False, REPLACES)


def creation_order(view: View) -> Iterator[Candidate]:
    """What uses the key waits for its policy."""
    users: Tuple[Union[Trail, EventDataStore], ...] = (*view.key.trails, *view.key.stores)
    spelled = tuple(all_values(view)) if any(user.order is Order.NEEDED for user in users) else ()
    for user in users:
        if user.order not in (Order.ANY, Order.NEEDED):
            continue
        block, on = waits_by(user.address, view.key.policy_address)
        alone = not on.startswith("module.") and not block.startswith("module.")
        text = f"Let {block} wait for {on} (depends_on)."
        wait = AddDependsOn(block, on)
        if user.order is Order.ANY:
            yield Candidate((wait,), text, alone, "" if alone else OTHER_MODULE)
        for one in spelled:
            both = f"{one.text[:-1]}, by its parts, and let {block} wait for {on} (depends_on)."
            yield Candidate((*one.changes, wait), both, alone and one.certain, one.reason, one.data)
