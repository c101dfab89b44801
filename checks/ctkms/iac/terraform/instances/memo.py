"""Values that are worked out once."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ctkms.unknowns.text import Hole

_OPEN: Any = object()  # stands for a value while it is being worked out


class Memo:
    """Values by name. One that depends on itself is a hole."""

    def __init__(self) -> None:
        self._values: Dict[Any, Any] = {}

    def get(self, key: Any, make: Callable[[], Any], source: Callable[[], str]) -> Any:
        """The value of this name; `source` names the hole where it depends on itself."""
        if key not in self._values:
            self._values[key] = _OPEN
            try:
                value = make()
            except BaseException:
                del self._values[key]
                raise
            self._values[key] = value
        value = self._values[key]
        return Hole(source()) if value is _OPEN else value
