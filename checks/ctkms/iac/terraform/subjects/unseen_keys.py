"""What a trail or event data store names as its key where no scanned resource is that key, in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Sequence, Tuple

from ctkms.iac.terraform.aws.attributes import as_text
from ctkms.iac.terraform.aws.kms_references import identity_of, is_alias
from ctkms.iac.terraform.instances.resource_instance import ResourceInstance
from ctkms.unknowns.text import Hole, Text, holes_in

MAX_SHOWN = 120  # characters of one reference
MAX_REFERENCES = 3

_VARIABLE = "a variable without a value"
_DATA = "looked up by a data source"
_OTHER_STATE = "read from another state"
_OUTPUT = "an output of a module whose code is not at hand"
_ALIAS = "an alias that the scanned code does not declare"
_LITERAL = "a literal"
_OPEN = "not known: the code does not tell which key it is"
_UNDECLARED = "a key that the scanned code does not declare"
_AFTER_APPLY = "all that the plan tells of it"

_MODULES = re.compile(r"(?:module\.[\w-]+(?:\[[^]]*\])?\.)+")
_ALIAS_OF = re.compile(r"\$\{key_id of (alias/.*)\}", re.DOTALL)
_IN_PLAN = re.compile(r"\(known after apply(?:, from (.*))?\)", re.DOTALL)
_KEY = re.compile(r"(?<![\w.])aws_kms_(?:\w+_)?key\.[\w-]+")
_ATTRIBUTE = re.compile(r"aws_kms_(?:\w+_)?key\.[\w-]+\.\w+")
# What a reference is, by what it begins with behind the modules that it stands in.
_BEGINNINGS = (
    ("var.", _VARIABLE),
    ("data.terraform_remote_state.", _OTHER_STATE),
    ("data.tfe_outputs.", _OTHER_STATE),
    ("data.", _DATA),
    ("aws_", _OPEN),
)
# What an expression is, by the first of these that is in it.
_PARTS = (
    (_KEY, _OPEN),
    (re.compile(r"\bmodule\."), _OUTPUT),
    (re.compile(r"\bdata\."), _DATA),
    (re.compile(r"\bvar\."), _VARIABLE),
)

_REMEDIES = {
    _OUTPUT: "run terraform get before the scan, or scan a plan",
    _OPEN: "scan a plan",
    _AFTER_APPLY: "--repo-root-for-plan-enrichment lets this pack read it in the code",
}
_REMEDY = "scan the code that declares the key as well"


@dataclass(frozen=True)
class Unseen:
    """One reference to a key that is not in the scan."""

    name: str  # as the code writes it
    what: str
    is_input: bool = False  # nothing but variables of the root module, which have no value

    @property
    def may_be_seen(self) -> bool:
        """Whether nothing says that it is not one of the keys in the scan."""
        return self.what in (_OPEN, _AFTER_APPLY)

    @property
    def mentioned(self) -> Tuple[str, ...]:
        """The resources of keys that it may be, where they are mentioned: `aws_kms_key.logs`."""
        return tuple(_KEY.findall(self.name))


def may_be_elsewhere(identity: Text, *blocks: str) -> bool:
    """Whether what a plan leaves open comes from one of some blocks of the plan, or from something else than keys."""
    planned = _IN_PLAN.search(identity.source) if isinstance(identity, Hole) else None
    names = (planned.group(1) or "").split(", ") if planned is not None else []
    named = any(f"{_MODULES.sub('', name)}.".startswith(f"{block}.") for name in names for block in blocks)
    return named and not all(map(_OF_THE_PLAN.match, names))


# References to keys in the plan, and to what the ARN of a key is made of besides.
_OF_THE_PLAN = re.compile(r"aws_kms_|(?:each|count)\.|data\.aws_(?:caller_identity|region|partition)\.")


def unseen(instance: ResourceInstance, identity: Text) -> Unseen:
    """What an instance names as its key; `identity` is where that leads."""
    written = instance.body.attributes.get("kms_key_id")
    source = "" if written is None else written.source.strip()
    if source.startswith("data."):
        return Unseen(_shown("${" + source + "}"), _kind(source))
    given = as_text(instance.argument("kms_key_id"), Hole("${" + source + "}"))
    inputs = bool(holes_in(given)) and all(map(_is_input, holes_in(given)))
    open_ = next((one for one in (identity, given) if isinstance(one, Hole)), None)
    alias = _ALIAS_OF.fullmatch(str(identity))
    if alias is not None or is_alias(identity_of(given)):
        return Unseen(_shown(alias.group(1) if alias else str(given)), _ALIAS, inputs)
    if open_ is None:
        return Unseen(_shown(str(given)), _LITERAL, inputs)
    return Unseen(_shown(open_.source), _kind(open_.source), inputs)


def _kind(source: str) -> str:
    inner = source[2:-1] if source.startswith("${") else source
    planned = _IN_PLAN.search(inner)
    if planned is not None:  # what a plan's value comes from; anything else than data may stand for a key of the plan
        inner = planned.group(1) or ""
        if not all(name.startswith("data.") for name in inner.split(", ")):
            return _AFTER_APPLY
    modules = _MODULES.match(inner)
    rest = inner[modules.end() :] if modules else inner
    if _ATTRIBUTE.fullmatch(rest):
        return _UNDECLARED
    by_beginning = (what for beginning, what in _BEGINNINGS if rest.startswith(beginning))
    by_part = (what for part, what in _PARTS if part.search(inner))
    return next(by_beginning, None) or (_OUTPUT if modules else next(by_part, _OPEN))


def _is_input(hole: Hole) -> bool:
    return _kind(hole.source) == _VARIABLE and "module." not in hole.source


def _shown(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "..."


def sentence(found: Sequence[Unseen]) -> str:
    """What is said of the keys that nobody has looked at."""
    said = " and ".join(f"`{one.name}` is {one.what}" for one in found[:MAX_REFERENCES])
    more = f" and {len(found) - MAX_REFERENCES} more" if len(found) > MAX_REFERENCES else ""
    remedies = "; ".join(dict.fromkeys(_REMEDIES.get(one.what, _REMEDY) for one in found))
    return f"the policy of the key is not judged: {said}{more}; {remedies}"
