"""Writes the generated parts of the rule pages and of the README; everything else in them is hand-written.

    python tools/pages.py            rewrite what is out of date
    python tools/pages.py --check    change nothing; exit with 1 if anything is out of date

Generated is what stands between `<!-- generated -->` and `<!-- /generated -->`. In a rule's page that
is the frame at the top, and below a sample the sentence that the rule says about it, so that no page
can promise a sentence which the rules do not say. In the README it is the table of the rules.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Dict, Iterator, List, NamedTuple, Optional

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "checks"))

from ctkms.cloudtrail.findings import Finding  # noqa: E402
from ctkms.cloudtrail.judge import judge  # noqa: E402
from ctkms.cloudtrail.rules.catalogue import DOCUMENT, KEY, RULES, STORE, TOPIC, TRAIL, Rule  # noqa: E402
from ctkms.iac.terraform.code_scan import RESOURCE_TYPES, Tree  # noqa: E402

PAGES = "docs/rules"
README = "README.md"
HEADINGS = ("What it checks", "Why", "Passes", "Fails", "Undecided", "Fix", "References")

BEGIN, END = "<!-- generated -->\n", "<!-- /generated -->\n"
_GENERATED = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
_SAMPLE = re.compile(r"^```(\w+)\n(.*?)^```\n", re.DOTALL | re.MULTILINE)
_SECTION = re.compile(r"^## (.+)\n((?:(?!## ).*\n?)*)", re.MULTILINE)
_RESOURCE = re.compile(rf'^resource "({"|".join(RESOURCE_TYPES)})" "([\w-]+)"', re.MULTILINE)

_EVERY_KEY = "every key of CloudTrail's"
_USERS = {TRAIL: "a trail", STORE: "an event data store", TOPIC: "a trail's SNS topic"}
_LOOKS_AT = {"policy": "what the key policy allows", DOCUMENT: "the key policy as a document", KEY: "the key itself"}


class Sample(NamedTuple):
    """A fenced block of a page: its section, its language and its text."""

    section: str
    language: str
    text: str


def samples(page: str) -> Iterator[Sample]:
    """The fenced blocks of a page, in order."""
    for section, body in sections(page).items():
        for language, text in _SAMPLE.findall(body):
            yield Sample(section, language, text)


def sections(page: str) -> Dict[str, str]:
    """The text below each heading of a page; no sample may have a line that begins like a heading."""
    return dict(_SECTION.findall(page))


def said(rule: Rule, sample: str) -> Optional[Finding]:
    """What a rule says about a sample of Terraform; None when it says nothing."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "main.tf")
        file.write_text(sample, encoding="utf-8")
        tree = Tree(folder)
        for type_, label in _RESOURCE.findall(sample):
            subject = tree.subject(str(file), (), f"{type_}.{label}")
            findings = judge(subject.scenarios, subject.declares_key, subject.holds_policy) if subject else {}
            if rule.id in findings:
                return findings[rule.id]
    return None


def updated_page(rule: Rule, page: Optional[str]) -> str:
    """The page of a rule with its generated parts rewritten; a new one with empty sections where there is none."""
    if page is None:
        page = BEGIN + END + "".join(f"\n## {heading}\n" for heading in HEADINGS)
    parts: List[str] = []
    position = 0
    for number, block in enumerate(_GENERATED.finditer(page)):
        before = page[position : block.start()]
        parts += [before, BEGIN, _sentence(rule, before) if number else _frame(rule), END]
        position = block.end()
    return "".join([*parts, page[position:]])


def updated_readme(readme: str) -> str:
    """The README with its table of rules rewritten, if it has a place for it."""
    return _GENERATED.sub(lambda _: BEGIN + _rules_table() + END, readme, count=1)


def _frame(rule: Rule) -> str:
    rows = (
        ("Severity", rule.severity),
        ("Speaks for", _speaks_for(rule)),
        ("Looks at", _LOOKS_AT.get(rule.of, rule.of)),
        ("Guideline", f"<{rule.guideline}>"),
    )
    table = "".join(f"| {name} | {value} |\n" for name, value in rows)
    return f"# {rule.id}: {rule.name}\n\n| | |\n|---|---|\n{table}"


def _speaks_for(rule: Rule) -> str:
    return f"the key of {' or '.join(_USERS[user] for user in rule.about)}" if rule.about else _EVERY_KEY


def _sentence(rule: Rule, before: str) -> str:
    """What the rule says about the last sample before this place, as a quotation."""
    above = _SAMPLE.findall(before)
    finding = said(rule, above[-1][1]) if above and above[-1][0] == "hcl" else None
    return f"> {_as_markdown(finding.reason)}\n" if finding else "> The rule says nothing about this sample.\n"


def _as_markdown(sentence: str) -> str:
    """The sentence as it stands, with what Markdown would take for markup escaped outside of code."""
    pieces = sentence.split("`")
    pieces[::2] = [re.sub(r"([<*\[])", r"\\\1", piece) for piece in pieces[::2]]
    return "`".join(pieces)


def _rules_table() -> str:
    rows = (
        f"| [{rule.id}]({PAGES}/{rule.id}.md) | {rule.severity} | {_speaks_for(rule)} | {rule.name} |\n"
        for rule in RULES
    )
    return "| Rule | Severity | Speaks for | Name |\n|---|---|---|---|\n" + "".join(rows)


def main(arguments: List[str]) -> int:
    """Rewrite or check every page; the return value is the exit code."""
    only_check = "--check" in arguments
    out_of_date = []
    wanted = {ROOT / PAGES / f"{rule.id}.md": rule for rule in RULES}
    for path, rule in wanted.items():
        old = path.read_text(encoding="utf-8") if path.exists() else None
        new = updated_page(rule, old)
        if new != old:
            out_of_date.append(path)
            _write(path, new, only_check, "to be written" if old is None else "out of date")
    readme = ROOT / README
    if readme.exists():
        old = readme.read_text(encoding="utf-8")
        new = updated_readme(old)
        if new != old:
            out_of_date.append(readme)
            _write(readme, new, only_check, "out of date")
    for path in sorted(set((ROOT / PAGES).glob("*.md")) - set(wanted)):
        out_of_date.append(path)
        print(f"{path.relative_to(ROOT)}: there is no such rule")
    return 1 if out_of_date and only_check else 0


def _write(path: Path, text: str, only_check: bool, why: str) -> None:
    print(f"{path.relative_to(ROOT)}: {why}" + ("" if only_check else ", rewritten"))
    if not only_check:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
