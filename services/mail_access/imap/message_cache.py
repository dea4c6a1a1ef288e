"""The cache of messages as a process's IMAP sessions read them; what is not in it is read from the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from services.mail_access.imap.pieces import Pieces, pieces_of
from shared.bounded_cache import BoundedCache
from shared.database.database import Database
from shared.folders.bodies import load_beginnings, load_range
from shared.folders.body_cache import OBJECT_OCTETS, BodyCache
from shared.folders.rendered import load_rendered
from shared.messages.search_text import SearchText
from shared.runtime.in_thread import in_thread

T = TypeVar("T")

SMALL_OCTETS = 8 * 1024  # one page of PostgreSQL's: to read less of a message costs the same


class MessageCache:
    """Messages never change: sessions share what is cached, and nothing is ever invalidated."""

    def __init__(self, reactor: Any, database: Database, bodies: BodyCache, octets: int) -> None:
        """`octets` are divided: a mailbox of 5,000 messages of 4 KB has 10 MB of pieces, 25 MB of text."""
        self._reactor = reactor
        self._database = database
        self._bodies = bodies
        part = octets // 5
        self._pieces: BoundedCache[int, Pieces] = BoundedCache(part, lambda pieces: pieces.weight_octets)
        self._texts: BoundedCache[int, SearchText] = BoundedCache(3 * part, _weigh_text)
        self._headers: BoundedCache[int, str] = BoundedCache(part, lambda header: len(header) + OBJECT_OCTETS)

    async def pieces(self, message_ids: Sequence[int]) -> Mapping[int, Pieces]:
        """What was rendered of the messages, by id; those that are purged are left out. Raises StoreUnavailable.

        Of heavy ones only the facts are there: see `heavy_pieces`.
        """
        known = self._pieces.pick(message_ids)
        if len(known) == len(message_ids):
            return known
        missing = [number for number in dict.fromkeys(message_ids) if number not in known]
        if not missing:
            return known
        stored = await self._database.read(load_rendered, missing)
        loaded = {number: pieces_of(each) for number, each in stored.items()}
        self._pieces.put_all(loaded)
        return {**known, **loaded}

    async def heavy_pieces(self, message_id: int) -> Pieces | None:
        """All that was rendered of one message, however much, and not remembered; None if it is purged."""
        stored = (await self._database.read(load_rendered, [message_id], heavy=True)).get(message_id)
        return None if stored is None else pieces_of(stored)

    async def bodies(self, message_ids: Sequence[int]) -> Mapping[int, bytes]:
        """The octets of messages, all together small enough to be held; those that are purged are left out."""
        return await self._bodies.load(message_ids)

    async def beginnings(self, pieces: Mapping[int, Pieces]) -> Mapping[int, bytes]:
        """Octets of messages by id, from the start and at least to the end of the header; purged ones are left out.

        What is small is read, and remembered, as a whole.
        """
        small = [number for number, each in pieces.items() if each.size_octets <= SMALL_OCTETS]
        large = {number: each.header_octets for number, each in pieces.items() if each.size_octets > SMALL_OCTETS}
        known = self._bodies.pick(large)
        wanted = {number: octets for number, octets in large.items() if number not in known}
        if wanted:
            known |= await self._database.read(load_beginnings, wanted)
        return {**known, **await self.bodies(small)} if small else known

    async def octets_between(self, message_id: int, start: int, end: int) -> bytes:
        """Octets of one large message. Raises MessageNotFound, StoreUnavailable."""
        return await self._database.read(load_range, message_id, start, end)

    @property
    def texts(self) -> BoundedCache[int, SearchText]:
        """Decoded texts that were searched lately."""
        return self._texts

    @property
    def headers(self) -> BoundedCache[int, str]:
        """Decoded and folded headers, one line for each field, of messages whose header alone was searched."""
        return self._headers

    async def aside(self, work: Callable[[], T]) -> T:
        """Run a long piece of work in a thread, so that other sessions go on."""
        return await in_thread(self._reactor, work)


def _weigh_text(text: SearchText) -> int:
    return len(text.header) + len(text.body_as_spaced) + 3 * OBJECT_OCTETS
