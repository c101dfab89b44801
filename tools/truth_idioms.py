"""What policies are really written with: a list kept by hand, and every policy of the samples."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Dict, Iterator, List

ROOT = Path(__file__).resolve().parent.parent
BY_HAND = ROOT / "tests" / "iac" / "terraform" / "truth" / "idioms.txt"
SAMPLES = ROOT / "terraform_samples"

# References of the samples, as the names of `truth/root/given.tf`.
NAMES = (
    (re.compile(r"data\.aws_caller_identity\.\w+\.(account_id|id)\b"), "local.account_id"),
    (re.compile(r"data\.aws_region\.\w+\.(name|id|region)\b"), "local.region"),
    (re.compile(r"data\.aws_partition\.\w+\.partition\b"), "local.partition"),
    (re.compile(r"data\.aws_partition\.\w+\.dns_suffix\b"), "local.dns_suffix"),
    (
        re.compile(r"\b(aws_\w+\.\w+|var\.trail|local\.trail|var|local|module\.\w+)\.(trail_arn|arn)\b"),
        "local.trail_arn",
    ),
    (
        re.compile(r"\b(var|local)\.(account|trail_account|account_number|management_account)(_id)?\b"),
        "local.account_id",
    ),
    (re.compile(r"\b(var|local)\.\w*(accounts|account_ids)\b"), "local.accounts"),
    (re.compile(r"\b(var|local)\.\w*(trail|name|trail_name)\b"), "local.trail_name"),
    (re.compile(r"\b(var|local)\.\w*(readers?|admins?|roles?|role_arns|arns|principals)\b"), "local.role_arns"),
    (re.compile(r"\b(var|local)\.\w*(organization|org)(_id)?\b"), "local.organization"),
    (re.compile(r"\b(var|local)\.\w*statements\b"), "local.statements"),
)
_START = re.compile(
    r"=\s*((?:jsonencode|templatefile|format|join|merge|concat|try|lookup|replace|coalesce)\(|<<-?EOT\n|\[)"
)
_LONGEST = 1_000  # characters; longer ones say the same again
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_SKIPPED = re.compile(r'"(?:[^"\\]|\\.)*"|#[^\n]*')


def idioms() -> List[str]:
    """Each once."""
    found: Dict[str, None] = dict.fromkeys(_by_hand())
    for path in sorted(SAMPLES.rglob("*.tf")):
        found.update(dict.fromkeys(_of_sample(path.read_text(encoding="utf-8"))))
    return list(found)


def _by_hand() -> Iterator[str]:
    for piece in re.split(r"\n\s*\n", BY_HAND.read_text(encoding="utf-8")):
        lines = [line for line in piece.split("\n") if not line.startswith("# ")]
        code = "\n".join(lines).strip()
        if code:
            yield code + ("\n" if "<<" in code.split("\n")[0] else "")


def _of_sample(text: str) -> Iterator[str]:
    for start in _START.finditer(text):
        code = _heredoc(text, start) if start[1].startswith("<<") else _bracketed(text, start.start(1))
        for pattern, name in NAMES:
            code = pattern.sub(name, code)
        if 0 < len(code) <= _LONGEST and not re.search(r"\b(var|data|module|each|count|aws_\w+)\.", code):
            yield code


def _heredoc(text: str, start: re.Match[str]) -> str:
    end = re.compile(r"^\s*EOT\n", re.MULTILINE).search(text, start.end())
    return text[start.start(1) : end.end()] if end else ""


def _bracketed(text: str, start: int) -> str:
    """From `start` to where all brackets are closed."""
    expected: List[str] = []
    at = start
    while at < len(text):
        skipped = _SKIPPED.match(text, at)
        if skipped:
            at = skipped.end()
            continue
        if text[at] in _CLOSING:
            expected.append(_CLOSING[text[at]])
        elif text[at] in _CLOSING.values():
            if not expected or expected.pop() != text[at]:
                return ""
            if not expected:
                return text[start : at + 1]
        at += 1
    return ""
