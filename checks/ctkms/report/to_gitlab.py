"""GitLab's SAST report: https://docs.gitlab.com/development/integrations/secure/, schema 15.0.4 as Checkov's own.

A finding that a user skips is left out, since GitLab knows no such thing. What is not decided is there, as Info.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Dict, Iterator, List
from uuid import NAMESPACE_URL, uuid5

from ctkms.report import rule_pages
from ctkms.report.identity import fingerprints, pack_version
from ctkms.report.keys import FAILS, OPEN, judged_keys, rank, tally, verdict_of
from ctkms.report.markdown_text import escaped
from ctkms.report.plain_text import shortened, visible
from ctkms.report.results import Record, Results

VERSION = "15.0.4"
SCHEMA = (
    "https://gitlab.com/gitlab-org/security-products/security-report-schemas/"
    f"-/raw/v{VERSION}/dist/sast-report-format.json"
)
LONGEST_NAME, LONGEST_SOLUTION = 255, 7000


def render(results: Results, when: datetime) -> str:
    """The results as of a moment, in UTC."""
    shown = sorted((record for record in results.records if verdict_of(record) in (FAILS, OPEN)), key=rank)
    report = {
        "schema": SCHEMA,
        "version": VERSION,
        "scan": _scan(results, when.strftime("%Y-%m-%dT%H:%M:%S")),
        "vulnerabilities": [_vulnerability(record, mark) for record, mark in fingerprints(shown)],
    }
    return json.dumps(report, indent=1) + "\n"


def _scan(results: Results, when: str) -> Dict[str, Any]:
    vendor = {"name": "checkov-cloudtrail-kms"}
    analyzer = {"id": "ctkms", "name": "checkov-cloudtrail-kms", "version": pack_version(), "vendor": vendor}
    scanner = {
        "id": "checkov",
        "name": "Checkov",
        "url": "https://www.checkov.io/",
        "version": visible(results.checkov, 40) or "unknown",
        "vendor": {"name": "Bridgecrew"},
    }
    return {
        "type": "sast",
        "status": "success",
        "start_time": when,
        "end_time": when,
        "analyzer": analyzer,
        "scanner": scanner,
        "messages": list(_messages(results)),
    }


def _messages(results: Results) -> Iterator[Dict[str, str]]:
    yield {"level": "info", "value": tally(judged_keys(results), results.unlisted)}
    for file in results.unreadable:
        yield {"level": "warn", "value": f"Checkov could not read {visible(file)}"}


def _vulnerability(record: Record, mark: str) -> Dict[str, Any]:
    identifier = {"type": "checkov", "name": visible(record.rule), "value": visible(record.rule)}
    place = record.place
    found: Dict[str, Any] = {
        # The same finding has the same id in the next pipeline.
        "id": str(uuid5(NAMESPACE_URL, f"ctkms:{mark}")),
        "name": shortened(visible(record.name) or record.rule, LONGEST_NAME),
        "description": _description(record),
        "severity": "Info" if verdict_of(record) == OPEN else record.severity.capitalize() or "Unknown",
        "solution": shortened(_solution(record), LONGEST_SOLUTION),
        "identifiers": [{**identifier, "url": record.guideline} if record.guideline else identifier],
        "location": {"file": visible(place.file), "start_line": place.start_line, "end_line": place.last_line},
        "details": dict(_details(record)),
    }
    if record.guideline:
        found["links"] = [{"url": record.guideline}]
    return found


def _description(record: Record) -> str:
    """GitLab renders it as Markdown."""
    parts = [*map(escaped, record.sentences), f"Resource: {escaped(record.resource)}"]
    return "\n\n".join(part for part in parts if part)


def _solution(record: Record) -> str:
    if record.fix and record.fix.text:
        return escaped(record.fix.text)
    page = rule_pages.sections(record.rule).get("Fix", "")
    return page or (f"See {record.guideline}" if record.guideline else "See the documentation of the rule.")


def _details(record: Record) -> Iterator[Any]:
    yield "resource", {"name": "Resource", "type": "text", "value": visible(record.resource)}
    if record.path:
        yield "element", {"name": "Deciding element", "type": "text", "value": visible(record.path)}
    if record.requests:
        header = [_cell(name) for name in ("Principal", "Action", "Context", "Answer")]
        rows: List[Any] = [
            [_cell(one.principal), _cell(one.action), _cell(_context(one.context)), _cell(one.answer)]
            for one in record.requests
        ]
        yield "requests", {"name": "Requests asked", "type": "table", "header": header, "rows": rows}


def _cell(text: str) -> Dict[str, str]:
    return {"type": "text", "value": visible(text)}


def _context(context: Any) -> str:
    return "; ".join(f"{key} = {value}" for key, value in context)
