"""Values that somebody may choose such that the comparisons of a policy come out as he needs them.

A rule such as "no foreign trail may use this key" speaks of every foreign trail. What a caller
needs of a value is that it matches the conditions of one Allow statement, and those by which each Deny
spares somebody; that it matches nothing else helps, and a character that no policy contains does not. So it
is enough to try, for each Allow statement, one value for each choice of a pattern from each
of these conditions: one that all chosen patterns match, with fresh characters wherever they leave room.
If none of these is let in, no other value is: `tests/cloudtrail/access_requests/test_law_of_witnesses.py`
holds this against every value of a small alphabet. Where there are too many choices, that is said, and
nothing is claimed.
"""

from __future__ import annotations

import itertools
from typing import Callable, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Sequence, Tuple

from ctkms.budgets import Budget, exhausted, spend
from ctkms.cloudtrail.access_requests.meeting_patterns import (
    FIRST_HOLE,
    MANY_IN_SECTION,
    ONE_IN_SECTION,
    Fresh,
    Pattern,
    Read,
    account_in,
    common,
)
from ctkms.cloudtrail.access_requests.policy_values import values_for
from ctkms.iam.conditions import read_operator
from ctkms.iam.document import Condition, Statement
from ctkms.unknowns.text import Hole, Kind, Part, Rest, Text, join, parts_of

MAX_WITNESSES = 600

_OPEN = "\ue310"  # an open value of a pattern, until that is made one

_LOOK, _CHOICE, _FORM = 30, 150, 8  # of `Budget.COMPARISONS`


class Witnesses(NamedTuple):
    """Values to try, and whether no other one could get another answer."""

    values: Tuple[Text, ...]
    complete: bool = True


class _Needs(NamedTuple):
    """What one Allow statement asks of a value: a pattern from each list; and what spares from a Deny, likewise."""

    asked: Tuple[Tuple[Pattern, ...], ...]
    sparing: Tuple[Tuple[Pattern, ...], ...]


def witnesses(
    statements: Sequence[Statement],
    keys: Mapping[str, Read],
    forms: Sequence[Sequence[Text]],
    fresh: str,
    accept: Callable[[Text], bool] = lambda value: True,
) -> Witnesses:
    """Values that have one of the forms and meet the needs of the statements about some condition keys.

    A form is templates with the wildcards of patterns, the one that matches least first: the first one that can
    meet a need is taken, since what the others have instead of something fresh helps nobody. A role and a user, or
    one's own Region and another one, are forms of their own: a pattern may spare or exclude either.
    """
    holes = _Holes([template for form in forms for template in form])
    written = _Forms([[holes.written(template) for template in form] for form in forms])
    lengths = [Fresh(fresh, many) for many in (_LENGTHS if _counts_characters(statements, keys) else _LENGTHS[:1])]
    # Those that meet nothing that is asked for, whatever else can be spent.
    found: Dict[Text, None] = {}
    for length in lengths:
        found.update((holes.read(common(form[0], (), length) or fresh), None) for form in written.all)
    left = MAX_WITNESSES
    possible = _Possible(written, lengths, lambda one: accept(holes.read(one)))
    for needs in _needs(statements, keys, holes):
        for choice in _choices(possible.of(needs)):
            if left <= 0 or not spend(Budget.COMPARISONS, _CHOICE * len(lengths)):
                return Witnesses(tuple(found), complete=False)
            left -= 1
            for form, length in itertools.product(written.that_may_meet(choice), lengths):
                values = (holes.read(one) for one in _meeting(form, choice, length))
                first = next((value for value in values if accept(value)), None)
                if first is not None:
                    found[first] = None
    return Witnesses(tuple(found), complete=not exhausted(Budget.COMPARISONS))


_LENGTHS = (3, 1, 0)  # of what stands for any number of characters


def _counts_characters(statements: Sequence[Statement], keys: Mapping[str, Read]) -> bool:
    """Whether a pattern asks how long a value is: then something fresh may be too long, or too short."""
    return any("?" in str(value) for value in values_for(statements, tuple(keys)))


class _Forms:
    """The forms by the account that is spelled out in them: a pattern that spells out one meets few."""

    def __init__(self, forms: Sequence[Sequence[Pattern]]) -> None:
        self.all = forms
        self._by_account: Dict[str, List[Sequence[Pattern]]] = {}
        for form in forms:
            accounts = {account_in(template) for template in form}
            self._by_account.setdefault(accounts.pop() if len(accounts) == 1 else "", []).append(form)

    def that_may_meet(self, patterns: Sequence[Pattern]) -> Sequence[Sequence[Pattern]]:
        """The forms of which a value may match all the patterns."""
        account = next(filter(None, map(account_in, patterns)), "")
        found = [*self._by_account.get(account, ()), *self._by_account.get("", ())] if account else self.all
        spend(Budget.COMPARISONS, _FORM * len(found))
        return found


