"""One page for a browser, with everything in it: no other file, no network, and no script but its own.

The page's text is `page.html.j2`, in which Jinja2 escapes every value. The one thing that is put in as HTML are the
pages of the rules, which come with this package.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Dict, FrozenSet, List, Mapping, Sequence, Tuple

import jinja2
import markdown
from markupsafe import Markup

from ctkms.cloudtrail.rules.catalogue import BY_ID, RULES, UNDECIDED, Rule
from ctkms.report import rule_pages
from ctkms.report.code_view import Line, TextOf, change, marked, nothing_at_hand
from ctkms.report.keys import (
    FAILS,
    OPEN,
    PASSES,
    VERDICTS,
    JudgedKey,
    judged_keys,
    of_other_packs,
    tally,
    verdict_of,
)
from ctkms.report.plain_text import counted, shortened, visible
from ctkms.report.results import SEVERITIES, Record, Results

_HERE = Path(__file__).resolve().parent
_HEADINGS = ("What it checks", "Why", "Passes", "Fails", "Undecided", "Fix", "References")
OPEN_AT_FIRST = 5  # keys, whose details a reader need not unfold


@dataclass(frozen=True)
class _Finding:
    """A record, with its number within the key and what its repair would change."""

    number: int
    record: Record
    verdict: str
    change: Sequence[Tuple[str, str]]
    advice: Markup  # the page's, where nothing is known of this finding in particular
    to_type: str


@dataclass(frozen=True)
class _Card:
    """A key as the page shows it."""

    id: str
    key: JudgedKey
    findings: Sequence[_Finding]
    passed: Sequence[Record]
    lines: Sequence[Line]
    starts: FrozenSet[int]  # of the shown lines, those at which an element begins
    severities: Sequence[Tuple[str, int]]
    is_open: bool


@dataclass(frozen=True)
class _RulePage:
    """A rule, how often it said what, the keys that fail it, and its page."""

    rule: Rule
    counts: Mapping[str, int]
    failing: Sequence[_Card]
    text: Markup


def render(results: Results, when: datetime, text_of: TextOf = nothing_at_hand) -> str:
    """The page, as of a moment in UTC."""
    keys = judged_keys(results)
    cards = [_card(number, key, len(keys), text_of) for number, key in enumerate(keys, 1)]
    style, script = _file("page.css"), _file("page.js")
    return _template().render(
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        hashes={"style": _hash(style), "script": _hash(script)},
        when=when,
        results=results,
        tally=tally(keys, results.unlisted),
        counts=_count([key.verdict for key in keys], VERDICTS),
        severities=_count([one.record.severity for card in cards for one in card.findings], SEVERITIES),
        cards=cards,
        rules=_rule_pages(cards),
        controls=_controls(cards),
        others=of_other_packs(results),
        counted=counted,
        BY_ID=BY_ID,
        undecided=UNDECIDED.id,
    )


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(str(_HERE)),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(visible=visible, shortened=shortened, anchor=_anchor)
    return environment.get_template("page.html.j2")


@cache
def _file(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """By which the page's policy knows its own style and script."""
    return "sha256-" + b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _count(found: Sequence[str], names: Sequence[str]) -> Dict[str, int]:
    return {name: found.count(name) for name in names}


def _anchor(rule: str) -> str:
    return f"rule-{rule}"


def _card(number: int, key: JudgedKey, keys: int, text_of: TextOf) -> _Card:
    said = [record for record in key.records if verdict_of(record) != PASSES]
    code = next((record.code for record in key.records if record.code), ())
    places = [(at, one.element) for at, one in enumerate(said, 1) if one.element and one.element.file == key.file]
    lines = marked(code, places)
    severities = _count([record.severity for record in key.of(FAILS)], SEVERITIES)
    return _Card(
        id=f"key-{number}",
        key=key,
        findings=[_finding(at, record, text_of) for at, record in enumerate(said, 1)],
        passed=key.of(PASSES),
        lines=lines,
        starts=frozenset(place.start_line for _, place in places) & {line.number for line in lines},
        severities=[(name, count) for name, count in severities.items() if count],
        is_open=key.verdict == FAILS and (number == 1 or keys <= OPEN_AT_FIRST),
    )


def _finding(number: int, record: Record, text_of: TextOf) -> _Finding:
    verdict, words, to_type = verdict_of(record), "", ""
    if verdict in (FAILS, OPEN) and not (record.fix and record.fix.text):
        words, to_type = rule_pages.how_to_fix(record.rule, rule_pages.language_of(record.framework))
    return _Finding(number, record, verdict, change(record, text_of), _own(words), to_type)


def _rule_pages(cards: Sequence[_Card]) -> List[_RulePage]:
    """Every rule of the pack, in their order."""
    verdicts: Dict[str, List[str]] = {rule.id: [] for rule in RULES}
    failing: Dict[str, List[_Card]] = {rule.id: [] for rule in RULES}
    for card in cards:
        for record in card.key.records:
            verdicts[record.rule].append(verdict_of(record))
            if verdict_of(record) in (FAILS, OPEN):
                failing[record.rule].append(card)
    return [_RulePage(rule, _count(verdicts[rule.id], VERDICTS), failing[rule.id], _page(rule.id)) for rule in RULES]


@cache
def _own(text: str) -> Markup:
    """Markdown of this package's as HTML. Marked as safe: it quotes no scan."""
    return Markup(markdown.markdown(text, extensions=["tables", "fenced_code"], output_format="html"))  # noqa: S704


def _page(rule: str) -> Markup:
    sections = rule_pages.sections(rule)
    text = "\n\n".join(f"#### {heading}\n\n{sections[heading]}" for heading in _HEADINGS if sections.get(heading))
    return _own(text)


def _controls(cards: Sequence[_Card]) -> Dict[str, Dict[str, Dict[str, int]]]:
    """By framework and control, the related rules and how many keys fail each."""
    found: Dict[str, Dict[str, Dict[str, int]]] = {}
    for card in cards:
        for record in card.key.records:
            for framework, controls in record.controls:
                for control in controls:
                    rules = found.setdefault(framework, {}).setdefault(control, {})
                    rules[record.rule] = rules.get(record.rule, 0) + (verdict_of(record) == FAILS)
    return {
        framework: {control: dict(sorted(named[control].items())) for control in sorted(named, key=_naturally)}
        for framework, named in sorted(found.items(), key=lambda one: _naturally(one[0]))
    }


def _naturally(name: str) -> str:
    """Sorts `AU-9` before `AU-10`."""
    return re.sub(r"\d+", lambda number: number[0].zfill(9), name.lower())
