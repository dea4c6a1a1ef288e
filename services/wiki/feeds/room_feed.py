"""The feed of a room: its newest messages, for who reads the room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from services.wiki.feeds.answers import base_url, feed_answer
from services.wiki.feeds.feed import FeedEntry, SiteFeed
from services.wiki.parts import WikiParts
from services.wiki.rooms.here import room_here
from services.wiki.rooms.shown_message import MessageLooks
from services.wiki.site.answer import Answer
from services.wiki.site.request import WebRequest
from shared.database.transaction import Transaction
from shared.rooms.reading.article_line import ArticleLine, read_line

ENTRIES = 30
_AS_IT_IS = "@!$&'()*+,;=:"  # of a Message-ID in a URL; the rest is percent-encoded (RFC 2392 §2)
_STATE = "SELECT highest_modseq FROM folder WHERE id = %s"
_NEWEST = """
    SELECT overview, message_id, came_at FROM article WHERE folder_id = %s AND cancelled_at IS NULL
    ORDER BY uid DESC LIMIT %s
"""
Newest = Sequence[tuple[ArticleLine, datetime]]


class RoomFeeds:
    """One for each process."""

    def __init__(self, looks: MessageLooks) -> None:
        self._looks = looks

    async def atom(self, parts: WikiParts, request: WebRequest, name: str) -> Answer:
        """Raises RoomNotFound, SignInNeeded."""
        return await self._answer(parts, request, name, "atom")

    async def rss(self, parts: WikiParts, request: WebRequest, name: str) -> Answer:
        """Raises RoomNotFound, SignInNeeded."""
        return await self._answer(parts, request, name, "rss")

    async def _answer(self, parts: WikiParts, request: WebRequest, name: str, kind: str) -> Answer:
        here = await room_here(parts, request, name)
        state, newest = await parts.database.read(_read, here.room.folder_id)
        changed_at = newest[0][1] if newest else here.room.created_at
        base = base_url(parts, request)

        async def make() -> SiteFeed:
            looks = await self._looks.of([line for line, _ in newest])
            entries = [
                FeedEntry(
                    f"mid:{quote(line.identifier[1:-1], safe=_AS_IT_IS)}",  # RFC 2392
                    line.subject or "(no subject)",
                    f"{base}{here.path}/{line.uid}",
                    line.author.name,
                    came_at,
                    str(looks[line.message_id].html) if line.message_id in looks else "",
                )
                for line, came_at in newest
            ]
            title = f"{here.room.name} · {parts.site_name}"
            return SiteFeed(
                f"{base}{here.path}", title, f"{base}{here.path}", f"{base}{here.path}/{kind}", entries, changed_at
            )

        return await feed_answer(parts, request, kind, f"{name} {state}", changed_at, make)


def _read(tx: Transaction, folder_id: int) -> tuple[int, Newest]:
    state = tx.value(_STATE, (folder_id,)) or 0
    rows = tx.rows(_NEWEST, (folder_id, ENTRIES))
    return state, [(read_line(overview, message_id), came_at) for overview, message_id, came_at in rows]
