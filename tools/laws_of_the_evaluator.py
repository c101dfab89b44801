"""The law of the evaluator, tried on random policies and requests.

Replacing a known value by an unknown one may turn a verdict into UNKNOWN, and never flips it. So a
policy and a request have some of their values hidden, wherever they stand; where the evaluator still
claims a verdict, every way to fill the hidden values that AWS would accept must give the same one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

from random_policies import (
    ACCOUNTS,
    ACTIONS,
    IAM_ARNS,
    KEY,
    KEY_IDS,
    KEYS,
    PATTERNS,
    RESOURCES,
    SERVICE,
    SESSIONS,
    TRAILS,
    Asked,
    asked,
    conditions,
    one_or_more,
    principals,
    statement,
)

from ctkms.iam.document import parse
from ctkms.iam.lint import problems_of
from ctkms.iam.request import UNDOCUMENTED
from ctkms.iam.verdict import Verdict
from ctkms.unknowns.text import Hole, Kind, Partial, Rest, fill, join, parts_of

# What may stand in the place of a hidden value or of a part of it.
ANYTHING = (
    *(
        "*",
        "",
        "?",
        "a",
        "b",
        "ab",
        "a*",
        "/",
        ":",
        "a/b",
        "a:b",
        "/a",
        "p/",
        "p/a",
        "root",
        ":root",
        "role/a",
        "user/a",
    ),
    *(":role/a", "::111122223333:role/a", "iam::111122223333:root", "iam::999988887777", "aws", "us-east-1", "1111"),
    *("33", "111122223333", "999988887777", "111122223333:role/a", "999988887777:role", "assumed-role/a/s", "a/s"),
    *("arn", "arn:aws:iam::111122223333:root", "arn:aws:iam::999988887777:role/a", *TRAILS[:2], KEY, KEY_IDS[0]),
    *("kms:Decrypt", "kms:*", "Decrypt", "D*", "true", "false", "10", "2027-01-01", "10.0.0.0/8", "QQ==", "x.y"),
)
OF_KIND: Dict[Kind, Tuple[str, ...]] = {
    Kind.ANY: ANYTHING,
    Kind.ACCOUNT: ACCOUNTS,
    Kind.REGION: ("us-east-1", "us-east-2", "eu-west-1"),
    Kind.PARTITION: ("aws", "aws-cn"),
    Kind.SUFFIX: ("amazonaws.com",),
    Kind.NAME: ("a", "ab", "b", "p/a", *KEY_IDS),
    Kind.KEY_ID: (*KEY_IDS, "99999999-1234-1234-1234-123456789012", "mrk-99999999999999999999999999999999"),
    Kind.SOME_KEY_ID: KEY_IDS,
}


# --- hiding ---------------------------------------------------------------------------------------

Path = Tuple[Any, ...]


def places(value: Any, path: Path = ()) -> Iterator[Tuple[Path, Any]]:
    """Every place of a policy where a value stands, names included."""
    if path:
        yield path, value
    if isinstance(value, dict):
        for name, item in value.items():
            if isinstance(name, str) and path[-2:-1] != ("Statement",) and path:
                yield (*path, ("name", name)), name
            yield from places(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))


def replaced(value: Any, path: Path, new: Any) -> Any:
    """A copy with one place changed."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(step, tuple):
        return {(new if name == step[1] else name): item for name, item in value.items()}
    if isinstance(value, dict):
        return {name: (replaced(item, rest, new) if name == step else item) for name, item in value.items()}
    return [replaced(item, rest, new) if index == step else item for index, item in enumerate(value)]


def kinds_of(text: str) -> List[Kind]:
    """The kinds of hole that the text may be the value of."""
    found = [Kind.ANY]
    if re.fullmatch("[0-9]{12}", text):
        found.append(Kind.ACCOUNT)
    if text == "us-east-1":
        found.append(Kind.REGION)
    if text == "aws":
        found.append(Kind.PARTITION)
    if text in KEY_IDS:
        found.append(Kind.SOME_KEY_ID)
    if text and not set(text) & set(":*?${}"):
        found.append(Kind.NAME)
    return found