class _Possible:
    """Which patterns a value may match that is accepted; one that matches others too is no fresher."""

    def __init__(self, forms: _Forms, lengths: Sequence[Fresh], accept: Callable[[str], bool]) -> None:
        self._forms = forms
        self._lengths = lengths
        self._accept = accept
        self._known: Dict[Pattern, bool] = {}

    def of(self, needs: _Needs) -> _Needs:
        """The needs without the patterns that no such value matches."""
        return _Needs(tuple(map(self._met, needs.asked)), tuple(filter(None, map(self._met, needs.sparing))))

    def _met(self, patterns: Tuple[Pattern, ...]) -> Tuple[Pattern, ...]:
        return tuple([one for one in patterns if self._is_met(one)])

    def _is_met(self, pattern: Pattern) -> bool:
        if not spend(Budget.COMPARISONS, _LOOK):
            return False  # that there is no more to spend is said in the end
        if pattern not in self._known:
            templates = (template for form in self._forms.that_may_meet((pattern,)) for template in form)
            each = itertools.product(templates, self._lengths)
            meeting = (common(template, (pattern,), length) for template, length in each)
            self._known[pattern] = any(value is not None and self._accept(value) for value in meeting)
        return self._known[pattern]


def _meeting(templates: Iterable[Pattern], choice: Sequence[Pattern], fresh: Fresh) -> Iterator[Pattern]:
    for template in templates:
        value = common(template, choice, fresh)
        if value is not None:
            yield value


def _needs(statements: Sequence[Statement], keys: Mapping[str, Read], holes: _Holes) -> Iterator[_Needs]:
    """The needs of each Allow statement, each once; of a statement that asks for nothing first."""
    denying = [one for one in statements if one.effect != "Allow"]
    sparing = tuple(dict.fromkeys(patterns for one in denying for patterns in _lists(one, keys, holes, negated=True)))
    allowing = [one for one in statements if one.effect != "Deny"]
    asked = dict.fromkeys([(), *(tuple(_lists(one, keys, holes, negated=False)) for one in allowing)])
    return (_Needs(one, sparing) for one in asked)


def _lists(
    statement: Statement, keys: Mapping[str, Read], holes: _Holes, negated: bool
) -> Iterator[Tuple[Pattern, ...]]:
    """The patterns of each condition on one of the keys by an operator that is negated, or is not."""
    for condition in statement.conditions:
        read = keys.get(condition.key.lower()) if isinstance(condition.key, str) else None
        spelling = read_operator(condition.operator) if isinstance(condition.operator, str) else None
        row = spelling.operator if spelling else None
        if read is None or row is None or row.negated is not negated:
            continue
        patterns = [read(one) for one in _patterns(condition, row.wildcards, row.name.startswith("Arn"), holes)]
        if "IgnoreCase" in row.name:
            patterns += [change(one) for one in patterns for change in (str.lower, str.upper)]
        if patterns:
            yield tuple(dict.fromkeys(patterns))


def _patterns(condition: Condition, wildcards: bool, by_section: bool, holes: _Holes) -> Iterator[Pattern]:
    for value in condition.values:
        if isinstance(value, Rest):
            if value.each is None:
                continue  # it is open whether it asks for anything
            value = value.like
        pattern = holes.written(value)
        if by_section:
            pattern = pattern.replace("*", MANY_IN_SECTION).replace("?", ONE_IN_SECTION)
        elif not wildcards and isinstance(value, str) and ("*" in value or "?" in value):
            continue  # a name that nothing has
        yield pattern.replace(_OPEN, "*")


def _choices(needs: _Needs) -> Iterator[Tuple[Pattern, ...]]:
    """One pattern from each list that is asked for, and from any of those that spare from a Deny.

    First from none of these, then from all, which most often decides, then from some.
    """
    for asked in itertools.product(*needs.asked):
        # What is asked for may spare already.
        sparing = [patterns for patterns in needs.sparing if not set(asked) & set(patterns)]
        for number in dict.fromkeys((0, len(sparing), *range(1, len(sparing)))):
            for lists in itertools.combinations(sparing, number):
                for chosen in itertools.product(*lists):
                    yield tuple(dict.fromkeys((*asked, *chosen)))


_MOST_HOLES = 2000  # that have a character of their own


class _Holes:
    """How patterns write the holes: those of the templates, and names, by a character of their own.

    A stranger may give what he makes any name. What the others stand for may be anything.
    """

    def __init__(self, templates: Iterable[Text]) -> None:
        self._characters: Dict[Hole, str] = {}
        self._holes: Dict[str, Hole] = {}
        for part in (part for one in templates for part in parts_of(one)):
            if isinstance(part, Hole):
                self._character(part)

    def _character(self, hole: Hole) -> str:
        if hole not in self._characters:
            character = chr(ord(FIRST_HOLE) + len(self._holes))
            self._characters[hole] = character
            self._holes[character] = hole
        return self._characters[hole]

    def _part(self, part: Part) -> Pattern:
        if isinstance(part, str):
            return part
        is_name = part.kind is Kind.NAME and len(self._holes) < _MOST_HOLES
        return self._character(part) if is_name or part in self._characters else _OPEN

    def written(self, text: Text) -> Pattern:
        """The text as a pattern; what a policy variable stands for may be anything as well."""
        return _without_variables("".join(map(self._part, parts_of(text))))

    def read(self, value: str) -> Text:
        """The text of a value."""
        return join(self._holes.get(character, character) for character in value) if self._holes else value


def _without_variables(pattern: str) -> str:
    if "${" not in pattern:
        return pattern
    first, *others = pattern.split("${")
    return first + "".join(_OPEN + (one.partition("}")[2] if "}" in one else "") for one in others)
