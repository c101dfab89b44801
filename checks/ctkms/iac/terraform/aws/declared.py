"""What the formulas of attributes see of a resource or data source, and what they have in common."""

from __future__ import annotations

from typing import Callable, Optional, Protocol

from ctkms.iac.terraform.aws.providers import Provider
from ctkms.iac.terraform.evaluation.conversion import text
from ctkms.iac.terraform.evaluation.evaluate import Scope
from ctkms.iac.terraform.evaluation.values import Failure, Value
from ctkms.iac.terraform.syntax.syntax_tree import Body
from ctkms.unknowns.text import Hole, Kind, Text, join


class Declared(Protocol):
    """One instance of a resource or data source."""

    @property
    def address(self) -> str:
        """Its name in the whole configuration."""

    @property
    def is_exact(self) -> bool:
        """Whether its address is that of one instance, not of several or of one among several."""

    @property
    def scope(self) -> Scope:
        """What its arguments can refer to."""

    @property
    def body(self) -> Body:
        """What the code says of it."""

    def argument(self, name: str) -> Value:
        """The value that the code sets; None when it sets none."""

    def known(self, name: str) -> Value:
        """The value of an attribute that Terraform has worked out already; None when it has not."""

    def provider(self) -> Provider:
        """The provider that makes it."""

    def key(self, reference: Value) -> Optional[Declared]:
        """The key resource in the same configuration that a key id, an ARN or an alias leads to."""


Formula = Callable[[Declared], Value]
TextFormula = Callable[[Declared], Text]


def as_text(value: Value, otherwise: Hole) -> Text:
    """A value where a string belongs."""
    try:
        return otherwise if value is None else text(value)
    except Failure:
        return otherwise


def open_attribute(declared: Declared, name: str, kind: Kind = Kind.ANY) -> Hole:
    """An attribute of which no more is known than its kind."""
    return Hole("${" + f"{declared.address}.{name}" + "}", kind)


def made(declared: Declared, name: str) -> Hole:
    """A name that the provider makes up."""
    return open_attribute(declared, name, Kind.NAME)


def argument_text(name: str) -> TextFormula:
    """An argument as a text."""
    return lambda declared: as_text(declared.argument(name), open_attribute(declared, name))


def constant(value: Text) -> Formula:
    """What is the same of every instance."""
    return lambda declared: value


def of_kind(name: str, kind: Kind) -> Formula:
    """An attribute of which no more is known than its kind."""
    return lambda declared: open_attribute(declared, name, kind)


def account(declared: Declared) -> Text:
    """The account of its provider."""
    return declared.provider().account


def region(declared: Declared) -> Text:
    """Its Region: that of its provider, unless the code sets another one."""
    given = declared.argument("region")
    return declared.provider().region if given is None else as_text(given, made(declared, "region"))


def name_from(argument: str, fixed_start: str = "") -> TextFormula:
    """A name that is given, or begins as given, or is made up."""

    def name(declared: Declared) -> Text:
        given = declared.argument(argument)
        if given is not None and given != "":
            return as_text(given, made(declared, argument))
        prefix = declared.argument(_PREFIXES.get(argument, argument + "_prefix"))
        start = fixed_start if prefix is None else as_text(prefix, made(declared, argument))
        return join((start, made(declared, argument)))

    return name


_PREFIXES = {"bucket": "bucket_prefix"}
named = name_from("name")
