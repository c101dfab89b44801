"""A policy document, parsed once into frozen data.

`parse` takes what people write: JSON text, a mapping, either of them with holes. It never raises.
What KMS would refuse, and what it accepts but cannot have an effect, is listed in `problems`.

The elements: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
The grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Dict, FrozenSet, List, Optional, Tuple, Union

from ctkms.iam.document_texts import as_text, kind_of, name_of, not_replaced, path_of, quoted_value
from ctkms.iam.policy import (
    VARIABLES_SINCE,
    Condition,
    Document,
    Element,
    PrincipalEntry,
    Principals,
    Problem,
    Statement,
    Value,
    holes_of,
)
from ctkms.unknowns.json_text import OBJECT, JsonProblem, read_json, written
from ctkms.unknowns.text import Hole, Kind, Maybe, Partial, Rest, Text, holes_in

__all__ = [
    "IDENTITY_POLICY",
    "KEY_POLICY",
    "TRUST_POLICY",
    "Condition",
    "Document",
    "Element",
    "PrincipalEntry",
    "Principals",
    "Problem",
    "Statement",
    "Value",
    "holes_of",
    "parse",
]

VERSIONS = (VARIABLES_SINCE, "2008-10-17")
_MIDNIGHTS = tuple(f"{version}T00:00:00" for version in VERSIONS)
EFFECTS = ("Allow", "Deny")
PRINCIPAL_TYPES = ("AWS", "Service", "Federated", "CanonicalUser")

# Elements that a kind of policy does not have, and what they stand for there.
KEY_POLICY: Mapping[str, object] = {}
IDENTITY_POLICY: Mapping[str, object] = {"Principal": "*"}  # it is about whom it is attached to
TRUST_POLICY: Mapping[str, object] = {"Resource": "*"}  # it is about the role it is part of


def parse(source: object, implied: Mapping[str, object] = KEY_POLICY) -> Document:
    """The document that `source` writes: JSON text (with or without holes), a mapping of builtins, or a hole.

    `implied` is KEY_POLICY, IDENTITY_POLICY or TRUST_POLICY, whichever kind of policy it is.
    """
    size = 0
    if isinstance(source, (str, Partial)):
        content, size, problem = read_json(source)
        if problem is not None:
            return _unreadable(problem)
        source = content
    elif isinstance(source, OBJECT):
        content, size, problem = read_json(source)
        if problem is not None:
            return _unreadable(problem)
    if isinstance(source, Hole):
        return Document(version=source, statements=(), open=source)
    if isinstance(source, (str, Partial)):
        return _unreadable(JsonProblem(f"the policy is a JSON string, not an object{_encoded_twice(source)}"))
    if not isinstance(source, OBJECT):
        return _unreadable(JsonProblem(f"the policy is {kind_of(source)}, not a JSON object"))
    return _Reader(implied).document(source, size)


def _encoded_twice(content: Text) -> str:
    """What to do about a JSON string that holds the JSON of a policy."""
    twice = isinstance(read_json(content)[0], OBJECT)
    return ": it is encoded as JSON twice, so take one `jsonencode` away" if twice else ""


def _unreadable(problem: JsonProblem) -> Document:
    return Document(version="", statements=(), problems=(Problem(problem.where, problem.what),))


class _Reader:
    """One pass over a document; collects the problems it meets."""

    def __init__(self, implied: Mapping[str, object]) -> None:
        self.implied = implied
        self.problems: List[Problem] = []

    def problem(self, where: str, what: str, refused: bool = True) -> None:
        self.problems.append(Problem(where, what, refused))

    def document(self, source: Mapping[object, object], size: int) -> Document:
        self.elements(source, _OF_POLICY, "", "a policy")
        hole = _open_name(source)
        if hole is not None:
            return Document(hole, (), tuple(self.problems), open=hole, size=size)
        version = self.version(source)
        self.label(source, "", "Id")
        statements = self.statements(source)
        return Document(version, statements, tuple(self.problems), size=size)

    def elements(self, source: Mapping[object, object], known: FrozenSet[str], where: str, of: str) -> None:
        if known.issuperset(source) and None not in source.values():
            return
        for name, value in source.items():
            if value is None:
                self.problem(
                    path_of(where, name), f"{quoted_value(name)} is null, which AWS does not take; leave it out"
                )
            if not isinstance(name, (Hole, Partial)) and name not in known:
                similar = next((one for one in known if one.casefold() == written(name).casefold()), None)
                hint = f'; the element is spelled "{similar}"' if similar else ""
                self.problem(path_of(where, name), f"{quoted_value(name)} is no element of {of}{hint}")

    def version(self, source: Mapping[object, object]) -> Text:
        version = source.get("Version")
        if version is None:
            self.problem(
                "Version",
                'the policy has no "Version", so the version 2008-10-17 is in force, in which ${...} is plain text',
                refused=False,
            )
            return VERSIONS[1]
        text = as_text(version)
        if text is None or (isinstance(text, str) and text not in VERSIONS):
            # Some readers of YAML take a date that is not quoted for a point in time.
            quoted = "; write the date in quotes" if isinstance(text, str) and text.startswith(_MIDNIGHTS) else ""
            known = "AWS knows 2012-10-17 and 2008-10-17"
            self.problem("Version", f'"Version" is {quoted_value(version)}; {known}{quoted}')
            return VERSIONS[0]
        return text

    def statements(self, source: Mapping[object, object]) -> Tuple[Statement, ...]:
        given = source.get("Statement")
        if given is None:
            self.problem("Statement", 'the policy has no "Statement"')
            return ()
        if isinstance(given, (Hole, Rest)):
            return (_open_statement(0, given),)
        if isinstance(given, OBJECT):
            given = [given]
        if not isinstance(given, (list, tuple)):
            self.problem("Statement", f'"Statement" is {kind_of(given)}, not an object or a list of objects')
            return ()
        if not given:
            self.problem("Statement", '"Statement" is an empty list')
        return tuple(self.statement(index, one) for index, one in enumerate(given))

    def statement(self, index: int, source: object) -> Statement:
        where = f"Statement/[{index}]"
        if isinstance(source, (Hole, Rest)):
            return _open_statement(index, source)
        if not isinstance(source, OBJECT):
            self.problem(where, f"the statement is {kind_of(source)}, not an object")
            return Statement(index, None, "Deny")
        if self.implied:
            source = {**self.implied, **source}
        self.elements(source, _OF_STATEMENT, where, "a statement")
        hole = _open_name(source)
        if hole is not None:
            return _open_statement(index, hole)
        return Statement(
            index=index,
            sid=self.label(source, where + "/", "Sid"),
            effect=self.effect(source, where),
            principals=self.principals(source, where),
            actions=self.listed(source, where, "Action"),
            resources=self.listed(source, where, "Resource"),
            conditions=self.conditions(source.get("Condition"), where + "/Condition"),
        )

    def label(self, source: Mapping[object, object], where: str, name: str) -> Optional[Text]:
        """`Sid` or `Id`: one string."""
        given = source.get(name)
        text = as_text(given)
        if text is None and isinstance(given, (list, tuple, *OBJECT)):
            self.problem(where + name, f'"{name}" is {kind_of(given)}, not a string')
        return text

    def effect(self, source: Mapping[object, object], where: str) -> Text:
        effect = source.get("Effect")
        if isinstance(effect, (Hole, Partial)):
            return effect
        if effect not in EFFECTS:
            problem = 'the statement has no "Effect"' if effect is None else f'"Effect" is {quoted_value(effect)}'
            self.problem(where + "/Effect", problem + '; it is "Allow" or "Deny"')
            return "Deny"
        return str(effect)

    def one_of_pair(self, source: Mapping[object, object], where: str, name: str) -> Optional[str]:
        """Which of `X` and `NotX` the statement has; not both."""
        present = [one for one in _PAIRS[name] if source.get(one) is not None]
        if len(present) > 1:
            self.problem(where, f'the statement has both "{name}" and "Not{name}"')
        return present[0] if present else None

    def listed(self, source: Mapping[object, object], where: str, name: str) -> Optional[Element]:
        found = self.one_of_pair(source, where, name)
        if found is None:
            # KMS accepts such a statement, but it applies to nothing:
            # https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
            self.problem(f"{where}/{name}", f'the statement has no "{name}", so it has no effect', refused=False)
            return None
        values = self.texts(source[found], f"{where}/{found}")
        if not values:
            self.problem(f"{where}/{found}", f'"{found}" is empty')
        return Element(found, values)

    def principals(self, source: Mapping[object, object], where: str) -> Optional[Principals]:
        found = self.one_of_pair(source, where, "Principal")
        if found is None:
            self.problem(where + "/Principal", 'the statement has no "Principal"; a key policy says whom it speaks of')
            return None
        given, where = source[found], f"{where}/{found}"
        if given == "*":
            return Principals(found, (PrincipalEntry("AWS", "*"),))
        if isinstance(given, (Hole, Rest)):
            return Principals(found, (_anybody(_hole_of(given)),))
        if not isinstance(given, OBJECT):
            self.problem(where, f'"{found}" is {quoted_value(given)}; write "*" or an object such as {{"AWS": "..."}}')
            return Principals(found, ())
        entries: List[PrincipalEntry] = []
        for kind, names in given.items():
            if isinstance(kind, (Hole, Partial)):
                entries.append(_anybody(holes_in(kind)[0]))
                continue
            if kind not in PRINCIPAL_TYPES:
                self.problem(
                    path_of(where, kind),
                    f"{quoted_value(kind)} is no principal type; AWS knows {', '.join(PRINCIPAL_TYPES)}",
                )
            entries.extend(PrincipalEntry(written(kind), name) for name in self.texts(names, path_of(where, kind)))
        if not entries:
            self.problem(where, f'"{found}" names nobody')
        return Principals(found, tuple(entries))

    def conditions(self, source: object, where: str) -> Tuple[Condition, ...]:
        if source is None:
            return ()
        if isinstance(source, (Hole, Rest)):
            hole = _hole_of(source)
            return (Condition(hole, hole, (Rest(hole),)),)
        if not isinstance(source, OBJECT):
            self.problem(where, f'"Condition" is {kind_of(source)}, not an object')
            return ()
        found: List[Condition] = []
        for name, keys in not_replaced(source):
            operator, inner = name_of(name), path_of(where, name)
            if name is None or name == "None":  # as it is, or written out by who has read the YAML
                self.problem(where, _NULL_WITHOUT_QUOTES)
                continue
            if isinstance(keys, (Hole, Rest)):
                found.append(Condition(operator, _hole_of(keys), (Rest(_hole_of(keys)),)))
            elif not isinstance(keys, OBJECT):
                self.problem(inner, f"{quoted_value(operator)} is {kind_of(keys)}, not an object of condition keys")
            else:
                found.extend(
                    Condition(operator, name_of(key), self.texts(values, path_of(inner, key)))
                    for key, values in not_replaced(keys)
                )
        return tuple(found)

    def texts(self, source: object, where: str) -> Tuple[Value, ...]:
        """A single value or a list of them, as AWS allows everywhere; numbers and booleans become text."""
        items = source if isinstance(source, (list, tuple)) else (source,)
        values: List[Value] = []
        for item in items:
            if isinstance(item, Maybe):
                values.append(Rest(item, item.each))
                continue
            if isinstance(item, Hole) and item.kind is Kind.ANY and not isinstance(source, (list, tuple)):
                values.append(Rest(item))  # an open value may turn out to be a list, or an empty one
                continue
            value = item if isinstance(item, Rest) else as_text(item)
            if value is None:
                self.problem(where, f"{kind_of(item)} stands where a string belongs")
            else:
                values.append(value)
        return tuple(values)


_NULL_WITHOUT_QUOTES = 'a condition operator is null, since YAML reads Null without quotes so; write "Null" in quotes'

_PAIRS: Dict[str, Tuple[str, str]] = {name: (name, "Not" + name) for name in ("Principal", "Action", "Resource")}
_OF_POLICY = frozenset(("Version", "Id", "Statement"))
_OF_STATEMENT = frozenset(("Sid", "Effect", *itertools.chain(*_PAIRS.values()), "Condition"))


def _open_statement(index: int, what: Union[Hole, Rest]) -> Statement:
    hole = _hole_of(what)
    return Statement(index, None, hole, open=hole)


def _hole_of(value: Union[Hole, Rest]) -> Hole:
    return value.hole if isinstance(value, Rest) else value


def _anybody(hole: Hole) -> PrincipalEntry:
    """A principal of which nothing is known, whatever the hole stands for: services and everyone among them."""
    return PrincipalEntry("AWS", Rest(Hole(hole.source)))


def _open_name(source: Mapping[object, object]) -> Optional[Hole]:
    """A hole in the name of an element: that may be any element, so the others do not say all there is."""
    return next((hole for name in source if isinstance(name, (Hole, Partial)) for hole in holes_in(name)), None)
