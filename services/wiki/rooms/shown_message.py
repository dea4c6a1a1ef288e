"""A message as a page shows it: read from the store's octets, its text as safe HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup

from services.wiki.parts import WikiParts
from services.wiki.rooms.message_html import message_html
from shared.bounded_cache import ENTRY_OCTETS, BoundedCache
from shared.database.transaction import Transaction
from shared.folders.flags import ANSWERED, FLAGGED, SEEN
from shared.folders.packed import unsigned_32
from shared.give_way import Turns
from shared.messages.people import Person
from shared.messages.reading import Attachment, read_message
from shared.rooms.cancels.own_articles import own_articles
from shared.rooms.marks.marks_of import marks_of
from shared.rooms.reading.article_line import ArticleLine
from shared.runtime.in_thread import in_thread

SHOWN_OCTETS = 4 << 20  # of a message; of a larger one its header is shown, and the source is a download
PAGE_OCTETS = 16 << 20  # of all messages of a page; those behind are shown as too large
CACHE_OCTETS = 16 << 20  # of what messages look like; they never change
_QUICK_OCTETS = 32 << 10  # rendered in the reactor: a millisecond or two


class Looks(NamedTuple):
    """What never changes about a message."""

    html: Markup
    attachments: Sequence[Attachment]
    subject: str
    author: Person
    is_too_large: bool = False


class ShownMessage(NamedTuple):
    """One message of a page."""

    line: ArticleLine
    looks: Looks
    is_unread: bool
    is_flagged: bool
    is_answered: bool
    is_own: bool  # the account has posted it
    parent: ArticleLine | None = None  # what it answers, if that is on the page

    @property
    def uid(self) -> int:
        return self.line.uid

    @property
    def sent_at(self) -> datetime | None:
        return self.line.sent_at


class MessageLooks:
    """The looks of messages, cached; one for each process."""

    def __init__(self, parts: WikiParts) -> None:
        self._parts = parts
        self._cache: BoundedCache[int, Looks] = BoundedCache(CACHE_OCTETS, _weigh)

    async def of(self, lines: Sequence[ArticleLine]) -> Mapping[int, Looks]:
        """By message; those that are gone are left out. Raises StoreUnavailable, StatementTimedOut."""
        found = {line.message_id: looks for line in lines if (looks := self._cache.get(line.message_id)) is not None}
        wanted: list[int] = []
        left = PAGE_OCTETS
        for line in lines:
            if line.message_id in found:
                continue
            if line.size_octets > SHOWN_OCTETS or line.size_octets > left:
                found[line.message_id] = Looks(Markup(), (), line.subject, line.author, is_too_large=True)
            else:
                left -= line.size_octets
                wanted.append(line.message_id)
        turns = Turns(self._parts.database.clock)
        for message_id, octets in (await self._parts.bodies.load(wanted)).items() if wanted else ():
            if len(octets) <= _QUICK_OCTETS:
                looks = _looks(octets)
                await turns.give_way()
            else:
                looks = await in_thread(self._parts.database.clock, _looks, octets)
            self._cache.put(message_id, looks)
            found[message_id] = looks
        return found

    async def shown(
        self, folder_id: int, account_id: int | None, lines: Sequence[ArticleLine]
    ) -> Sequence[ShownMessage]:
        """The messages with the account's marks."""
        looks = await self.of(lines)
        flags: Mapping[int, int] = {}
        own: Set[bytes] = frozenset()
        if account_id is not None and lines:
            flags, own = await self._parts.database.read(_flags_and_own, account_id, folder_id, lines)
        by_identifier = {line.identifier: line for line in lines}
        return [
            ShownMessage(
                line,
                looks[line.message_id],
                account_id is not None and not flags.get(line.uid, 0) & SEEN,
                bool(flags.get(line.uid, 0) & FLAGGED),
                bool(flags.get(line.uid, 0) & ANSWERED),
                line.identifier in own,
                by_identifier.get(line.references[-1]) if line.references else None,
            )
            for line in lines
            if line.message_id in looks
        ]


def _looks(octets: bytes) -> Looks:
    message = read_message(octets)
    return Looks(message_html(message.texts), message.attachments, message.subject, message.author)


def _weigh(looks: Looks) -> int:
    return 2 * len(looks.html) + ENTRY_OCTETS * (2 + len(looks.attachments))


def _flags_and_own(
    tx: Transaction, account_id: int, folder_id: int, lines: Sequence[ArticleLine]
) -> tuple[Mapping[int, int], Set[bytes]]:
    ordered = sorted(line.uid for line in lines)
    packed = unsigned_32(b"".join(uid.to_bytes(4, "big") for uid in ordered))
    flags = dict(zip(ordered, marks_of(tx, account_id, folder_id).flags_of(packed), strict=True))
    return flags, own_articles(tx, account_id, [line.identifier for line in lines])
