"""What is asked of a policy: who wants to do what, and what AWS says about the call."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Dict, Mapping, Tuple, Union

from ctkms.iam.patterns import arn_sections
from ctkms.unknowns.text import Hole, Partial, Text, join, split


class Presence(Enum):
    """What can be said of a condition key besides a value."""

    UNDOCUMENTED = "undocumented"

    def __str__(self) -> str:
        return "what AWS does not document"


# A condition key that AWS may or may not send, with a value nobody can know.
UNDOCUMENTED = Presence.UNDOCUMENTED

ContextValue = Union[Text, Tuple[Text, ...], Presence]  # one value, the values of a multivalued key, or not known


class Context(Dict[str, ContextValue]):
    """A request context as conditions look at it: condition keys in lower case, values as text."""


def context_of(given: Mapping[str, object]) -> Context:
    """A request context from condition keys in any case; booleans and numbers are written out."""
    return given if isinstance(given, Context) else Context((key.lower(), _as_sent(one)) for key, one in given.items())


def _as_sent(value: object) -> ContextValue:
    """A context value as AWS compares it: text, or several texts."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return tuple(_as_text(item) for item in value)
    return value if isinstance(value, Presence) else _as_text(value)


def _as_text(value: object) -> Text:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, (str, Hole, Partial)) else str(value)


@dataclass(frozen=True)
class ServicePrincipal:
    """An AWS service that calls in its own name."""

    name: Text

    def __str__(self) -> str:
        return str(self.name)


@dataclass(frozen=True)
class AwsPrincipal:
    """An IAM user, role, role session or account root, by its ARN."""

    arn: Text

    @cached_property
    def account(self) -> Text:
        """The account the principal belongs to; "" when the ARN does not tell."""
        sections = arn_sections(self.arn)
        return sections[4] if sections else ""

    @cached_property
    def root(self) -> Text:
        """The ARN of the account's root."""
        sections = arn_sections(self.arn)
        return join(("arn:", sections[1], ":iam::", sections[4], ":root")) if sections else ""

    @property
    def is_root(self) -> bool:
        """Whether the principal is the account root itself."""
        return self.arn == self.root

    @cached_property
    def role(self) -> Text:
        """The ARN of the role whose session this is; the principal's own ARN when it is no session."""
        sections = arn_sections(self.arn)
        if not sections or sections[2] != "sts":
            return self.arn
        names = split(sections[5], "/")
        if names[0] != "assumed-role" or len(names) < 3:
            return self.arn
        return join(("arn:", sections[1], ":iam::", sections[4], ":role/", names[1]))

    def __str__(self) -> str:
        return str(self.arn)


Principal = Union[ServicePrincipal, AwsPrincipal]


@dataclass(frozen=True)
class Request:
    """One call, as a policy sees it.

    `context` maps condition keys (in any case) to the value AWS sends: a text, a tuple of texts for
    a multivalued key, or `UNDOCUMENTED`. A key that is not in the mapping is absent from the call.
    `purpose` says in words what the call is for.
    """

    principal: Union[Principal, str]
    action: str
    resource: Text = "*"
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    purpose: str = ""

    @property
    def caller(self) -> Principal:
        """The principal; a plain string is an ARN or else the name of a service."""
        if not isinstance(self.principal, str):
            return self.principal
        return AwsPrincipal(self.principal) if self.principal.startswith("arn:") else ServicePrincipal(self.principal)