class Hider:
    """Hides values of one policy and request, each behind a hole of its own."""

    def __init__(self, rng: Random, given: Asked) -> None:
        self.rng = rng
        self.given = given

    def hole(self, hid: Any, kind: Kind = Kind.ANY, other: Optional[Callable[[Random], Any]] = None) -> Hole:
        hole = Hole("${var.v" + str(len(self.given.hidden)) + "}", kind)
        self.given.hidden[hole] = hid
        if other:
            self.given.others[hole] = other
        return hole

    def cut(self, text: str) -> Any:
        """The text with a part hidden: a section, a beginning, an end or anything between."""
        rng = self.rng
        marks = [0, len(text), *(at for at, one in enumerate(text) if one in ":/"), *range(len(text))]
        start, end = sorted((rng.choice(marks), rng.choice(marks)))
        if rng.random() < 0.5 and text[start : start + 1] in (":", "/"):
            start += 1
        end = max(start, end)
        kinds = kinds_of(text[start:end])
        return join((text[:start], self.hole(text[start:end], rng.choice(kinds)), text[end:]))

    def in_policy(self) -> None:
        found = [
            (path, value) for path, value in places(self.given.policy) if not isinstance(value, (Hole, Partial, Rest))
        ]
        if found:
            path, value = self.rng.choice(found)
            self.given.policy = replaced(self.given.policy, path, self.opened(path, value))

    def opened(self, path: Path, value: Any) -> Any:
        rng = self.rng
        in_list, text = isinstance(path[-1], int), isinstance(value, str)
        if text and (rng.random() < 0.6 or path[-1] == "Version"):
            return self.cut(value)
        if text and not in_list and not isinstance(path[-1], tuple) and path[-1] not in ("Effect", "Version"):
            return self.hole(value, other=lambda again: one_or_more(again, _like(path)))
        if in_list and text and rng.random() < 0.4:
            return self.alike(value)
        if in_list and rng.random() < 0.5:
            whole = path[-2:-1] == ("Statement",)
            return Rest(
                self.hole([value], other=lambda again: _several(again, statement if whole else _one_like(path)))
            )
        if isinstance(value, dict) and in_list:
            return self.hole(value, other=statement)
        if isinstance(value, (dict, list)):
            return self.hole(value, other=lambda again: _whole(again, path, value))
        kinds = kinds_of(value) if text else [Kind.ANY]
        return self.hole(value, rng.choice(kinds))

    def alike(self, text: str) -> Rest:
        """Any number of texts that look like this one but for a part, another one in each."""
        before, cut = dict(self.given.hidden), self.cut(text)
        own = {one: Hole(f"{one}[*]", one.kind) for one in self.given.hidden if one not in before}
        hid = {own[one]: self.given.hidden[one] for one in own}
        each = fill(cut, own)
        self.given.hidden = before

        def one(again: Random) -> str:
            return str(filled(each, {hole: again.choice((part, *OF_KIND[hole.kind])) for hole, part in hid.items()}))

        return Rest(self.hole([text], other=lambda again: [one(again) for _ in range(again.randint(0, 2))]), each)

    def in_context(self) -> None:
        if not self.given.context:
            return
        key = self.rng.choice(sorted(self.given.context))
        value = self.given.context[key]
        if self.rng.random() < 0.15:
            self.given.context[key] = UNDOCUMENTED
            self.given.hidden[Hole("undocumented " + key)] = value
        elif isinstance(value, str):
            self.given.context[key] = self.cut(value) if self.rng.random() < 0.6 else self.hole(value)
        elif isinstance(value, tuple) and value:
            at = self.rng.randrange(len(value))
            if isinstance(value[at], str):
                self.given.context[key] = (*value[:at], self.cut(value[at]), *value[at + 1 :])

    def in_caller(self) -> None:
        caller = self.given.caller
        if isinstance(caller, str) and caller != SERVICE:
            self.given.caller = self.hole(caller) if self.rng.random() < 0.1 else self.cut(caller)

    def in_resource(self) -> None:
        """The ids of keys, each behind a hole of its own, in the policy and in the request alike."""
        one_of_several = self.rng.random() < 0.3
        for one in KEY_IDS:
            self.everywhere(one, Kind.SOME_KEY_ID if one_of_several and one == KEY_IDS[0] else Kind.KEY_ID)

    def shared(self) -> None:
        """One text, wherever it stands, behind one hole: what one reference of the code gives."""
        text = self.rng.choice((*ACCOUNTS[:2], "us-east-1", *TRAILS[:1], *IAM_ARNS[:3], KEY, "trail/a", "role/a"))
        self.everywhere(text, self.rng.choice([one for one in kinds_of(text) if one is not Kind.SOME_KEY_ID]))

    def everywhere(self, text: str, kind: Kind) -> None:
        hole = self.hole(text, kind)
        given = self.given

        def change(part: Any) -> Any:
            return _with(part, text, hole)

        given.policy = _mapped(given.policy, change)
        given.context = {key: _mapped(value, change) for key, value in given.context.items()}
        given.resource = change(given.resource)
        if given.caller != SERVICE:
            given.caller = change(given.caller)


