"""Known values behind random intrinsic functions of CloudFormation: each expression says its value, a long way round.

A `Maker` writes the templates of one scan. What it hides a text or a list behind it also declares: parameters with
defaults, maps, conditions, outputs that other templates import, nested stacks.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from ctkms.unknowns.text import OWN_ACCOUNT, OWN_PARTITION, OWN_REGION, OWN_SUFFIX, Hole, Text, join, parts_of

PSEUDO: Mapping[Text, str] = {
    OWN_ACCOUNT: "AWS::AccountId",
    OWN_REGION: "AWS::Region",
    OWN_PARTITION: "AWS::Partition",
    OWN_SUFFIX: "AWS::URLSuffix",
}
NOTHING = {"Ref": "AWS::NoValue"}
DECOYS = ("*", "other", "arn:aws:iam::999988887777:root", "999988887777", "audit", "")
# Separators that no own value holds; which of them a text may hold is looked at when it is split.
SEPARATORS = (":", "/", ",", "|", ";", "~", "::", " ", "=", "#")
MOST_FILES, MOST_OPEN = 6, 2


@dataclass
class Template:
    """A template in the making."""

    file: str
    sections: Dict[str, Dict[str, Any]] = field(default_factory=dict)
    exported: bool = False  # it stands on its own, and may export
    parent: Optional[Template] = None  # the template that nests it, and what that one hands to it
    handed: Dict[str, Any] = field(default_factory=dict)
    transformed: bool = False  # it needs the extensions of the language

    def declare(self, section: str, name: str, content: Any) -> str:
        """The name of what is declared, which has a number of its own."""
        entries = self.sections.setdefault(section, {})
        name = f"{name}{len(entries)}"
        entries[name] = content
        return name


@dataclass
class Maker:
    """What writes the templates of one scan."""

    rng: random.Random
    templates: List[Template] = field(default_factory=list)
    # References to resources of a template, by the text that they stand for.
    attributes: Dict[Tuple[int, Text], List[Any]] = field(default_factory=dict)
    most_files: int = MOST_FILES
    exports: int = 0
    open_conditions: int = 0

    def template(self, file: str, exported: bool = False) -> Template:
        """A further template."""
        self.templates.append(Template(file, exported=exported))
        return self.templates[-1]

    def nested(self, file: str, parent: Template) -> Tuple[Template, str]:
        """A template that another one nests, and the name of its stack there."""
        child = self.template(file)
        child.parent = parent
        properties = {"TemplateURL": "./" + file.rsplit("/", 1)[1], "Parameters": child.handed}
        return child, parent.declare(
            "Resources", "Stack", {"Type": "AWS::CloudFormation::Stack", "Properties": properties}
        )

    # Texts

    def text(self, text: Text, at: Template, depth: int) -> Any:
        """An expression whose value is the text."""
        if depth <= 0 or self.rng.random() < 0.1:
            return self.written(text, at)
        ways: List[Callable[[Text, Template, int], Any]] = [
            self._sub,
            self._sub_map,
            self._join,
            self._if,
            self._select,
        ]
        ways += [self._split, self._reference, self._import, self._nested, self._handed, self._replaced, self._either]
        if isinstance(text, str):
            ways += [self._parameter, self._parameter, self._find]
        return self.rng.choice(ways)(text, at, depth)

    def written(self, text: Text, at: Template) -> Any:
        """The text as shortly as it can be said."""
        if isinstance(text, str):
            if isinstance(self._number(text), int):
                return int(text)
            return {"true": True, "false": False}.get(text, text) if self.rng.random() < 0.3 else text
        if text in PSEUDO and self.rng.random() < 0.7:
            return {"Ref": PSEUDO[text]}
        return {"Fn::Sub": "".join(map(_for_sub, parts_of(text)))}

    def _number(self, text: str) -> Any:
        """A number instead of its digits, sometimes; one that begins with zero is another to YAML."""
        return int(text) if text.isdecimal() and text[0] != "0" and self.rng.random() < 0.3 else text

    def _sub(self, text: Text, at: Template, depth: int) -> Any:
        pieces = [self._in_sub(part, at) for part in self._cut(text, 3)]
        return {"Fn::Sub": "".join(pieces)}

    def _in_sub(self, text: Text, at: Template) -> str:
        if isinstance(text, str) and text and self.rng.random() < 0.5:
            return "${" + at.declare("Parameters", "P", self._declared(text)) + "}"
        return "".join(map(_for_sub, parts_of(text)))

    def _sub_map(self, text: Text, at: Template, depth: int) -> Any:
        variables: Dict[str, Any] = {}
        said = ""
        for part in self._cut(text, 3):
            if self.rng.random() < 0.6:
                name = f"{self.rng.choice(('V', 'P', 'Trail'))}{len(variables)}"  # it comes before a parameter's
                variables[name] = self.text(part, at, depth - 1)
                said += "${" + name + "}"
            else:
                said += "".join(map(_for_sub, parts_of(part)))
        return {"Fn::Sub": [said, variables or {"Unused": "x"}]}

    def _join(self, text: Text, at: Template, depth: int) -> Any:
        literals = [part for part in parts_of(text) if isinstance(part, str)]
        # `Fn::Sub` would read what is cut within `${...}` as something else.
        whole = any("${" in part for part in literals)
        separators = [one for one in SEPARATORS if not whole and any(one in part for part in literals)]
        separator = self.rng.choice(["", *separators])
        pieces = split(text, separator) if separator else self._cut(text, 4)
        items = [self.text(piece, at, depth - 1) for piece in pieces]
        return {"Fn::Join": [separator, self._padded(items, at, depth)]}

    def _if(self, value: Any, at: Template, depth: int, hide: Optional[Callable[..., Any]] = None) -> Any:
        holds = self.rng.random() < 0.5
        right = (hide or self.text)(value, at, depth - 1)
        wrong = self.rng.choice((*DECOYS, NOTHING, {"Ref": "AWS::Region"}, ["*"]))
        return {"Fn::If": [self.condition(holds, at, depth - 1), *((right, wrong) if holds else (wrong, right))]}

    def _select(self, text: Text, at: Template, depth: int) -> Any:
        items = [self.rng.choice(DECOYS) for _ in range(self.rng.randint(0, 3))]
        index = self.rng.randint(0, len(items))
        items.insert(index, self.text(text, at, depth - 1))
        return {"Fn::Select": [self._index(index, at, depth), items]}

    def _index(self, index: int, at: Template, depth: int) -> Any:
        if self.rng.random() < 0.1:
            at.transformed = True
            return {"Fn::Length": [self.rng.choice(DECOYS) for _ in range(index)]}
        if self.rng.random() < 0.2:
            return {
                "Ref": at.declare(
                    "Parameters", "N", {"Type": "Number", "Default": self.rng.choice((index, str(index)))}
                )
            }
        return self.rng.choice((index, str(index)))

    def _split(self, text: Text, at: Template, depth: int) -> Any:
        free = [one for one in SEPARATORS if one not in str(text) and not str(text).startswith(one[-1])]
        free = [one for one in free if not (len(one) > 1 and str(text).endswith(one[0]))]
        if not free:
            return self._join(text, at, depth)
        separator = self.rng.choice(free)
        items: List[Text] = [one for one in self.rng.sample(DECOYS, 2) if not set(one) & set(separator)]
        index = self.rng.randint(0, len(items))
        items.insert(index, text)
        whole = join(
            piece for position, one in enumerate(items) for piece in ((separator, one) if position else (one,))
        )
        return {
            "Fn::Select": [self._index(index, at, depth), {"Fn::Split": [separator, self.text(whole, at, depth - 1)]}]
        }

    def _replaced(self, text: Text, at: Template, depth: int) -> Any:
        """One sign put in place of another: split there, and joined again."""
        literals = [part for part in parts_of(text) if isinstance(part, str)]
        before = [one for one in SEPARATORS[:6] if any(one in part for part in literals) and one not in "${"]
        after = [one for one in SEPARATORS[:6] if one not in str(text)]
        if not before or not after or any("${" in part for part in literals):
            return self._if(text, at, depth)
        old, new = self.rng.choice(after), self.rng.choice(before)
        other = join(part.replace(new, old) if isinstance(part, str) else part for part in parts_of(text))
        return {"Fn::Join": [new, {"Fn::Split": [old, self.text(other, at, depth - 1)]}]}

    def _either(self, text: Text, at: Template, depth: int) -> Any:
        """Whether a condition holds is open, and does not matter."""
        if self.open_conditions >= MOST_OPEN or self.rng.random() < 0.5:
            return self._select(text, at, depth)
        self.open_conditions += 1
        stage = at.declare("Parameters", "Stage", {"Type": "String"})
        name = at.declare("Conditions", "Open", {"Fn::Equals": [{"Ref": stage}, "prod"]})
        return {"Fn::If": [name, self.text(text, at, depth - 1), self.text(text, at, depth - 1)]}

    def _parameter(self, text: str, at: Template, depth: int) -> Any:
        if "," not in text and text.strip() == text and self.rng.random() < 0.3:
            items = [one for one in self.rng.sample(DECOYS, 2) if "," not in one]
            index = self.rng.randint(0, len(items))
            items.insert(index, text)
            kind = self.rng.choice(("CommaDelimitedList", "List<String>"))
            default = self.rng.choice((",", ", ")).join(items)
            name = at.declare("Parameters", "L", {"Type": kind, "Default": default})
            return {"Fn::Select": [self._index(index, at, depth), {"Ref": name}]}
        return {"Ref": at.declare("Parameters", "P", self._declared(text))}

    def _declared(self, text: str) -> Dict[str, Any]:
        declared: Dict[str, Any] = {"Type": "String", "Description": "of which the default is deployed"}
        if text and self.rng.random() < 0.2:
            return {**declared, "AllowedValues": [text]}
        declared["Default"] = self._number(text)
        if self.rng.random() < 0.3:
            declared["AllowedValues"] = self.rng.sample([*DECOYS[:3], text], 4)
        return declared

    def _find(self, value: Any, at: Template, depth: int) -> Any:
        """A map has plain texts, or lists of them."""
        rows = ["eu-west-1", "us-east-1", "prod", "dev", "111122223333"]
        row, column = self.rng.choice(rows), self.rng.choice(("Name", "Arn", "Prod"))
        key: Any = self.text(row, at, depth - 1)
        other = self.rng.choice(DECOYS)
        found = self._number(value) if isinstance(value, str) else value
        content = {one: {column: found if one == row else other, "Else": other} for one in rows}
        second = self.text(column, at, depth - 1) if self.rng.random() < 0.3 else column
        if any(isinstance(one, dict) and set(one) != {"Ref"} for one in (key, second)):
            at.transformed = True  # without, the keys of maps are texts and references
        if self.rng.random() < 0.3:
            key = {"Ref": self.rng.choice(("AWS::Region", "AWS::AccountId"))}
            content = {one: {column: found, "Else": other} for one in rows}
        elif self.rng.random() < 0.2:
            at.transformed = True
            missing = at.declare("Mappings", "M", {"dev": {column: other}, "test": {"Else": other}})
            return {"Fn::FindInMap": [missing, "prod", column, {"DefaultValue": self.value(value, at, depth - 1)}]}
        name = at.declare("Mappings", "M", content)
        return {"Fn::FindInMap": [name, key, second]}

    # What other resources and templates say

    def _reference(self, text: Text, at: Template, depth: int) -> Any:
        known = self.attributes.get((id(at), text))
        return self.rng.choice(known) if known else self._sub_map(text, at, depth)

    def _import(self, text: Text, at: Template, depth: int) -> Any:
        """What another template exports."""
        others = [one for one in self.templates if one.exported and one is not at]
        if len(self.templates) < self.most_files and self.rng.random() < 0.5:
            others.append(self.template(f"/scan/exports{len(self.templates)}.yaml", exported=True))
        if not others or depth <= 1:
            return self._if(text, at, depth)
        other = self.rng.choice(others)
        self.exports += 1
        name: Text = f"exported-{self.exports}"
        if self.rng.random() < 0.3:
            name = join((name, "-", self.rng.choice((OWN_REGION, OWN_ACCOUNT))))
        declared, referred = (self.plain(name, one, depth - 1) for one in (other, at))
        other.declare("Outputs", "O", {"Value": self.text(text, other, depth - 2), "Export": {"Name": declared}})
        return {"Fn::ImportValue": referred}

    def plain(self, text: Text, at: Template, depth: int) -> Any:
        """The name of an export, which takes no other template to tell."""
        if not isinstance(text, str):
            return self.rng.choice((self.written(text, at), self._join(text, at, 1)))
        ways: Sequence[Callable[[], Any]] = (
            lambda: text,
            lambda: {"Ref": at.declare("Parameters", "P", self._declared(text))},
            lambda: self._sub(text, at, depth),
            lambda: {"Fn::Join": ["-", text.split("-")]},
        )
        return self.rng.choice(ways)()

    def _nested(self, text: Text, at: Template, depth: int) -> Any:
        """An output of a nested stack."""
        if len(self.templates) >= self.most_files or depth <= 1:
            return self._sub(text, at, depth)
        child, stack = self.nested(f"/scan/nested{len(self.templates)}.yaml", at)
        output = child.declare("Outputs", "O", {"Value": self.text(text, child, depth - 1)})
        attribute = f"Outputs.{output}"
        return self.rng.choice(({"Fn::GetAtt": [stack, attribute]}, {"Fn::Sub": f"${{{stack}.{attribute}}}"}))

    def _handed(self, text: Text, at: Template, depth: int) -> Any:
        """A parameter of a nested stack, which is not what it is by default."""
        if at.parent is None:
            return self._sub_map(text, at, depth)
        name = at.declare("Parameters", "Handed", {"Type": "String", "Default": self.rng.choice(DECOYS)})
        at.handed[name] = self.text(text, at.parent, depth - 1)
        return self.rng.choice(({"Ref": name}, {"Fn::Sub": "${" + name + "}"}))

    def around(self, expression: Any, at: Template, depth: int) -> Any:
        """An expression with the value of another, which nothing is known of but that it is a text."""
        if depth <= 0 or self.rng.random() < 0.2:
            return expression
        holds = self.rng.random() < 0.5
        inner = self.around(expression, at, depth - 1)
        branches = (inner, NOTHING) if holds else (NOTHING, inner)
        ways: List[Callable[[], Any]] = [
            lambda: {"Fn::If": [self.condition(holds, at, depth - 1), *branches]},
            lambda: {"Fn::Select": [self._index(1, at, depth), ["other", inner, "*"]]},
            lambda: {"Fn::Sub": ["${V}", {"V": inner}]},
            lambda: {"Fn::Join": ["", [inner, NOTHING]]},
            lambda: {"Fn::Join": ["-", [inner]]},
        ]
        return self.rng.choice(ways)()

    # Conditions

    def condition(self, holds: bool, at: Template, depth: int) -> str:
        """The name of a condition that holds, or does not."""
        return at.declare("Conditions", "C", self._decided(holds, at, depth))

    def _decided(self, holds: bool, at: Template, depth: int) -> Any:
        kind = self.rng.choice(("equals", "not", "and", "or", "name")) if depth > 0 else "equals"
        if kind == "not":
            return {"Fn::Not": [self._decided(not holds, at, depth - 1)]}
        if kind == "name":
            return {"Condition": self.condition(holds, at, depth - 1)}
        if kind in ("and", "or"):
            # One that holds makes an `or` hold, and one that does not an `and` not hold: the others are free.
            free = (kind == "or") is holds
            answers = [holds, *(self.rng.random() < 0.5 if free else holds for _ in range(self.rng.randint(1, 2)))]
            self.rng.shuffle(answers)
            return {f"Fn::{kind.title()}": [self._decided(one, at, depth - 1) for one in answers]}
        one, other = self.rng.sample(("prod", "dev", "true", "eu-west-1"), 2)
        operands = [self.plain(one, at, depth), one if holds else other]
        self.rng.shuffle(operands)
        return {"Fn::Equals": operands}

    # Lists and mappings

    def value(self, value: Any, at: Template, depth: int) -> Any:
        """An expression whose value is any value of a policy."""
        if isinstance(value, dict):
            return self._mapping(value, at, depth)
        return self._list(value, at, depth) if isinstance(value, list) else self.text(value, at, depth)

    def _mapping(self, value: Dict[str, Any], at: Template, depth: int) -> Any:
        if depth > 1 and self.rng.random() < 0.1:
            return self._if(value, at, depth, self._mapping)
        found = {name: self.value(one, at, depth) for name, one in value.items()}
        if self.rng.random() < 0.15:
            found["Absent"] = self._nothing(at, depth)
        return found

    def _nothing(self, at: Template, depth: int) -> Any:
        if depth <= 0 or self.rng.random() < 0.5:
            return NOTHING
        holds = self.rng.random() < 0.5
        branches = (NOTHING, "*") if holds else ("*", NOTHING)
        return {"Fn::If": [self.condition(holds, at, depth - 1), *branches]}

    def _padded(self, items: List[Any], at: Template, depth: int) -> List[Any]:
        """The items, with some that turn out not to be there."""
        for _ in range(self.rng.randint(0, 1)):
            items.insert(self.rng.randint(0, len(items)), self._nothing(at, depth))
        return items

    def _list(self, value: List[Any], at: Template, depth: int) -> Any:
        texts = [one for one in value if isinstance(one, str)]
        plain = len(texts) == len(value) and all(one and one.strip() == one and "," not in one for one in texts)
        kind = self.rng.choice(("items", "items", "if", "parameter", "split", "map")) if depth > 0 else "items"
        if kind == "if":
            return self._if(value, at, depth, self._list)
        if plain and kind == "parameter":
            name = at.declare("Parameters", "L", {"Type": "CommaDelimitedList", "Default": ",".join(texts)})
            return {"Ref": name}
        if plain and kind == "split":
            return {"Fn::Split": [",", self.text(",".join(texts), at, depth - 1)]}
        if plain and kind == "map":
            return self._find(list(texts), at, depth)
        return self._padded([self.value(one, at, depth) for one in value], at, depth)

    def _cut(self, text: Text, most: int) -> List[Text]:
        """The text in some pieces, none of which is cut within `${`."""
        pieces: List[Text] = []
        for part in parts_of(text):
            if isinstance(part, Hole) or len(part) < 4 or "${" in part:
                pieces.append(part)
                continue
            points = sorted(self.rng.sample(range(1, len(part)), self.rng.randint(0, most - 1)))
            pieces += [part[start:end] for start, end in zip([0, *points], [*points, len(part)])]
        return pieces


def _for_sub(part: Text) -> str:
    return part.replace("${", "${!") if isinstance(part, str) else "${" + PSEUDO[part] + "}"


def split(text: Text, separator: str) -> List[Text]:
    """The text at each of the separators in its plain parts."""
    found: List[List[Text]] = [[]]
    for part in parts_of(text):
        if isinstance(part, str):
            first, *rest = part.split(separator)
            found[-1].append(first)
            found += [[one] for one in rest]
        else:
            found[-1].append(part)
    return [join(one) for one in found]
