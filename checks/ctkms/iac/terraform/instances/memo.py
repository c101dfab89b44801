"""Values that are worked out once."""

from __future__ import annotations

from typing import Callable, Dict, TypeVar, Union, cast

from ctkms.unknowns.text import Hole

T = TypeVar("T")

_OPEN = object()  # stands for a value while it is being worked out


class Memo:
    """Values by name. One that depends on itself is a hole."""

    def __init__(self) -> None:
        self._values: Dict[object, object] = {}

    def get(self, key: object, make: Callable[[], T], source: Callable[[], str]) -> Union[T, Hole]:
        """The value of this name; `source` names the hole where it depends on itself."""
        if key not in self._values:
            self._values[key] = _OPEN
            try:
                value = make()
            except BaseException:
                del self._values[key]
                raise
            self._values[key] = value
        known = self._values[key]
        if known is _OPEN:
            return Hole(source())
        return cast(T, known)  # made for this key and no other