def _with(text: Any, hid: str, hole: Hole) -> Any:
    pieces: List[Any] = []
    for part in parts_of(text):
        if isinstance(part, Hole):
            pieces.append(part)
            continue
        first, *rest = part.split(hid)
        pieces.append(first)
        for piece in rest:
            pieces += [hole, piece]
    return join(pieces)


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """The tree with every text that stands for a value changed; the names of members stay."""
    if isinstance(value, dict):
        return {name: item if name == "Version" else _mapped(item, change) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_mapped(item, change) for item in value)
    return change(value) if isinstance(value, (str, Partial)) else value


def _like(path: Path) -> Sequence[Any]:
    """Values that could stand in the place."""
    if "Condition" in path:
        return PATTERNS
    for name, values in (("Action", ACTIONS), ("Resource", RESOURCES)):
        if name in path or "Not" + name in path:
            return values
    return (SERVICE, "logs.amazonaws.com") if "Service" in path else (*IAM_ARNS, *SESSIONS, *ACCOUNTS, "*")


def _one_like(path: Path) -> Callable[[Random], Any]:
    return lambda rng: rng.choice(_like(path))


def _several(rng: Random, make: Callable[[Random], Any]) -> List[Any]:
    return [make(rng) for _ in range(rng.randint(0, 2))]


def _whole(rng: Random, path: Path, value: Any) -> Any:
    if path[-1] == "Statement":
        return _several(rng, statement) or [statement(rng)]
    if path[-1] == "Condition":
        return conditions(rng)
    if path[-1] in ("Principal", "NotPrincipal"):
        return principals(rng)
    if isinstance(value, dict):  # the keys of one operator
        return {rng.choice(KEYS): one_or_more(rng, PATTERNS)}
    return one_or_more(rng, _like(path))


HIDE = (
    *(Hider.in_policy,) * 5,
    *(Hider.in_context,) * 2,
    *(Hider.in_caller, Hider.in_resource, Hider.shared),
)


def hidden(rng: Random, given: Asked) -> None:
    """Hide one to three things."""
    hider = Hider(rng, given)
    for _ in range(rng.choice((1, 1, 2, 3))):
        rng.choice(HIDE)(hider)


# --- filling --------------------------------------------------------------------------------------


def texts_in(value: Any) -> Iterator[Any]:
    """Every text of a tree, whole or open in part."""
    if isinstance(value, (str, Partial)):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from (*texts_in(name), *texts_in(item))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from texts_in(item)


def aims(given: Asked) -> Dict[Hole, List[str]]:
    """For each hole within a text, what makes of it a text that stands elsewhere, or one with a path in the name."""
    whole: List[str] = []
    opened: List[Partial] = []
    for text in texts_in((given.policy, given.caller, given.resource, given.context)):
        (opened if isinstance(text, Partial) else whole).append(text)
    whole += [one.replace("/", "/ab/", 1) for one in whole]
    whole += [one.replace("assumed-role/", "role/").replace(":sts:", ":iam:").rpartition("/")[0] for one in whole]
    found: Dict[Hole, List[str]] = {}
    for partial in opened:
        before, *rest = partial.parts if isinstance(partial.parts[0], str) else ("", *partial.parts)
        if len(rest) > 2 or not isinstance(rest[0], Hole):
            continue
        after = str(rest[1]) if len(rest) == 2 else ""
        for one in whole:
            if one.startswith(str(before)) and one.endswith(after) and len(one) >= len(str(before)) + len(after):
                found.setdefault(rest[0], []).append(one[len(str(before)) : len(one) - len(after)])
    return found


