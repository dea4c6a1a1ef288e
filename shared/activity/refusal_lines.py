"""The lines of a session's refusals: some in a row are written, the others are counted for the session's own line.

Each refusal costs a stranger one command. Without a bound a few who send nothing else fill the log, and the lines of
all others are put aside and deleted before anybody has read them.
"""

from __future__ import annotations

from collections.abc import Callable

from shared.activity.events import ACCEPTED, Append, Message
from shared.activity.metrics import count
from shared.activity.record import record

MOST_IN_A_ROW = 10  # enough to see what a program does wrong; a message that is accepted begins a new row


class RefusalLines:
    """The record of one session's messages. `unlogged`: how many of them have no line."""

    __slots__ = ("_in_a_row", "accepted", "unlogged")

    def __init__(self) -> None:
        self._in_a_row = 0
        self.unlogged = 0
        self.accepted = False  # whether any message was accepted

    def record(self, event: Message | Append, may_write: Callable[[], bool]) -> None:
        """Count `event`; write it, unless it is one refusal too many, or `may_write` says no. Never waits."""
        if event.outcome is ACCEPTED:
            self._in_a_row = 0
            self.accepted = True
        elif self._in_a_row == MOST_IN_A_ROW or not may_write():
            self.unlogged += 1
            count([event])
            return
        else:
            self._in_a_row += 1
        record(event)
