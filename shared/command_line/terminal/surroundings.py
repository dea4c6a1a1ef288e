"""The surroundings of a command: for whom it runs, where its words go, and which store it asks.

In a process of its own a command has none: it uses the process's standard streams, and opens the store by the settings.
A service that runs commands for its clients, several at a time, each in a thread, sets `CURRENT` for each of them, and
calls `follow_surroundings` once: from then on `sys.stdout` and its like lead each command to its own client.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from shared.activity.events import Event
from shared.runtime.settings import ServiceSettings


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What one command has around it, inside a service.

    `user` runs it. `door`: by which the client came. `store` has `transact` and `read` of a BlockingDatabase. `stdout`
    and `stderr` show control characters as escapes; `styled` takes what rich has made of printable text. `columns`: the
    width of the terminal. `ask_hidden` shows a prompt and returns a line that is not shown as it is typed. `record`
    takes the line of a command that changed something.
    `reactor` is the service's, and `on_interrupt` takes what is called, there, for Ctrl-C and when the client is gone.
    """

    settings: ServiceSettings
    store: Any
    user: str
    is_admin: bool
    door: str
    stdin: io.TextIOBase
    stdout: io.TextIOBase
    stderr: io.TextIOBase
    styled: io.TextIOBase
    is_terminal: bool
    columns: int
    ask_hidden: Callable[[str], str]
    record: Callable[[Event], None]
    reactor: Any
    on_interrupt: Callable[[Callable[[], None]], None]


CURRENT: ContextVar[Surroundings | None] = ContextVar("surroundings", default=None)


def surroundings() -> Surroundings | None:
    """Those of the command that is running here, None in a process of its own."""
    return CURRENT.get()


@contextmanager
def follow_surroundings() -> Iterator[None]:
    """Within the block the standard streams are those of each command's own client."""
    before = sys.stdin, sys.stdout, sys.stderr
    sys.stdin, sys.stdout, sys.stderr = (
        _Following("stdin", before[0]),
        _Following("stdout", before[1]),
        _Following("stderr", before[2]),
    )
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = before


class _Following(io.TextIOBase):
    """A standard stream: the current command's, else the process's own."""

    encoding = "utf-8"
    errors = "strict"

    def __init__(self, name: str, own: Any) -> None:
        self._name = name
        self._own = own

    def _stream(self) -> Any:
        around = CURRENT.get()
        return self._own if around is None else getattr(around, self._name)

    @property
    def buffer(self) -> Any:
        return self._stream().buffer

    def readable(self) -> bool:
        return self._name == "stdin"

    def writable(self) -> bool:
        return self._name != "stdin"

    def isatty(self) -> bool:
        return bool(self._stream().isatty())

    def fileno(self) -> int:
        return int(self._stream().fileno())

    def write(self, text: str) -> int:
        return int(self._stream().write(text))

    def flush(self) -> None:
        self._stream().flush()

    def read(self, size: int | None = -1) -> str:
        return str(self._stream().read(-1 if size is None else size))

    def readline(self, size: int = -1) -> str:  # type: ignore[override]  # positional only there
        return str(self._stream().readline(size))

    def __next__(self) -> str:  # type: ignore[override]  # lines of text, not of octets
        line = self.readline()
        if not line:
            raise StopIteration
        return line
