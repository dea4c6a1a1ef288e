"""The report of a supervisor to the command that started it, until the stack is ready.

In the foreground it is printed at once; with --detach it goes through a pipe, one JSON object a line. The pipe is also
how the first administrator's password reaches the screen without ever being written to a file.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import IO, TypeAlias


@dataclass(frozen=True, slots=True)
class Step:
    """Something on the way up is done."""

    text: str
    seconds: float


@dataclass(frozen=True, slots=True)
class AdminCreated:
    """The first run made an administrator."""

    name: str
    password: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something happened that the operator may want to know."""

    text: str


@dataclass(frozen=True, slots=True)
class Remark:
    """Something on the way up is not as it would be by default, and works."""

    text: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The stack does not come up; everything is stopped again. `log` is the end of what the program wrote.

    `begun` is false when nothing was started.
    """

    reason: str
    log: str = ""
    begun: bool = True


@dataclass(frozen=True, slots=True)
class Ready:
    """Every service answers that it is ready."""

    seconds: float


News: TypeAlias = Step | AdminCreated | Notice | Remark | Failed | Ready
Report: TypeAlias = Callable[[News], None]
_KINDS: dict[str, type[News]] = {kind.__name__: kind for kind in (Step, AdminCreated, Notice, Remark, Failed, Ready)}


def write_news(pipe: IO[str], news: News) -> None:
    """One line into the pipe, for the command that waits."""
    pipe.write(json.dumps({"kind": type(news).__name__, **asdict(news)}) + "\n")
    pipe.flush()


def read_news(line: str) -> News:
    """The reverse of `write_news`."""
    fields = json.loads(line)
    return _KINDS[fields.pop("kind")](**fields)
