"""A session that an administrator watches: its lines go to the store, a few at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shared.clock import Call
from shared.control.sessions.questions import SessionQuestion, show_lines
from shared.conversation.connection import Connection
from shared.conversation.shown import PROTOCOLS, Shown
from shared.database.database import Database
from shared.errors import DomainError
from shared.runtime.spawn import spawn

FLUSH_SECONDS = 0.25
MOST_WAITING = 2_000  # lines, 2 MB; a session that says more in that time is shown with a gap
QUIET_FLUSHES = 20  # every so many a session without a word looks whether anybody watches


class Watching:
    """From `begin` until nobody watches any more, or the session is over. A session has one at a time."""

    def __init__(self, reactor: Any, database: Database, question: SessionQuestion, conversation: Connection) -> None:
        self._reactor = reactor
        self._database = database
        self._question = question
        self._conversation = conversation
        self._lines: list[str | None] = []
        self._left_out = 0
        self._quiet = 0
        self._call: Call | None = None
        self._stopped = False
        self.when_over: Callable[[], object] = lambda: None

    @classmethod
    def begin(cls, reactor: Any, database: Database, question: SessionQuestion, conversation: Any) -> Watching | None:
        """Show `conversation` from now on; None if its protocol cannot be shown, or it is shown already."""
        protocol = PROTOCOLS.get(conversation.factory.name)
        if protocol is None or not isinstance(conversation, Connection) or conversation.shown is not None:
            return None
        watching = cls(reactor, database, question, conversation)
        proved = bool(conversation.account_name())
        conversation.shown = Shown(protocol, reactor.seconds, watching._say, proved=proved)
        watching._schedule()
        return watching

    def stop(self) -> None:
        """Show no more."""
        self._stopped = True
        self._conversation.shown = None
        if self._call is not None and self._call.active():
            self._call.cancel()
        self.when_over()

    def _say(self, line: str) -> None:
        if len(self._lines) < MOST_WAITING:
            self._lines.append(line)
        else:
            self._left_out += 1

    def _schedule(self) -> None:
        self._call = self._reactor.callLater(FLUSH_SECONDS, lambda: spawn(self._flush(), "showing a session"))

    async def _flush(self) -> None:
        lines, self._lines = self._lines, []
        if self._left_out:
            lines.append(f"({self._left_out} lines were left out)")
            self._left_out = 0
        over = self._conversation.is_over
        if over:
            lines.append(None)
        self._quiet = 0 if lines else self._quiet + 1
        watched = True
        if lines or self._quiet % QUIET_FLUSHES == 0:
            try:
                watched = await self._database.transact(show_lines, self._question.id, lines)
            except DomainError:
                watched = False
        if self._stopped:
            return
        if over or not watched:
            self.stop()
        else:
            self._schedule()
