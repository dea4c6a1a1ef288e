"""Where each article of a room lies in its mbox file: remembered, so that a file has a size before it is read."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from shared.bounded_cache import ENTRY_OCTETS, BoundedCache
from shared.database.database import Database
from shared.rooms.errors import RoomNotFound
from shared.rooms.reading.mbox import MboxArticle, MboxArticles, mbox_articles, mbox_lengths, sizes_of
from shared.runtime.single_flight import SingleFlight

MOST_ARTICLES = 100_000  # the newest of a room: an index of them has 3 MB
AT_ONCE_OCTETS = 2 << 20  # of messages that are measured together
CACHE_OCTETS = 32 << 20
_OCTETS_OF_ONE = 32  # of the arrays


class RoomIndex(NamedTuple):
    """The articles of a file, and where each ends."""

    articles: MboxArticles
    ends: array[int]

    @property
    def octets(self) -> int:
        """The size of the file."""
        return self.ends[-1] if self.ends else 0


class RoomIndexes:
    """The indexes of a process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: BoundedCache[int, RoomIndex] = BoundedCache(CACHE_OCTETS, _weigh)
        self._under_way: SingleFlight[int, RoomIndex] = SingleFlight()

    async def of(self, room: int) -> RoomIndex:
        """The index as the room is now. Raises RoomNotFound, and what the store raises."""
        return await self._under_way.ask(room, lambda: self._make(room))

    async def sizes(self, rooms: Sequence[int]) -> Mapping[int, int]:
        """The sizes of files; of a room that has changed since its file was read, the most that it can be."""
        sizes = {}
        for room, size in (await self._database.read(sizes_of, rooms)).items():
            known = self._known.get(room)
            sizes[room] = known.octets if known is not None and known.articles.modseq == size.modseq else size.octets
        return sizes

    async def _make(self, room: int) -> RoomIndex:
        known = self._known.get(room)
        if known is not None:
            now = (await self._database.read(sizes_of, [room])).get(room)
            if now is not None and now.modseq == known.articles.modseq:
                return known
        articles = await self._database.read(mbox_articles, room, MOST_ARTICLES)
        if articles is None:
            raise RoomNotFound
        index = RoomIndex(articles, await self._ends(articles, known))
        self._known.drop(room)
        self._known.put(room, index)
        return index

    async def _ends(self, articles: MboxArticles, known: RoomIndex | None) -> array[int]:
        """Only what is new is measured."""
        lengths = array("q", bytes(8 * len(articles.uids)))
        waiting: list[tuple[int, MboxArticle]] = []
        octets = 0
        for at, uid in enumerate(articles.uids):
            length = None if known is None else _known_length(known, uid)
            if length is not None:
                lengths[at] = length
                continue
            waiting.append((at, articles.article(at)))
            octets += articles.octets[at]
            if octets >= AT_ONCE_OCTETS or len(waiting) >= 1000:
                await self._measure(waiting, lengths)
                waiting, octets = [], 0
        await self._measure(waiting, lengths)
        end = 0
        for at, length in enumerate(lengths):
            end += length
            lengths[at] = end
        return lengths

    async def _measure(self, waiting: Sequence[tuple[int, MboxArticle]], lengths: array[int]) -> None:
        if waiting:
            measured = await self._database.read(mbox_lengths, [article for _, article in waiting])
            for (at, _), length in zip(waiting, measured, strict=True):
                lengths[at] = length


def _known_length(known: RoomIndex, uid: int) -> int | None:
    uids, ends = known.articles.uids, known.ends
    at = bisect_left(uids, uid)
    if at == len(uids) or uids[at] != uid:
        return None
    return ends[at] - (ends[at - 1] if at else 0)


def _weigh(index: RoomIndex) -> int:
    return ENTRY_OCTETS + _OCTETS_OF_ONE * len(index.ends)
