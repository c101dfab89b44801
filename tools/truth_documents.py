"""The `aws_iam_policy_document`s that the provider is asked to render, made by a seeded generator.

They are put together from the pieces in `tests/iac/terraform/truth/document_patterns.txt`. Each is a data source;
some take over those before them.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Dict, List, Sequence

import truth_patterns

PATTERNS = Path(__file__).resolve().parent.parent / "tests" / "iac" / "terraform" / "truth" / "document_patterns.txt"
TYPE = "aws_iam_policy_document"
SEED = 11
COUNT = 740
_PRINCIPAL_TYPES = ("AWS", "AWS", "AWS", "Service", "Service", "Federated", "*", "CanonicalUser")


def documents() -> Dict[str, str]:
    """Their code, by name."""
    made: Dict[str, str] = {}
    for number in range(COUNT):
        name = f"d{number}"
        writer = _Writer(random.Random(f"{SEED} {name}"), list(made))  # noqa: S311
        made[name] = "".join(_block(f'data "{TYPE}" "{name}"', writer.document())) + "\n"
    return made


def _block(head: str, lines: Sequence[str]) -> List[str]:
    inner = "".join(f"  {line}\n" for text in lines for line in text.split("\n") if line)
    return [f"{head} {{\n{inner}}}"]


class _Writer:
    """Writes one document; `earlier` are the names of those that it may take over."""

    def __init__(self, draw: random.Random, earlier: Sequence[str]) -> None:
        self.draw = draw
        self.earlier = earlier
        self.unused_sids = list(truth_patterns.tables(PATTERNS)["sid"])
        draw.shuffle(self.unused_sids)

    def document(self) -> List[str]:
        lines: List[str] = []
        if self._maybe(0.3):
            lines.append('version = "{}"'.format(self.draw.choice(("2012-10-17", "2008-10-17"))))
        if self._maybe(0.2):
            lines.append('policy_id = "key-${local.trail_name}"')
        for argument, chance in (("source", 0.35), ("override", 0.3)):
            if self._maybe(chance):
                given = ", ".join(self._source() for _ in range(self.draw.randint(1, 3)))
                lines.append(f"{argument}_policy_documents = [{given}]")
        for _ in range(self.draw.choice((0, 1, 1, 2, 3, 4))):
            lines += _block("statement", self._statement())
        if self._maybe(0.25):
            lines.append(self._one("dynamic statement"))
        return lines

    def _statement(self) -> List[str]:
        lines: List[str] = []
        if self._maybe(0.6) and self.unused_sids:
            lines.append(f"sid = {self.unused_sids.pop()}")
        if self._maybe(0.5):
            lines.append(f"effect = {self._one('effect')}")
        actions = self.draw.choice(("actions", "actions", "actions", "not_actions"))
        lines.append(f"{actions} = {self._list('action')}")
        if self._maybe(0.8):
            resources = self.draw.choice(("resources", "resources", "not_resources"))
            lines.append(f"{resources} = {self._list('resource')}")
        principals = self.draw.choice(("principals", "principals", "principals", "not_principals"))
        for _ in range(self.draw.choice((0, 1, 1, 2, 3))):
            kind = self.draw.choice(_PRINCIPAL_TYPES)
            lines += _block(principals, [f'type = "{kind}"', f"identifiers = {self._list('principal ' + kind)}"])
        for _ in range(self.draw.choice((0, 0, 1, 2, 3, 4))):
            lines += _block("condition", self._condition())
        lines += [self._one(f"dynamic {block}") for block in ("principals", "condition") if self._maybe(0.1)]
        self.draw.shuffle(lines)
        return lines

    def _condition(self) -> List[str]:
        few = self._maybe(0.5)  # operators and keys, so that some come twice
        tests, variables = (truth_patterns.tables(PATTERNS)[name] for name in ("test", "variable"))
        test, variable = (self.draw.choice(some[:2] if few else some) for some in (tests, variables))
        return [f"test = {test}", f"variable = {variable}", f"values = {self._list('value')}"]

    def _source(self) -> str:
        if self.earlier and self._maybe(0.6):
            attribute = self.draw.choice(("json", "json", "minified_json"))
            return f"data.{TYPE}.{self.draw.choice(self.earlier)}.{attribute}"
        return self._one("source")

    def _list(self, pool: str) -> str:
        if self._maybe(0.2):
            return self._one("list")
        listed = ", ".join(self._one(pool) for _ in range(self.draw.choice((0, 1, 1, 1, 2, 3, 4))))
        return self.draw.choice(("[{}]", "[{}]", "[{}]", "toset([{}])", "concat([{}], [])")).format(listed)

    def _one(self, pool: str) -> str:
        return self.draw.choice(truth_patterns.tables(PATTERNS)[pool])

    def _maybe(self, chance: float) -> bool:
        return self.draw.random() < chance
