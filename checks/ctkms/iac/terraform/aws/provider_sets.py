"""The order in which a provider meets the members of a set, which its documents are written in.

Terraform's plugin SDK keeps the members of a set by a checksum of what is in them, written as a decimal text.
https://github.com/hashicorp/terraform-plugin-sdk (helper/schema: set.go, serialize.go)
"""

from __future__ import annotations

import zlib
from typing import Callable, Iterable, List, Mapping, Optional, Sequence, Tuple, TypeVar

Member = TypeVar("Member")
Arguments = Mapping[str, str]  # of a block: each as `text`, `texts` or `set_of_texts` writes it


def text(value: str) -> str:
    """A string, as it counts for the checksum."""
    return f"{value};"


def texts(values: Sequence[str]) -> str:
    """A list of strings, as it counts for the checksum."""
    return f"({''.join(map(text, values))});"


def set_of_texts(values: Iterable[str]) -> str:
    """A set of strings, as it counts for the checksum."""
    return f"{{{''.join(sorted(map(text, values), key=_code))}}};"


def block(arguments: Arguments) -> str:
    """A block, as it counts for the checksum."""
    return "".join(f"{name}:{written}" for name, written in sorted(arguments.items()))


def in_set_order(members: Sequence[Member], written: Callable[[Member], Optional[str]]) -> List[Member]:
    """The members in the provider's order, each once; as they are given where one of them is not known (None)."""
    coded: List[Tuple[str, Member]] = []
    for member in members:
        found = written(member)
        if found is None:
            return list(members)
        coded.append((_code(found), member))
    return [member for _, member in sorted(dict(reversed(coded)).items())]


def _code(written: str) -> str:
    return str(zlib.crc32(written.encode("utf-8", "replace")))
