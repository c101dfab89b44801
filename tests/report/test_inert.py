"""What is scanned may be made by whoever opens a pull request: in every report it is read, and does nothing."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime
from functools import cache
from typing import Any, Dict, Iterator, List

import markdown
import pytest
from bs4 import BeautifulSoup
from tests.report.records import location, record, report, said

from ctkms.report.reports import FORMATS, written
from ctkms.report.results import read

SEEN = "zzseen"  # stands in each attack, so that a report which leaves it out does not count as inert
ATTACKS = {
    "script": f"<script>alert('{SEEN}')</script>",
    "an event": f"<img src=x onerror=alert(1) alt={SEEN}>",
    "the end of an attribute": f"\"'><svg/onload=alert(1)>{SEEN}",
    "the end of the script": f"</script></style></title></textarea>--><h1>{SEEN}</h1>",
    "a template": f"{{{{ 7*7 }}}} {{% raw %}} ${{7*7}} {SEEN}",
    "a link": f"[{SEEN}](javascript:alert(1)) [{SEEN}][1] <https://evil.example/{SEEN}> https://evil.example/{SEEN}",
    "an image": f"![{SEEN}](https://evil.example/x.png)",
    "a heading": f"\n# {SEEN}\n\n{SEEN}\n=====\n",
    "a table and a rule": f"| {SEEN} | x |\n|---|---|\n\n---\n",
    "code": f"`{SEEN}` ``{SEEN}`` ~~~\n```js\n{SEEN}\n```",
    "emphasis": f"**{SEEN}** __{SEEN}__ *{SEEN}* ~~{SEEN}~~ $x$ $$x$$",
    "a list": f"\n* {SEEN}\n1. {SEEN}\n> {SEEN}",
    "a numbered list": f"1. {SEEN}",
    "a list of dashes": f"- {SEEN}",
    "a task": f"+ [ ] {SEEN}",
    "the end of the details": f"</summary></details></code>\n\n<details open><summary>{SEEN}</summary>",
    "a comment": f"<!-- {SEEN} --> <!-- {SEEN}",
    "a mention": f"@{SEEN} {SEEN}@evil.example #1 GH-1 deadbeefdeadbeef www.evil.example :{SEEN}:",
    "ANSI": f"\x1b[31m{SEEN}\x1b]8;;https://evil.example\x07{SEEN}\x9b2J",
    "bidi": f"\u202e{SEEN}\u2066x\u2069\u200f\u061c",
    "control characters": f"{SEEN}\r\nx\x00\x08\x7f\ufeff\u2028\u2029\x85",
    "half a pair": f"{SEEN}\ud800",
    "entities": f"&lt;script&gt;{SEEN} &#60;b&#62; &amp;",
}
WHEN = datetime(2026, 11, 27, 12, 30)
AWS = "https://docs.aws.amazon.com/"
# What a page of HTML holds that is not the scan's: its own elements, made from words that do nothing.
HARMLESS = "zzseen plain words"


def hostile(text: str) -> List[Dict[str, Any]]:
    """A scan in which every text is the attack; the code of the key too."""
    request: Dict[str, Any] = {"principal": text, "action": text, "context": {text: text}, "answer": text}
    ours: Dict[str, Any] = {
        "summary": text,
        "reason": text,
        "statement": {"index": 0, "sid": text},
        "requests": [request],
        "location": {**location(11, "resource"), "file": text},
        "controls": {text: [text]},
        "fix": {
            "text": text,
            "edits": [{**location(11, "resource"), "new_text": text + "."}],
            "status": text,
            "reason": text,
        },
    }
    own = {"code_block": [[11, text]], "guideline": text, "check_name": text}
    in_own_code = {**ours, "location": {**location(11, "resource"), "end_column": 400}}
    names = {"resource": text, "file_path": text, "repo_file_path": text}
    found = report(
        record(ctkms=ours, **own, **names),
        record(ctkms=in_own_code, **own),
        record("CKV_CTKMS_023", "SKIPPED", ctkms=said(summary=text, reason=text), comment=text, **own, **names),
        record("CKV_CTKMS_060", "PASSED", ctkms=said(reason=text), **own, **names),
        record("CKV_OTHER_1" + text, ctkms=None, **own, **names),
        unreadable=[text],
    )
    return [{**found, "check_type": text, "summary": {"checkov_version": text}}]


@pytest.fixture(params=list(ATTACKS.values()), ids=list(ATTACKS))
def attack(request) -> str:
    return str(request.param)


@cache
def output(name: str, text: str) -> str:
    return written(name, read(hostile(text)), WHEN)


@pytest.mark.parametrize("name", FORMATS)
def test_no_character_acts_on_a_terminal_or_turns_the_text(name, attack) -> None:
    text = output(name, attack)
    assert SEEN in text
    assert [one for one in set(text) if not one.isprintable() and one not in "\n"] == []
    text.encode("utf-8")


@pytest.mark.parametrize("name", ["sarif", "gitlab"])
def test_no_string_in_json_holds_such_a_character(name, attack) -> None:
    for text in texts(json.loads(output(name, attack))):
        assert [one for one in text if not one.isprintable() and one not in "\n\t\r"] == [], text


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def parsed(page: str) -> Any:
    return BeautifulSoup(page, "html.parser")


def test_in_html_it_makes_no_element_and_no_attribute(attack) -> None:
    assert outline(output("html", attack)) == outline(output("html", HARMLESS))


def outline(page: str) -> Any:
    """The elements with the names of their attributes. Quoted words are code; a repair has any number of lines."""
    soup = parsed(page)
    for line in soup.select(".change span"):
        line.unwrap()
    return Counter((tag.name, *sorted(tag.attrs)) for tag in soup.find_all(True) if tag.name != "code" or tag.attrs)


def test_in_html_no_address_of_it_is_followed(attack) -> None:
    soup = parsed(output("html", attack))
    for link in soup.select("[href]"):
        assert re.match(r"#[\w-]+$|https://docs\.aws\.amazon\.com/|https://[\w.]+/", link["href"]), link
        assert SEEN not in link["href"]


@pytest.mark.parametrize("extensions", [[], ["extra", "sane_lists", "nl2br"]], ids=["plain", "extra"])
def test_in_markdown_it_is_text(attack, extensions) -> None:
    def rendered(text: str) -> Any:
        return parsed(markdown.markdown(output("markdown", text), extensions=extensions))

    def structure(page: Any) -> Any:
        return [(tag.name, sorted(tag.attrs)) for tag in page.find_all(True) if tag.name != "code"]

    page = rendered(attack)
    assert structure(page) == structure(rendered(HARMLESS))
    assert [link["href"] for link in page.select("a") if not link["href"].startswith(AWS)] == []


# Markup that other readers of Markdown know, and what GitHub and GitLab make of plain text: links, mentions.
MARKUP = re.compile(r"[<>\[\]`*~$@\\|!]|(?<!\w)_|_(?!\w)|://|www\.|&(?!#?\w+;)")
OWN = re.compile(rf"\[CKV_CTKMS_\d+\]\({re.escape(AWS)}[^)]*\)|</?(?:code|details|summary)>|^\*\*\w+( \w+)?\*\*")


def test_in_markdown_no_mark_of_markup_is_left_as_it_is(attack) -> None:
    lines = [line for line in output("markdown", attack).splitlines() if SEEN in line and not line.startswith("|")]
    assert lines
    for line in lines:
        assert not MARKUP.search(OWN.sub("", re.sub(r"^\* ", "", line))), line


def test_in_a_table_it_stays_in_its_cell(attack) -> None:
    rows = [line for line in output("markdown", attack).splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} == {6}


def test_in_sarif_no_message_has_a_link(attack) -> None:
    (run,) = json.loads(output("sarif", attack))["runs"]
    messages = [result["message"]["text"] for result in run["results"]]
    fixes = [fix["description"]["text"] for result in run["results"] for fix in result.get("fixes", ())]
    assert fixes
    assert [text for text in (*messages, *fixes) if "](" in text] == []
