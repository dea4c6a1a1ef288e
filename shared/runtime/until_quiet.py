"""A look at something that changes: one look at a time, and another after it if something has changed meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from shared.runtime.spawn import spawn


class UntilQuiet:
    """A change that comes during a look may be newer than what it reads; any number of them need one look more."""

    def __init__(self, look: Callable[[], Coroutine[Any, Any, object]], what: str) -> None:
        """`what` is for the log, where a look fails that nobody awaits."""
        self._look = look
        self._what = what
        self._is_looking = False
        self._is_wanted = False

    @property
    def is_looking(self) -> bool:
        """Whether a look is under way."""
        return self._is_looking

    def look(self) -> None:
        """Something has changed: look, or look again when the look under way has ended."""
        if self._is_looking:
            self._is_wanted = True
        else:
            spawn(self.look_now(), self._what)

    async def look_now(self) -> None:
        """Look until nothing has changed meanwhile, as the first look of all. Raises what a look raises."""
        self._is_looking = self._is_wanted = True
        try:
            while self._is_wanted:
                self._is_wanted = False
                await self._look()
        finally:
            self._is_looking = False
