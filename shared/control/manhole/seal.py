"""Lines and answers of a manhole, sealed with the key of the stack for one place each."""

from __future__ import annotations

import json
from typing import NamedTuple
from uuid import UUID

from shared.runtime.stack_key import StackKey


class Line(NamedTuple):
    """What is to be run, and the administrator's name."""

    who: str
    source: str


class ManholeSeal:
    """Seals for one console: of `process`, with the nonce that the process has given it. A line is good there only."""

    def __init__(self, key: StackKey, process: UUID, nonce: str) -> None:
        self._key = key
        self._place = f"{process} {nonce}"

    def seal_line(self, number: int, line: Line) -> bytes:
        """The line of this number."""
        return self._key.seal(json.dumps(line).encode(), f"manhole line {self._place} {number}")

    def open_line(self, number: int, sealed: bytes) -> Line:
        """Raises SealBroken."""
        return Line(*json.loads(self._key.open(sealed, f"manhole line {self._place} {number}")))

    def seal_answer(self, number: int, shown: str) -> bytes:
        """What that line has shown."""
        return self._key.seal(shown.encode("utf-8", "backslashreplace"), f"manhole answer {self._place} {number}")

    def open_answer(self, number: int, sealed: bytes) -> str:
        """Raises SealBroken."""
        return self._key.open(sealed, f"manhole answer {self._place} {number}").decode()
