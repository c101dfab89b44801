"""The repairs of findings that a host reports, searched only where somebody asks for them."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from ctkms.budgets import unmetered
from ctkms.cloudtrail.findings import FAILED, NONE, Finding, Fix
from ctkms.iac.scan import without_instances
from ctkms.repair.search import Search
from ctkms.repair.tree import Tree
from ctkms.unknowns.source_nodes import location

ASKED_FOR = "CTKMS_FIX"  # in the environment, set to 1

_LOGGER = logging.getLogger("ctkms")


def with_repairs(findings: Mapping[str, Finding], scanned: str, file: str, address: str) -> Mapping[str, Finding]:
    """The findings on a resource with their repairs; `scanned` is the folder or the file of the scan."""
    if os.environ.get(ASKED_FOR) != "1":
        return findings
    return {rule: replace(found, fix=_fix(rule, found, scanned, file, address)) for rule, found in findings.items()}


def _fix(rule: str, finding: Finding, scanned: str, file: str, address: str) -> Fix:
    if finding.result != FAILED:
        return Fix(status=NONE, reason="there is nothing to repair")
    try:
        with unmetered():
            return fix_of(_search(os.path.abspath(scanned)), rule, file, without_instances(address))  # noqa: PTH100
    except Exception:
        _LOGGER.error("ctkms failed to look for a repair of %s on %s", rule, address, exc_info=True)
        return Fix(status=NONE, reason="the search for a repair failed; please report this")


def fix_of(search: Search, rule: str, file: str, address: str) -> Fix:
    """The repair of one finding as a record has it."""
    named = (where for where in search.tree.seen if where[:2] == (file, address))
    repair = search.repair(next(named, (file, address, "")), rule)
    texts = [search.tree.text(edit.span.file) or "" for edit in repair.edits]
    edits = tuple((location(edit.span, text), edit.new_text) for edit, text in zip(repair.edits, texts))
    return Fix(repair.text, edits, repair.status, repair.reason)


@lru_cache(maxsize=4)
def _search(path: str) -> Search:
    return Search(Tree(path))
