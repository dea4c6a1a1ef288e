"""Replies that come later than their commands, as those of APPENDs that a client sends without waiting.

They are given in the order of their commands; any other command waits for all of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from twisted.internet.defer import Deferred

from services.mail_access.imap.response import Reply
from shared.clock import Clock

MOST_UNDER_WAY = 32  # as many as clients are known to send; each holds up to 1 MiB of memory
MOST_OCTETS_UNDER_WAY = 8 * 1024 * 1024


def _nothing(reply: Reply) -> None:
    """For commands that leave no line in the log."""


@dataclass(slots=True)
class Late:
    """A command whose reply comes later."""

    tag: bytes
    octets: int  # held for it until it is done
    reply: Reply | None = None  # once it is done
    changed_folder: int | None = None  # the client hears of the change first, if it has selected that folder
    record: Callable[[Reply], None] = _nothing  # writes its line in the log


class Unanswered:
    """One session's commands that are not answered yet, oldest first."""

    __slots__ = ("_clock", "_octets", "_tell_changes", "_waiting", "_wake", "_will_wake", "_write", "under_way")

    def __init__(
        self,
        clock: Clock,
        write: Callable[[bytes], None],
        wake: Callable[[], None],
        tell_changes: Callable[[Collection[int | None]], Awaitable[None]],
    ) -> None:
        """`wake` makes the session call `answer_finished`; `tell_changes` sends what is new in one of these folders."""
        self.under_way: deque[Late] = deque()
        self._clock = clock
        self._write = write
        self._wake = wake
        self._will_wake = False
        self._tell_changes = tell_changes
        self._octets = 0
        self._waiting: Deferred[None] | None = None

    def has_room(self, octets: int) -> bool:
        """Whether there is room for one more command, of so many octets."""
        count = len(self.under_way)
        return not count or (count < MOST_UNDER_WAY and self._octets + octets <= MOST_OCTETS_UNDER_WAY)

    async def make_room(self, octets: int) -> None:
        """Answer the oldest ones until there is room."""
        while not self.has_room(octets):
            await self._until_first_is_done()
            await self.answer_finished()

    def begin(self, command: Late) -> None:
        """The command is under way from now on."""
        self.under_way.append(command)
        self._octets += command.octets

    def end(self, command: Late, reply: Reply, changed_folder: int | None = None) -> None:
        """The command is done: `reply` is given when those before it are, with what else is done in this turn of the
        reactor. Commands whose messages were committed together are answered in one segment, not in one each.
        """
        command.reply, command.changed_folder = reply, changed_folder
        if not self._will_wake:
            self._will_wake = True
            self._clock.callLater(0, self._call_wake)
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            waiting.callback(None)

    def _call_wake(self) -> None:
        self._will_wake = False
        self._wake()

    async def _until_first_is_done(self) -> None:
        while self.under_way and self.under_way[0].reply is None:
            self._waiting = Deferred()
            await self._waiting

    async def answer_all(self) -> None:
        """Wait for all of them, and answer."""
        while self.under_way:
            await self._until_first_is_done()
            await self.answer_finished()

    async def answer_finished(self) -> None:
        """Answer the oldest ones as far as they are done."""
        done: list[tuple[Late, Reply]] = []
        while self.under_way and (reply := self.under_way[0].reply) is not None:
            first = self.under_way.popleft()
            self._octets -= first.octets
            done.append((first, reply))
        if not done:
            return
        await self._tell_changes({command.changed_folder for command, _ in done})
        for command, reply in done:
            self._write(reply.render(command.tag))
            command.record(reply)
