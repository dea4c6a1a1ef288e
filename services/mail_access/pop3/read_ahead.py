"""Bodies that the client will ask for next, read from the store while it takes the ones before."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from services.mail_access.pop3.maildrop import Maildrop
from shared.folders.body_cache import BodyCache
from shared.folders.errors import MessageNotFound

FIRST_MESSAGES = 8  # read at once in the beginning: a client that takes one message costs no more than these
MOST_MESSAGES = 128  # read at once later, for a client that takes one message after the other
MOST_OCTETS = 256 << 10  # read at once, however many messages they are; twice as much may be held


class ReadAhead:
    """One session's; it takes one body at a time."""

    def __init__(self, bodies: BodyCache) -> None:
        self._bodies = bodies
        self._here: dict[int, bytes] = {}  # by message number
        self._coming: range | None = None
        self._came: Deferred[None] | None = None  # fires when the read under way has ended
        self._failure: Exception | None = None  # the error of the last read, if it failed
        self._messages = FIRST_MESSAGES

    async def take(self, maildrop: Maildrop, number: int) -> bytes:
        """The body of a message that the maildrop has. Raises MessageNotFound, StoreUnavailable, StatementTimedOut."""
        if not maildrop.sizes[number - 1]:
            return b""  # of nothing the store has no body
        octets = self._here.pop(number, None)
        if octets is None:
            remembered = self._bodies.get(maildrop.message_ids[number - 1])
            if remembered is not None:
                return remembered
            octets = await self._wait_for(maildrop, number)
        if self._coming is None and len(self._here) <= self._messages // 2:
            self._read_on(maildrop, number)
        return octets

    def clear(self) -> None:
        """Forget all bodies."""
        self._here.clear()

    async def _wait_for(self, maildrop: Maildrop, number: int) -> bytes:
        if self._coming is None or number not in self._coming:
            if self._came is not None:
                await self._came
            self._here.clear()
            self._messages = FIRST_MESSAGES
            self._read(maildrop, number)
        if self._came is not None:
            await self._came
        if number not in self._here:
            raise self._failure or MessageNotFound
        return self._here.pop(number)

    def _read_on(self, maildrop: Maildrop, number: int) -> None:
        """Begin with what follows the last one that is here."""
        following = max(self._here, default=number) + 1
        if following <= len(maildrop.uids) and maildrop.sizes[following - 1] <= MOST_OCTETS:
            self._messages = min(self._messages * 2, MOST_MESSAGES)
            self._read(maildrop, following)

    def _read(self, maildrop: Maildrop, first: int) -> None:
        octets, number = 0, first
        for number in range(first, min(first + self._messages, len(maildrop.uids) + 1)):
            octets += maildrop.sizes[number - 1]
            if number > first and octets > MOST_OCTETS:
                number -= 1
                break
        self._failure = None
        self._coming = range(first, number + 1)
        self._came = Deferred.fromCoroutine(self._receive(maildrop, self._coming))

    async def _receive(self, maildrop: Maildrop, numbers: range) -> None:
        ids = {number: maildrop.message_ids[number - 1] for number in numbers if number not in maildrop.deleted}
        try:
            bodies = await self._bodies.load(list(ids.values()))
            self._here |= {number: bodies[each] for number, each in ids.items() if each in bodies}
        except Exception as error:
            self._failure = error
        self._coming = self._came = None
