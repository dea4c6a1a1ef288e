"""A post of the weblog as HTML: Markdown as pages of the wiki have it, other text as messages of rooms do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from services.wiki.parts import WikiParts
from services.wiki.rooms.message_html import html_of
from services.wiki.rooms.raw_message import PICTURES
from shared.bounded_cache import ENTRY_OCTETS, BoundedCache
from shared.messages.reading import Attachment, read_message
from shared.rooms.reading.list_weblog import WeblogPost

CACHE_OCTETS = 16 << 20
SHOWN_OCTETS = 4 << 20  # of a post; of a larger one the source is a download
BEGINNING_CHARACTERS = 1_500  # of a post in a list: three paragraphs


class PostHtml(NamedTuple):
    """`beginning` is what a list shows; `words` counts those of all of it where that is less than all, else 0.

    `pictures` are shown in the post, `attachments` are all others.
    """

    whole: Markup
    beginning: Markup
    words: int
    pictures: Sequence[Attachment]
    attachments: Sequence[Attachment]


class PostPages:
    """The posts as HTML, cached; one for each process."""

    def __init__(self, parts: WikiParts) -> None:
        self._parts = parts
        self._cache: BoundedCache[int, PostHtml] = BoundedCache(CACHE_OCTETS, _weigh)

    async def of(self, posts: Sequence[WeblogPost]) -> Mapping[int, PostHtml]:
        """By message; those that are gone or too large are left out. Raises StoreUnavailable, StatementTimedOut."""
        found = {post.line.message_id: html for post in posts if (html := self._cache.get(post.line.message_id))}
        wanted = [
            post.line.message_id
            for post in posts
            if post.line.message_id not in found and post.line.size_octets <= SHOWN_OCTETS
        ]
        for message_id, octets in (await self._parts.bodies.load(wanted)).items() if wanted else ():
            html = await self._made(octets)
            self._cache.put(message_id, html)
            found[message_id] = html
        return found

    async def _made(self, octets: bytes) -> PostHtml:
        message = read_message(octets)
        whole, beginning, words = Markup(), Markup(), 0
        for number, text in enumerate(message.texts):
            first = beginning_of(text.text) if not text.is_html else text.text
            if text.is_markdown:
                html = await self._markdown(text.text)
                shown = html if first == text.text else await self._markdown(first)
            else:
                html = html_of(text)
                shown = html if first == text.text else html_of(text._replace(text=first))
            whole += html
            if not number:
                beginning = shown
                words = len(text.text.split()) if first != text.text or len(message.texts) > 1 else 0
        pictures = [file for file in message.attachments if file.media_type in PICTURES]
        others = [file for file in message.attachments if file.media_type not in PICTURES]
        return PostHtml(whole, beginning, words, pictures, others)

    async def _markdown(self, source: str) -> Markup:
        return Markup((await self._parts.renderer.preview("", source)).html)


def beginning_of(text: str) -> str:
    """The first paragraphs; a fenced block of code is not cut in half."""
    if len(text) <= BEGINNING_CHARACTERS:
        return text
    kept: list[str] = []
    size = 0
    for block in text.split("\n\n"):
        if kept and size + len(block) > BEGINNING_CHARACTERS:
            break
        kept.append(block)
        size += len(block) + 2
    first = "\n\n".join(kept)[: 4 * BEGINNING_CHARACTERS]
    return f"{first}\n```\n" if first.count("```") % 2 else first


def _weigh(html: PostHtml) -> int:
    return 2 * (len(html.whole) + len(html.beginning)) + ENTRY_OCTETS * 2
