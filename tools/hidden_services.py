"""Templates as services of the Serverless Framework: their texts behind its variables, and in files that it reads."""

from __future__ import annotations

import random
from typing import Any, Dict, List

from hidden_texts import as_json, as_yaml


def as_service(template: Dict[str, Any], rng: random.Random) -> Dict[str, str]:
    """The files of a service with a template, by their names: `serverless.yml`, and what it names."""
    service = _Service(rng)
    sections = {name: section for name, section in template.items() if name != "AWSTemplateFormatVersion"}
    hidden: Any = {name: service.value(section, 3) for name, section in sections.items()}
    if rng.random() < 0.3:
        hidden = [{name: section} for name, section in hidden.items()]
    if rng.random() < 0.3 and isinstance(hidden, dict):
        hidden = {**hidden, "Resources": service.file(hidden["Resources"])}
    stages = {"params": {"default": service.parameters, "prod": dict.fromkeys(service.parameters, "*")}}
    content = {
        "service": "hidden",
        "provider": {"name": "aws", "stage": rng.choice(("dev", "${opt:stage, 'dev'}"))},
        "custom": service.custom,
        **stages,
        "resources": hidden,
    }
    return {"serverless.yml": as_yaml(content, rng), **service.files}


class _Service:
    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.custom: Dict[str, Any] = {}
        self.parameters: Dict[str, Any] = {}
        self.files: Dict[str, str] = {}

    def value(self, value: Any, depth: int) -> Any:
        """The value, with variables in place of some of it."""
        if isinstance(value, dict):
            return {name: self._member(name, one, depth) for name, one in value.items()}
        if isinstance(value, list):
            return [self.value(one, depth) for one in value]
        return self._hidden(value, depth) if isinstance(value, str) else value

    def _member(self, name: str, value: Any, depth: int) -> Any:
        # Which files are read at all hangs on the types that they name.
        return value if name == "Type" else self.value(value, depth)

    def _hidden(self, text: str, depth: int) -> str:
        if depth <= 0 or self._rng.random() > 0.15:
            return text
        if not text or "${" in text or "{{" in text:
            return text
        start, end = sorted(self._rng.randint(0, len(text)) for _ in range(2))
        if start == end or self._rng.random() < 0.4:
            start, end = 0, len(text)
        return text[:start] + self._variable(text[start:end], depth - 1) + text[end:]

    def _variable(self, text: str, depth: int) -> str:
        """A variable that stands for a text."""
        ways = [self._own, self._own, self._in_map, self._in_list, self._parameter, self._of_file]
        if "'" not in text and "\n" not in text:
            ways.append(self._fallback)
        return self._rng.choice(ways)(text, depth)

    def _own(self, text: str, depth: int) -> str:
        name = f"v{len(self.custom)}"
        self.custom[name] = ""
        self.custom[name] = self._hidden(text, depth)
        return self._first(f"self:custom.{name}")

    def _in_map(self, text: str, depth: int) -> str:
        name = f"v{len(self.custom)}"
        self.custom[name] = {}
        self.custom[name] = {"prod": {"x": "*"}, "dev": {"x": self._hidden(text, depth)}}
        stage = self._rng.choice(("${sls:stage}", "${self:provider.stage}", "${opt:stage, 'dev'}"))
        return "${self:custom." + name + "." + stage + ".x}"

    def _in_list(self, text: str, depth: int) -> str:
        name = f"v{len(self.custom)}"
        items: List[str] = [self._rng.choice(("*", "other", "")) for _ in range(self._rng.randint(0, 2))]
        self.custom[name] = []
        self.custom[name] = [*items, self._hidden(text, depth), "*"]
        return self._first(f"self:custom.{name}.{len(items)}")

    def _parameter(self, text: str, depth: int) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = ""
        self.parameters[name] = self._hidden(text, depth)
        # The stage that is deployed sets none of them.
        return self._first(f"param:{name}")

    def _fallback(self, text: str, depth: int) -> str:
        return self._rng.choice(("${opt:x, '@'}", "${opt:y, self:custom.none, '@'}", "${param:none, '@'}")).replace(
            "@", text
        )

    def _of_file(self, text: str, depth: int) -> str:
        return self._first(self.file({"a": {"b": self._hidden(text, depth)}})[2:-1] + ":a.b")

    def _first(self, source: str) -> str:
        before = self._rng.choice(("", "", "", "opt:nobody, ", "self:custom.nothing, "))
        return "${" + before + source + "}"

    def file(self, content: Any) -> str:
        """A file of its own, and the variable that stands for all of it."""
        is_json = self._rng.random() < 0.3
        name = f"part{len(self.files)}.{'json' if is_json else 'yml'}"
        self.files[name] = ""
        self.files[name] = (as_json if is_json else as_yaml)(content, self._rng)
        return "${file(" + self._rng.choice(("", "./")) + name + ")}"
