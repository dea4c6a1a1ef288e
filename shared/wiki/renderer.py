"""The renderer: a page as harmless HTML, with links to pages that exist and to pages that are missing."""

from __future__ import annotations

from collections.abc import Sequence, Set
from html import escape
from typing import Any, NamedTuple

from shared.bounded_cache import ENTRY_OCTETS, BoundedCache
from shared.database.database import Database
from shared.runtime.single_flight import SingleFlight
from shared.wiki.errors import TooMuchToFormat
from shared.wiki.format_page import Formatted, Heading
from shared.wiki.formatter import PageFormatter
from shared.wiki.links_of import those_there
from shared.wiki.name import page_path
from shared.wiki.page import Page

CACHE_OCTETS = 32 << 20  # some thousand pages of 10 KiB, formatted, and the same with their links
MOST_LINKS_LOOKED_AT = 5_000  # of one page; further links are shown as if their pages existed
_Revision = tuple[int, int]


class RenderedPage(NamedTuple):
    """A page as HTML for the inside of an article."""

    html: str
    title: str  # the first heading of level 1, or the page's name
    headings: Sequence[Heading]
    is_formatted: bool = True  # false: the source as it is, because formatting takes too much


class Renderer:
    """One for each process.

    What is formatted is remembered by revision, and with its links by their state: a page is formatted once, and its
    links are looked at again when a page that it links to has come or gone.
    """

    def __init__(self, database: Database, reactor: Any, cache_octets: int = CACHE_OCTETS) -> None:
        self._database = database
        self._formatter = PageFormatter(reactor)
        self._formatted: BoundedCache[_Revision, Formatted] = BoundedCache(cache_octets // 2, _weigh_pieces)
        self._rendered: BoundedCache[tuple[int, int, int], RenderedPage] = BoundedCache(cache_octets // 2, _weigh_html)
        self._flights: SingleFlight[_Revision, Formatted] = SingleFlight()

    def start(self) -> None:
        """Have what formats pages ready, so that the first reader does not wait for it."""
        self._formatter.start()

    async def page_html(self, page: Page) -> RenderedPage:
        """The page as it is to be shown now. Raises StoreUnavailable, StatementTimedOut."""
        key = page.id, page.revision, page.links_state
        rendered = self._rendered.get(key)
        if rendered is None:
            rendered = await self._render(page.name, await self._format(page))
            self._rendered.put(key, rendered)
        return rendered

    def remembered(self, page: Page) -> RenderedPage | None:
        """The same without waiting, if it is known."""
        return self._rendered.get((page.id, page.revision, page.links_state))

    async def preview(self, name: str, source: str) -> RenderedPage:
        """A text that is no page yet, as it would be shown. Raises StoreUnavailable, StatementTimedOut."""
        return await self._render(name, await self._formatted_or_plain(name, source))

    async def links_in(self, source: str) -> Sequence[str]:
        """The names of the pages that a source links to, found in another process. Raises TooMuchToFormat."""
        return await self._formatter.links_in(source)

    async def close(self) -> None:
        """End its processes."""
        await self._formatter.close()

    async def _format(self, page: Page) -> Formatted:
        key = page.id, page.revision
        formatted = self._formatted.get(key)
        if formatted is None:
            formatted = await self._flights.ask(key, lambda: self._formatted_or_plain(page.name, page.source))
            self._formatted.put(key, formatted)
        return formatted

    async def _formatted_or_plain(self, name: str, source: str) -> Formatted:
        try:
            return await self._formatter.format(name, source)
        except TooMuchToFormat:
            return Formatted((f'<pre tabindex="0">{escape(source, quote=False)}</pre>\n',), (), is_formatted=False)

    async def _render(self, name: str, formatted: Formatted) -> RenderedPage:
        names = list(dict.fromkeys(formatted.links))
        there = await self._database.read(those_there, names[:MOST_LINKS_LOOKED_AT]) if names else frozenset()
        title = next((heading.text for heading in formatted.headings if heading.level == 1), "") or name
        return RenderedPage(
            _joined(formatted.pieces, {*there, *names[MOST_LINKS_LOOKED_AT:]}),
            title,
            formatted.headings,
            formatted.is_formatted,
        )


def _joined(pieces: Sequence[str], there: Set[str]) -> str:
    joined = list(pieces)
    joined[1::2] = [_opening(name, name in there) for name in pieces[1::2]]
    return "".join(joined)


def _opening(name: str, is_there: bool) -> str:
    href = escape(page_path(name))
    return f'<a href="{href}">' if is_there else f'<a class="missing" rel="nofollow" href="{href}">'


def _weigh_pieces(formatted: Formatted) -> int:
    return ENTRY_OCTETS + sum(map(_octets, formatted.pieces)) + 100 * len(formatted.pieces)


def _weigh_html(rendered: RenderedPage) -> int:
    return ENTRY_OCTETS + _octets(rendered.html) + 300 * len(rendered.headings)


def _octets(text: str) -> int:
    return len(text) if text.isascii() else 4 * len(text)
