"""Searching the messages of rooms and the posts of the weblog, as far as the one who asks may read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from services.wiki.blog.pages import month_path
from services.wiki.rooms.here import room_path
from shared.accounts.account import Account
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.folders.body_cache import BodyCache
from shared.messages.reading import read_message
from shared.rooms.directory import Directory
from shared.rooms.search.article_words import plain_text
from shared.rooms.search.index_articles import LARGEST_OCTETS, rooms_behind
from shared.rooms.search.indexing import ArticleIndexing
from shared.rooms.search.search_articles import ArticleHit, search_articles
from shared.runtime.in_thread import in_thread
from shared.search_words import words_of
from shared.snippet import Snippet, snippet_of

FARTHEST = 10_000  # hits; whoever looks through more of them asks for other words
NO_SNIPPET = Snippet("", ())  # of a message that is too large to be indexed


class SearchParts(Protocol):
    """What searching needs, of those parts that the site has, and of those that calls have."""

    @property
    def database(self) -> Database:
        """The store."""

    @property
    def directory(self) -> Directory:
        """The rooms."""

    @property
    def bodies(self) -> BodyCache:
        """The messages as they came."""

    @property
    def indexing(self) -> ArticleIndexing:
        """What goes before a search."""


class FoundMessage(NamedTuple):
    """A message that has all the words; `path` is its page on the site, of a post of the weblog that is there."""

    path: str
    room: str
    number: int
    is_post: bool  # of the weblog
    subject: str
    author: str
    came_at: datetime
    snippet: Snippet


class FoundMessages(NamedTuple):
    """`is_complete` is false while messages are still being indexed."""

    messages: Sequence[FoundMessage]
    has_more: bool
    is_complete: bool


async def find_messages(
    parts: SearchParts, account: Account | None, words: str, most: int, after: int
) -> FoundMessages:
    """The newest first, in rooms that `account`, None for strangers, may read.

    Raises StoreUnavailable, StatementTimedOut.
    """
    known = await parts.directory.rooms()
    rooms = {room.folder_id: room.name for room in known.readable_by(known.reader(account))}
    hits, is_complete = await parts.database.read(_look, words, list(rooms), most + 1, after)
    if not is_complete:
        is_complete = await parts.indexing.catch_up()
        hits = await parts.database.read(search_articles, words, list(rooms), most + 1, after)
    shown = hits[:most]
    wanted = [hit.line.message_id for hit in shown if hit.line.size_octets <= LARGEST_OCTETS]
    bodies = await parts.bodies.load(wanted) if wanted else {}
    snippets = await in_thread(parts.database.clock, _snippets, bodies, words) if bodies else {}
    found = [_found(hit, rooms[hit.folder_id], snippets.get(hit.line.message_id, NO_SNIPPET)) for hit in shown]
    return FoundMessages(found, len(hits) > most, is_complete)


def _look(
    tx: Transaction, words: str, rooms: Sequence[int], most: int, after: int
) -> tuple[Sequence[ArticleHit], bool]:
    """What is found, and whether all articles are indexed."""
    is_complete = not rooms_behind(tx)  # before the search, which finds what is indexed by then
    return search_articles(tx, words, rooms, most, after), is_complete


def _found(hit: ArticleHit, room: str, snippet: Snippet) -> FoundMessage:
    line, month, slug = hit.line, hit.month, hit.slug
    is_post = month is not None and slug is not None
    path = f"{month_path(month)}{slug}" if month is not None and is_post else f"{room_path(room)}/{line.uid}"
    return FoundMessage(path, room, line.uid, is_post, line.subject, line.author.name, hit.came_at, snippet)


def _snippets(bodies: Mapping[int, bytes], words: str) -> Mapping[int, Snippet]:
    wanted, runs = words_of(words)
    return {
        message_id: snippet_of(plain_text(read_message(octets).texts), [*wanted, *runs])
        for message_id, octets in bodies.items()
    }
