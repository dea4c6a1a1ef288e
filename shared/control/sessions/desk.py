"""The sessions of one process as others ask for them: listed, ended, shown."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from twisted.logger import Logger

from shared.control.sessions.channel import SESSIONS_ASKED
from shared.control.sessions.questions import END, LIST, SessionQuestion, answer_question, questions_for
from shared.control.sessions.watching import Watching
from shared.conversation.factory import ConversationFactory
from shared.database.database import Database
from shared.errors import DomainError
from shared.events.bus import Bus
from shared.events.channel import EVERYTHING
from shared.give_way import Turns
from shared.runtime.until_quiet import UntilQuiet

MOST_LISTED = 1_000  # sessions of a process in one answer: 200 KB
END_GRACE = timedelta(seconds=30)  # for a session that is ended, as when its listener is stopped
_log = Logger()


class SessionDesk:
    """Answers for one process, whose id begins the names of its sessions."""

    def __init__(
        self,
        reactor: Any,
        database: Database,
        bus: Bus,
        process: UUID,
        factories: Callable[[], Iterable[ConversationFactory]],
    ) -> None:
        self._reactor = reactor
        self._database = database
        self._bus = bus
        self._process = process
        self._prefix = f"{process.hex[:8]}-"
        self._factories = factories
        self._watched: dict[int, Watching] = {}  # by the question
        self._looking = UntilQuiet(self._look, "answering for sessions")
        self._closed = False

    def begin(self) -> None:
        """Answer from now on."""
        self._bus.watch(SESSIONS_ASKED, EVERYTHING, lambda _: self.look())

    def close(self) -> None:
        """Answer no more: the process ends."""
        self._closed = True
        for each in list(self._watched.values()):
            each.stop()

    def look(self) -> None:
        """There may be a question."""
        if not self._closed:
            self._looking.look()

    async def _look(self) -> None:
        if self._closed or self._database.away_because:
            return
        try:
            for question in await self._database.read(questions_for, self._process):
                answer = await self._answer(question)
                await self._database.transact(answer_question, question.id, self._process, answer)
        except DomainError as error:
            _log.debug("questions about sessions are not answered: {reason}", reason=repr(error))

    async def _answer(self, question: SessionQuestion) -> Any:
        if question.kind == LIST:
            return await self._list(question.account)
        found = self._find(question)
        if found is None:
            return {"found": False}
        if question.kind == END:
            found.factory.end(found, END_GRACE)
            return {"found": True}
        return {"found": True, "shown": self._watch(question, found)}

    async def _list(self, account: str | None) -> Any:
        """The first sessions, and how many there are."""
        turns, total = Turns(self._reactor), 0
        found: list[dict[str, Any]] = []
        for each in list(self._conversations()):
            if turns.is_over:
                await turns.give_way()
            if account is None or each.account_name() == account:
                total += 1
                if len(found) < MOST_LISTED:
                    found.append(self._line(each))
        return {"sessions": found, "total": total}

    def _line(self, conversation: Any) -> dict[str, Any]:
        said = conversation.said()
        age = timedelta(seconds=self._reactor.seconds() - conversation.since)
        return {
            "id": f"{self._prefix}{conversation.number}",
            "door": conversation.factory.name,
            "account": conversation.account_name(),
            "peer": conversation.peer.host,
            "since": (datetime.now(UTC) - age).isoformat(timespec="seconds"),
            "state": conversation.state_name(),
            "octets_in": said.octets_in,
            "octets_out": said.octets_out,
        }

    def _find(self, question: SessionQuestion) -> Any | None:
        name = question.session or ""
        if not name.startswith(self._prefix):
            return None
        number = name.removeprefix(self._prefix)
        for each in self._conversations():
            if str(each.number) == number:
                return each if question.account in (None, each.account_name()) else None
        return None

    def _watch(self, question: SessionQuestion, conversation: Any) -> bool:
        watching = Watching.begin(self._reactor, self._database, question, conversation)
        if watching is None:
            return False
        self._watched[question.id] = watching
        watching.when_over = lambda: self._watched.pop(question.id, None)
        return True

    def _conversations(self) -> Iterator[Any]:
        """Those whose peer is known."""
        each_door = (factory.conversations() for factory in self._factories())
        return (each for each in itertools.chain.from_iterable(each_door) if hasattr(each, "peer"))
