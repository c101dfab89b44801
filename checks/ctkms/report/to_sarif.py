"""SARIF 2.1.0, as GitHub's code scanning, Azure DevOps, DefectDojo and SonarQube read it.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html and, for what GitHub shows of it,
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import json
from typing import Any, Dict, Iterator, List, Sequence, Tuple
from urllib.parse import quote

from ctkms.cloudtrail.findings import PASSED, PROVED
from ctkms.cloudtrail.rules.catalogue import UNDECIDED
from ctkms.report import rule_pages
from ctkms.report.identity import fingerprints, pack_version
from ctkms.report.keys import EXCUSED, judged_keys, rank, tally, verdict_of
from ctkms.report.plain_text import counted, shortened, visible, visible_character
from ctkms.report.results import Edit, Place, Record, Results

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"CRITICAL": "error", "HIGH": "error", "MEDIUM": "warning", "LOW": "note"}
# GitHub calls more than 9.0 critical, from 7.0 high, from 4.0 medium. These are Checkov's own.
SCORES = {"CRITICAL": "10.0", "HIGH": "8.9", "MEDIUM": "6.9", "LOW": "3.9"}
LONGEST_NAME, LONGEST_DESCRIPTION = 255, 1024  # beyond these GitHub refuses or cuts


def render(results: Results) -> str:
    """The results as one run."""
    shown = sorted((record for record in results.records if record.result != PASSED), key=_order)
    rules = _rules(results, shown)
    indexes = {rule: index for index, rule in enumerate(rules)}
    run = {
        "tool": {"driver": _driver(results, list(rules.values()))},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": list(_notes(results))}],
        "results": [_result(record, mark, indexes[record.rule]) for record, mark in fingerprints(shown)],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _order(record: Record) -> Tuple[Any, ...]:
    return rank(record), record.block.file, record.block.start_line, record.resource


def _driver(results: Results, rules: List[Dict[str, Any]]) -> Dict[str, Any]:
    checkov = f" in Checkov {visible(results.checkov, 40)}" if results.checkov else ""
    return {
        "name": "ctkms",
        "fullName": f"checkov-cloudtrail-kms{checkov}",
        "version": pack_version(),
        "informationUri": "https://www.checkov.io/",
        "rules": rules,
    }


def _notes(results: Results) -> Iterator[Dict[str, Any]]:
    yield {"level": "note", "message": {"text": tally(judged_keys(results), results.unlisted)}}
    for file in results.unreadable:
        place = {"physicalLocation": {"artifactLocation": {"uri": _uri(file)}}}
        yield {"level": "warning", "message": {"text": "Checkov could not read this file."}, "locations": [place]}


def _rules(results: Results, shown: Sequence[Record]) -> Dict[str, Dict[str, Any]]:
    """The rules that found something, and those of this pack that were asked at all."""
    asked = [*shown, *(record for record in results.records if record.is_ours)]
    first = {record.rule: record for record in reversed(asked)}
    return {rule: _rule(first[rule]) for rule in sorted(first)}


def _rule(record: Record) -> Dict[str, Any]:
    name = visible(record.name) or record.rule
    page = rule_pages.page(record.rule)
    what = rule_pages.first_paragraph(record.rule, "What it checks")
    rule: Dict[str, Any] = {
        "id": record.rule,
        "name": _identifier(name),
        "shortDescription": {"text": shortened(_sentence(name), LONGEST_NAME)},
        "fullDescription": {"text": shortened(_sentence(what or name), LONGEST_DESCRIPTION)},
        "help": {"text": _help(record, name), **({"markdown": page} if page else {})},
        "defaultConfiguration": {"level": LEVELS.get(record.severity, "warning")},
        "properties": {"tags": ["security", "aws", "kms", "cloudtrail"] if record.is_ours else ["security"]},
    }
    if record.guideline:
        rule["helpUri"] = record.guideline
    if record.severity:
        rule["properties"]["security-severity"] = SCORES[record.severity]
    if record.is_ours:
        # A rule fails only where it fails whatever the code leaves open; one line says that something is open.
        rule["properties"]["precision"] = "medium" if record.rule == UNDECIDED.id else "very-high"
    if record.controls:
        rule["properties"]["relatedControls"] = {visible(one): list(map(visible, ids)) for one, ids in record.controls}
    return rule


def _identifier(name: str) -> str:
    """A name in the form that SARIF asks for: one word, each part with a capital."""
    words = "".join(one if one.isalnum() else " " for one in name).split()
    return shortened("".join(word[:1].upper() + word[1:] for word in words), LONGEST_NAME) or "Rule"


def _help(record: Record, name: str) -> str:
    sections = rule_pages.sections(record.rule)
    headings = [heading for heading in ("What it checks", "Why", "Fix") if sections.get(heading)]
    parts = [_sentence(name), *(f"{heading}: {sections[heading]}" for heading in headings)]
    return "\n\n".join([*parts, *([record.guideline] if record.guideline else [])])


def _result(record: Record, mark: str, rule: int) -> Dict[str, Any]:
    result: Dict[str, Any] = {
        "ruleId": record.rule,
        "ruleIndex": rule,
        "level": LEVELS.get(record.severity, "warning"),
        "message": {"text": "\n".join(_without_links(_sentence(visible(one))) for one in record.sentences)},
        "locations": [_location(record)],
        "partialFingerprints": {"ctkmsFinding/v1": mark},
    }
    if record.element and record.element.file:
        block = {"physicalLocation": _physical(record.block)}
        result["relatedLocations"] = [{"id": 1, **block, "message": {"text": "the resource"}}]
    if verdict_of(record) == EXCUSED:
        reason = visible(record.comment) or "No comment provided"
        result["suppressions"] = [{"kind": "inSource", "justification": reason}]
    # An editor makes these changes with a click, so what people have to decide is no such change.
    if record.fix and record.fix.status == PROVED and record.fix.edits and all(map(_is_seen, record.fix.edits)):
        result["fixes"] = [_fix(record.fix.text, record.fix.edits)]
    return result


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else text + "."


def _without_links(text: str) -> str:
    """Viewers make a link of `[text](address)`, which scanned code may hold."""
    return text.replace("](", "] (")


def _location(record: Record) -> Dict[str, Any]:
    logical = {"fullyQualifiedName": visible(record.resource) or record.rule, "kind": "resource"}
    place = _physical(record.place)
    if record.element and record.element.file == record.block.file:
        text = "\n".join(_lines(record.code, record.element))
        if text:
            place["region"]["snippet"] = {"text": text}
    return {"physicalLocation": place, "logicalLocations": [logical]}


def _physical(place: Place) -> Dict[str, Any]:
    return {"artifactLocation": {"uri": _uri(place.file)}, "region": _region(place)}


def _region(place: Place) -> Dict[str, Any]:
    if not place.start_column:
        return {"startLine": place.start_line, "endLine": place.end_line}
    return {
        "startLine": place.start_line,
        "startColumn": place.start_column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _lines(code: Sequence[Tuple[int, str]], place: Place) -> Iterator[str]:
    """The text of a range, as far as the record has its lines."""
    for number, line in code:
        if place.start_line <= number <= place.last_line:
            first = place.start_column - 1 if number == place.start_line else 0
            last = place.end_column - 1 if number == place.end_line else None
            yield "".join(one if one == "\t" else visible_character(one) for one in line[first:last])


def _uri(file: str) -> str:
    whole = "file://" if file.startswith("/") else ""  # a file that is not below where Checkov was started
    return whole + quote(file.encode("utf-8", "backslashreplace")) or "unknown"


def _is_seen(edit: Edit) -> bool:
    """Whether a reader sees all that an edit would write."""
    return all(one.isprintable() or one in "\t\n\r" for one in edit.new_text)


def _fix(text: str, edits: Sequence[Edit]) -> Dict[str, Any]:
    # From the last to the first: then it does not matter whether a viewer counts before or after each replacement.
    ordered = sorted(edits, key=lambda edit: (edit.place.start_line, edit.place.start_column), reverse=True)
    changes: Dict[str, List[Dict[str, Any]]] = {}
    for edit in ordered:
        replacement = {"deletedRegion": _region(edit.place), "insertedContent": {"text": edit.new_text}}
        changes.setdefault(edit.place.file, []).append(replacement)
    said = _without_links(_sentence(visible(text) or counted(len(edits), "change")))
    return {
        "description": {"text": said},
        "artifactChanges": [
            {"artifactLocation": {"uri": _uri(file)}, "replacements": made} for file, made in changes.items()
        ],
    }
