"""Articles that the client will ask for next, looked up before it does: most programs take one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.database.database import Database
from shared.events.bus import Bus
from shared.events.watches import Watch
from shared.folders.body_cache import BodyCache
from shared.folders.channel import FOLDERS
from shared.folders.errors import MessageNotFound
from shared.rooms.reading.articles import Article, by_numbers

FIRST_ARTICLES = 4  # looked up at once in the beginning: a client that takes one costs little more
MOST_ARTICLES = 128  # looked up at once later, for a client that takes one article after the other
MOST_OCTETS = 256 << 10  # of articles that are read at once, however many they are


class ArticlesAhead:
    """One session's, for the group that it has selected; it answers one command at a time."""

    def __init__(self, database: Database, bodies: BodyCache, bus: Bus) -> None:
        self._database = database
        self._bodies = bodies
        self._bus = bus
        self._folder_id: int | None = None
        self._watch: Watch | None = None
        self._version = 0  # counts news of the folder: an article may be cancelled
        self._most = FIRST_ARTICLES
        self._articles: Mapping[int, Article] = {}
        self._looked_up = range(0)

    def open(self, folder_id: int) -> None:
        """Follow the group that is selected now."""
        if folder_id != self._folder_id:
            self.close()
            self._folder_id = folder_id
            self._most = FIRST_ARTICLES

    def close(self) -> None:
        """Follow no group."""
        self._folder_id = None
        self._forget()
        if self._watch is not None:
            self._watch.stop()
            self._watch = None

    async def at(self, number: int) -> Article | None:
        """The article with the number, if there is one. Raises StoreUnavailable, StatementTimedOut."""
        article = self._articles.get(number)
        if article is None and number not in self._looked_up:
            article = (await self._look_up(number)).get(number)
        return article

    async def octets(self, article: Article) -> bytes:
        """An article that is small enough to be held as a whole. Raises MessageNotFound, StoreUnavailable, …"""
        octets = self._bodies.get(article.message_id)
        if octets is None:
            octets = (await self._bodies.load(self._following(article))).get(article.message_id)
            if octets is None:
                raise MessageNotFound
        return octets

    async def _look_up(self, number: int) -> Mapping[int, Article]:
        """The article and those behind it; they are kept without their overviews, which are half of what they take."""
        assert self._folder_id is not None
        if self._watch is None:
            self._watch = self._bus.watch(FOLDERS, self._folder_id, self._changed)
        follows = number == self._looked_up.stop
        self._most = min(self._most * 4, MOST_ARTICLES) if follows else FIRST_ARTICLES
        version = self._version
        found = await self._database.read(by_numbers, self._folder_id, range(number, number + self._most))
        if version == self._version and found:
            self._articles = {number: article._replace(overview=b"") for number, article in found.items()}
            self._looked_up = range(number, max(found) + 1)  # those behind it may be new ones that are on their way
        return found

    def _following(self, article: Article) -> Sequence[int]:
        """The message's number, and those of what the client will take next, as far as they are small."""
        wanted, octets = [article.message_id], article.size_octets
        if article.folder_id == self._folder_id and article.uid in self._looked_up:
            for number in range(article.uid + 1, self._looked_up.stop):
                following = self._articles.get(number)
                if following is not None:
                    octets += following.size_octets
                    if octets > MOST_OCTETS:
                        break
                    wanted.append(following.message_id)
        return wanted

    def _changed(self, _modseq: int | None) -> None:
        self._version += 1
        self._forget()

    def _forget(self) -> None:
        self._articles = {}
        self._looked_up = range(0)
