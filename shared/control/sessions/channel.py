"""News of questions about sessions: every process answers for its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from shared.events.channel import EVERYTHING, Channel


def _write(events: Iterable[SessionsAsked]) -> bytes:
    return b"%d" % max(event.question for event in events)


def _read(message: bytes) -> Iterator[tuple[int, int]]:
    if message.isdigit():
        yield EVERYTHING, int(message)


SESSIONS_ASKED: Channel[SessionsAsked] = Channel("sessions", _write, _read)  # watched as EVERYTHING


@dataclass(frozen=True, slots=True)
class SessionsAsked:
    """There is a new question."""

    channel: ClassVar[Channel[Any]] = SESSIONS_ASKED

    question: int
