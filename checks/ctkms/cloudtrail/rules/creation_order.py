"""Rule 065: a trail or event data store is made after the policy that lets CloudTrail in.

CreateTrail and CreateEventDataStore ask the key at once whether they may use it. Where the policy is a
resource of its own, Terraform makes what refers to the key alone at the same time, or before it.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-kms-works-with-cloudtrail.html
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import List, Optional, Tuple, Union

from ctkms.cloudtrail.access_requests.calls import DECRYPT, GENERATE_DATA_KEY
from ctkms.cloudtrail.access_requests.key_case import KeyCase, policy_in_force
from ctkms.cloudtrail.answers import Answer, Note, allowed, every_if_any
from ctkms.cloudtrail.resources import EventDataStore, Key, Order, Trail
from ctkms.unknowns.text import Hole
from ctkms.unknowns.truth import FALSE, TRUE, UNKNOWN

_User = Union[Trail, EventDataStore]


def waits_for_the_policy(case: KeyCase) -> Optional[Answer]:
    """Every user of the key waits for the policy; None where there is no policy to wait for."""
    if not case.key.policy_address:
        return None
    users: Tuple[_User, ...] = (*case.trails, *case.key.stores)
    return every_if_any(answer for user in users for answer in (_waits(case, user),) if answer is not None)


def _waits(case: KeyCase, user: _User) -> Optional[Answer]:
    after = _lets_in(case, user)
    if user.order is Order.UNSEEN or after.kept is FALSE:
        return None
    if isinstance(user.order, Hole):
        return Answer(UNKNOWN, holes=(user.order,))
    if user.order is Order.AFTER:
        return Answer(TRUE, note=Note(f"{user.address} is made after {case.key.policy_address}"))
    # What the key lets CloudTrail do until the policy takes the place of its own one.
    before = _lets_in(case.under(case.identity.document(policy_in_force(_at_first(case)))), user)
    if before.kept is TRUE:
        return None
    if UNKNOWN in (after.kept, before.kept):
        return before if before.kept is UNKNOWN else after
    policy = case.key.policy_address
    note = _NOTES[user.order].format(user=user.address, policy=policy, advice=_advice(user.address, policy))
    return before._replace(
        kept=FALSE, note=Note(note, short=_SHORT[user.order].format(user=user.address, policy=policy))
    )


def _at_first(case: KeyCase) -> Key:
    return replace(case.key, policy=case.key.inline_policy)


_NOTES = {
    Order.ANY: "nothing makes {user} wait for {policy}: Terraform may make it first, while the key does not let "
    "CloudTrail in, and AWS refuses it; {advice}",
    Order.NEEDED: "{policy} takes an attribute of {user}, so {user} is made first, while the key does not let "
    "CloudTrail in, and AWS refuses it; build the ARN in the policy from its parts, and make {user} depend on {policy}",
}

_SHORT = {
    Order.ANY: "{user} does not wait for {policy}",
    Order.NEEDED: "{policy} takes an attribute of {user}, which is made first",
}

_INDEX = re.compile(r"\[[^\]]*\]\Z")  # depends_on takes a resource as a whole
_CALL = re.compile(r'(module\.[\w-]+)(?:\[(?:"(?:[^"\\]|\\.)*"|[^]"]*)\])?\.')


def _advice(user: str, policy: str) -> str:
    block, on = waits_by(user, policy)
    return f"add depends_on = [{on}] to {block if block.startswith('module.') else 'it'}"


def waits_by(user: str, policy: str) -> Tuple[str, str]:
    """Which block has to name what in its `depends_on`, both as the module that holds the two calls them.

    A module cannot name what stands in another one, so it names, or is given, the whole.
    https://developer.hashicorp.com/terraform/language/meta-arguments/depends_on
    """
    to_user, to_policy = _within(user), _within(policy)
    while len(to_user) > 1 and len(to_policy) > 1 and to_user[0] == to_policy[0]:
        del to_user[0], to_policy[0]
    return _INDEX.sub("", to_user[0]), _INDEX.sub("", to_policy[0])


def _within(address: str) -> List[str]:
    """The calls that lead to a block, and the block."""
    calls: List[str] = []
    while True:
        call = _CALL.match(address)
        if not call:
            return [*calls, address]
        calls.append(call[1])
        address = address[call.end() :]


def _lets_in(case: KeyCase, user: _User) -> Answer:
    if isinstance(user, Trail):
        return allowed(case.policy, case.asked.by_trail(GENERATE_DATA_KEY, user))
    return allowed(case.policy, *(case.asked.by_store(action, user) for action in (GENERATE_DATA_KEY, DECRYPT)))