def filling(rng: Random, given: Asked, aimed: Dict[Hole, List[str]]) -> Optional[Dict[Hole, Any]]:
    """A value for each hole: what it hid, something of its kind, what makes a text match, or what may stand there."""
    found: Dict[Hole, Any] = {}
    for hole, hid in given.hidden.items():
        chance = rng.random()
        if chance < 0.2:
            found[hole] = hid
        elif chance < 0.6 and hole in aimed and hole.kind is Kind.ANY:
            found[hole] = rng.choice(aimed[hole])
        elif hole in given.others:
            found[hole] = given.others[hole](rng)
        else:
            found[hole] = rng.choice(OF_KIND[hole.kind])
    ids = [value for hole, value in found.items() if hole.kind is Kind.KEY_ID]
    return found if len(set(ids)) == len(ids) else None


def filled(value: Any, values: Dict[Hole, Any]) -> Any:
    """The tree with its holes filled."""
    if isinstance(value, Hole):
        return values[value]
    if isinstance(value, Partial):
        return "".join(part if isinstance(part, str) else _text(values[part]) for part in value.parts)
    if isinstance(value, dict):
        return {filled(name, values): filled(item, values) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        items: List[Any] = []
        for item in value:
            items.extend(values[item.hole] if isinstance(item, Rest) else [filled(item, values)])
        return type(value)(items)
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "a"


_CALLER = re.compile(
    r"arn:aws[a-z-]*:(iam::[0-9]{12}:(root|(user|role)/([\w.-]+/)*[\w.-]+)|sts::[0-9]{12}:assumed-role/[\w.-]+/[\w.-]+)"
)


def answered(given: Asked, values: Dict[Hole, Any]) -> Optional[Asked]:
    """The policy and the request with the holes filled; None where AWS would refuse that."""
    policy = filled(given.policy, values)
    # Which of several keys is meant may differ from place to place.
    values = {**values, **{hole: KEY_IDS[0] for hole in values if hole.kind is Kind.SOME_KEY_ID}}
    caller = filled(given.caller, values)
    if caller != SERVICE and not (isinstance(caller, str) and _CALLER.fullmatch(caller)):
        return None
    if any(problem.refused for problem in problems_of(parse(policy))):
        return None
    context: Dict[str, Any] = {}
    for key, value in given.context.items():
        sent = values[Hole("undocumented " + key)] if value is UNDOCUMENTED else filled(value, values)
        if value is UNDOCUMENTED and sent == "":
            continue  # and it may be absent
        if not isinstance(sent, (str, tuple)):
            return None
        context[key] = sent
    resource = filled(given.resource, values)
    return Asked(policy, caller, given.action, resource, context) if resource.startswith("arn:aws:kms:") else None


# --- the law --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Flip:
    """A claim that does not hold for every way to fill what is hidden."""

    seed: int
    claimed: Verdict
    found: Verdict
    hidden: Asked
    filled: Asked
    values: Dict[Hole, Any]


def claims(seed: int, fillings: int = 6) -> Tuple[int, List[Flip]]:
    """How many claims one policy and request made, and which of them are wrong; the same for the same seed."""
    rng = Random(seed)  # noqa: S311
    given = asked(rng)
    hidden(rng, given)
    claimed = given.verdict()
    if claimed is Verdict.UNKNOWN:
        return 0, []
    count, flips = 0, []
    aimed = aims(given)
    for _ in range(fillings):
        values = filling(rng, given, aimed)
        concrete = answered(given, values) if values is not None else None
        if concrete is None or values is None:
            continue
        count += 1
        found = concrete.verdict()
        if found not in (claimed, Verdict.UNKNOWN):
            flips.append(Flip(seed, claimed, found, given, concrete, values))
    return count, flips


def told(flip: Flip) -> str:
    """A flip for people."""
    holes = {str(hole): value for hole, value in flip.values.items()}
    return "\n".join(
        (
            f"seed {flip.seed}: claimed {flip.claimed.value}, found {flip.found.value}, with {holes}",
            f"  policy  {flip.filled.policy}",
            f"  hidden  {flip.hidden.policy}",
            f"  request {flip.filled.caller} {flip.filled.action} {flip.filled.resource} {flip.filled.context}",
            f"  hidden  {flip.hidden.caller} {flip.hidden.resource} {flip.hidden.context}",
        )
    )
