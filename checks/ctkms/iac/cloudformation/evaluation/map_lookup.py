"""What `Fn::FindInMap` finds.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap-enhancements.html
"""

from __future__ import annotations

from typing import Callable, Iterable, Optional, Sequence, Tuple

from ctkms.iac.cloudformation.evaluation.functions import map_values
from ctkms.iac.cloudformation.evaluation.values import kind_of, text_of
from ctkms.iac.cloudformation.templates.template import Template, entries
from ctkms.unknowns.scenarios import Choice
from ctkms.unknowns.text import Hole

_KEYS = 3  # the map, the row, and the entry in it
_ALWAYS = frozenset({"Ref", "Fn::FindInMap"})  # what may name them without the transform


def find_in_map(
    argument: object, template: Template, value: Callable[[object], object], unknown: Callable[[Iterable[object]], Hole]
) -> object:
    """The value that the mapping or the default gives; `unknown` makes the hole for what hangs on some operands."""
    operands = list(argument) if isinstance(argument, (list, tuple)) else []
    default = _default(operands)
    if not template.has_language_extensions and (len(operands) > _KEYS or not all(map(_is_plain, operands))):
        return unknown(())  # AWS refuses it
    keys = [text_of(value(operand)) for operand in operands[:_KEYS]]
    if len(keys) < _KEYS or not isinstance(keys[0], str):
        return unknown(keys)
    found = map_values(template.section("Mappings").get(keys[0]), keys[1], keys[2])
    if not found and default is not None:
        return value(default[0])
    values = [value(one) for one in found]
    surely = all(isinstance(key, str) for key in keys) and len(found) == 1
    if surely or (values and default is None and all(one == values[0] for one in values)):
        return values[0]
    hole = unknown(keys)
    # A default may be of any kind.
    return hole if isinstance(hole, Choice) or default is not None else Hole(hole.source, kind_of(values))


def _default(operands: Sequence[object]) -> Optional[Tuple[object]]:
    options = entries(operands[_KEYS]) if len(operands) > _KEYS else {}
    return (options["DefaultValue"],) if "DefaultValue" in options else None


def _is_plain(operand: object) -> bool:
    """Whether an operand is a text, or one of the functions that need no transform."""
    return not isinstance(operand, (list, tuple)) and set(entries(operand)) <= _ALWAYS
