"""What the code shows of a key's use: whose key it is, a trail's, an event data store's, or a topic's.

A key of which the code shows no use is a trail's when its policy speaks of CloudTrail, unless the
code shows another use that explains why it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Tuple

from ctkms.cloudtrail.resources import ANY_TRAIL, Key, Topic, Trail
from ctkms.iam.document import Document, Statement, Value
from ctkms.unknowns.text import Rest

_SUBJECT, _SERVICE = "cloudtrail", "cloudtrail.amazonaws.com"
_CONTEXT = "aws:cloudtrail:arn"


@dataclass(frozen=True)
class Role:
    """What CloudTrail does with a key: the trails and the topics for which it is asked.

    `doubt` says why no claim is made about trails, "" where there is no doubt; `judged` whether
    anything is claimed at all.
    """

    trails: Tuple[Trail, ...] = ()
    topics: Tuple[Topic, ...] = ()
    doubt: str = ""
    judged: bool = True


def speaks_of_cloudtrail(text: str) -> bool:
    """Whether a text can matter here at all: trails, event data stores and the service principal are all called so."""
    return _SUBJECT in text.lower()


def role_of(key: Key, document: Document) -> Optional[Role]:
    """The role of a key; None where it is not CloudTrail's."""
    notifying = tuple([topic for topic in key.topics if topic.trails])
    if key.trails or key.stores:
        return Role(key.trails, notifying)
    names_service, names_context = _speaks(key, document)
    if key.presumed or names_context or (names_service and not (key.topics or key.other_users)):
        return Role((ANY_TRAIL,), notifying)
    if key.topics and names_service:
        topics = tuple(
            [topic if topic.trails else Topic(topic.address, topic.arn, (ANY_TRAIL,)) for topic in key.topics]
        )
        return Role((), topics, _open_trails(key))
    if names_service:
        used_by = " and ".join(key.other_users[:3])
        return Role(
            doubt=f"whether this is the key of a trail: its policy names {_SERVICE}, and the code shows only that "
            f"{used_by} is encrypted with it",
            judged=False,
        )
    return Role((), notifying) if notifying else None


def is_cloudtrails(key: Key, document: Document) -> bool:
    """Whether anything is said of the key at all."""
    return role_of(key, document) is not None


def _open_trails(key: Key) -> str:
    if not key.open_users:
        return ""
    named = " and ".join(f"`{hole}`" for hole in key.open_users[:3])
    return f"whether the key that is named by {named} is this one: a trail may use it besides the topic"


def _speaks(key: Key, document: Document) -> Tuple[bool, bool]:
    """Whether the policy, read or unreadable, names CloudTrail's service principal, and its encryption context."""
    if document.refused and not document.statements:
        text = str(key.policy).lower()
        return _SERVICE in text, _CONTEXT in text
    return any(map(_names_service, document.statements)), any(map(_names_context, document.statements))


def _names_service(statement: Statement) -> bool:
    """A statement about a role or log group whose name has CloudTrail in it does not."""
    principals = statement.principals.entries if statement.principals else ()
    return any(one.type == "Service" and _is_service(one.value) for one in principals)


def _is_service(name: Value) -> bool:
    text = str(name.like if isinstance(name, Rest) else name).lower()
    # With the partition's DNS suffix left open it is CloudTrail's all the same.
    return _SERVICE in text or text.startswith("cloudtrail.")


def _names_context(statement: Statement) -> bool:
    return any(_CONTEXT in str(condition.key).lower() for condition in statement.conditions)
