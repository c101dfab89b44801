"""The pages of the rules, `docs/rules/<id>.md`, and their parts."""

from __future__ import annotations

import re
import textwrap
from functools import cache
from pathlib import Path
from typing import Dict, Optional, Tuple

from ctkms.cloudtrail.rules.catalogue import BY_ID

_CHECKS = Path(__file__).resolve().parents[2]
# In the repository they stand beside the checks, in an installed package among them.
FOLDERS = (_CHECKS / "rule_pages", _CHECKS.parent / "docs" / "rules")

_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
_SECTION = re.compile(r"^## (.+)\n((?:(?!## ).*\n?)*)", re.MULTILINE)
# The pages link to one another and to the samples; where a report is read, neither stands beside it.
_RELATIVE_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:)(?:\.\./)*([^)\s]+)\)")
_CODE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_TO_CODE = re.compile(r"\s*In (?:Terraform|CloudFormation)(?:, [^.;]*)?:$")
_LEADS_ON = re.compile(r"(?:(?<=[.;]) |^)[^.;]*:$")


@cache
def page(rule: str) -> str:
    """The page of a rule, with the links that hold anywhere; empty where there is none."""
    text = _file(rule)
    return _RELATIVE_LINK.sub(_named, _COMMENT.sub("", text)).strip() + "\n" if text else ""


def _named(link: re.Match[str]) -> str:
    """What a link says, and where a sample is found in the repository."""
    said, target = link.groups()
    return said if target.endswith(".md") else f"{said} (`{target}`)"


@cache
def sections(rule: str) -> Dict[str, str]:
    """The text below each heading of the page."""
    return {heading: body.strip() for heading, body in _SECTION.findall(page(rule))}


def first_paragraph(rule: str, heading: str) -> str:
    """The first paragraph of a section, in one line, without what only leads to the next; empty where there is none."""
    words = " ".join(sections(rule).get(heading, "").partition("\n\n")[0].split())
    return _LEADS_ON.sub("", words)


def language_of(framework: str) -> str:
    """The language of the pages' code that somebody writes whose files a framework reads."""
    return "hcl" if framework.startswith("terraform") else "yaml"


@cache
def how_to_fix(rule: str, language: str) -> Tuple[str, str]:
    """What the page advises, in one line, and the code that it shows in a language (`hcl` or `yaml`)."""
    section = sections(rule).get("Fix", "")
    code = next((code for name, code in _CODE.findall(section) if name == language), "")
    words = " ".join(section.partition("\n\n")[0].split())
    return (_TO_CODE.sub("", words) if code else _LEADS_ON.sub("", words)), textwrap.dedent(code).rstrip("\n")


def _file(rule: str) -> Optional[str]:
    if rule not in BY_ID:  # a name from a report leads to no other file
        return None
    found = next((folder / f"{rule}.md" for folder in FOLDERS if (folder / f"{rule}.md").is_file()), None)
    return found.read_text(encoding="utf-8") if found else None
