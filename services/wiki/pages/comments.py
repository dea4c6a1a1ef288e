"""Comments on a page: replies to the messages about its changes, in the room agora.wiki.changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from services.wiki.pages.access import reader_of_pages
from services.wiki.pages.names import named
from services.wiki.parts import WikiParts
from services.wiki.robots import site_url
from services.wiki.rooms.here import room_path, signed_in
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.errors import NotHere
from services.wiki.site.request import WebRequest
from services.wiki.site.route import WebApp, route
from shared.messages.reading import read_message
from shared.rooms.reading.article_line import ArticleLine
from shared.wiki.changes_room.change_message import ChangeNames
from shared.wiki.changes_room.comments import list_comments, newest_message
from shared.wiki.changes_room.post_changes import post_changes, post_newest
from shared.wiki.changes_room.room import CHANGES
from shared.wiki.page import Page

SHOWN_CHARACTERS = 300  # of a comment below a page; the message has all of it
READ_OCTETS = 256 << 10  # of a larger message its Subject is shown
PATH = room_path(CHANGES)
_STEPS = 20  # of changes that are posted for a comment; others wait for the poster


class ShownComment(NamedTuple):
    """A comment as a page shows it; `text` is its beginning, without quotes and the signature."""

    line: ArticleLine
    text: str


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """`/comments/…`."""
    route(app, parts, "/comments/<path:name>", write_comment)


async def write_comment(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """To the form of a reply to the newest message about the page, which is posted if there is none yet.

    Raises SignInNeeded, BadPageName, PageNotFound, NotHere where the wiki's changes are no room.
    """
    canonical = named(request, name, "/comments")
    visitor = await reader_of_pages(parts, request)
    signed_in(visitor)
    page = await parts.pages.page(canonical)
    if not parts.settings.has_changes_room:
        raise NotHere
    number = await parts.database.read(newest_message, page.id)
    if number is None:
        number = await _posted(parts, page)
    return see_other(f"{PATH}/{number}/reply")


async def _posted(parts: WikiParts, page: Page) -> int:
    """Pages that have not changed since there is the room have no message in it. Raises NotHere."""
    database, names = parts.database, change_names(parts)
    await database.transact(post_newest, page.id)
    for _ in range(_STEPS):
        await database.transact(post_changes, names, parts.policy, parts.now())
        number = await database.read(newest_message, page.id)
        if number is not None:
            return number
    raise NotHere


async def comments_of(parts: WikiParts, page: Page) -> Sequence[ShownComment]:
    """The newest comments, in the order in which they came. Raises StoreUnavailable, StatementTimedOut."""
    if not page.comments_state:
        return ()
    lines = await parts.database.read(list_comments, page.id)
    bodies = await parts.bodies.load([line.message_id for line in lines if line.size_octets <= READ_OCTETS])
    return [ShownComment(line, _beginning(bodies.get(line.message_id)) or line.subject) for line in lines]


def change_names(parts: WikiParts) -> ChangeNames:
    """The names in the messages about changes."""
    return ChangeNames(parts.names.hostname, parts.names.mail_domain, site_url(parts.settings))


def _beginning(octets: bytes | None) -> str:
    texts = () if octets is None else [text.text for text in read_message(octets).texts if not text.is_html]
    written: list[str] = []
    for line in "\n".join(texts).split("\n"):
        if line == "-- ":
            break
        if not line.startswith(">") and not line.endswith((" wrote:", " schrieb:")):
            written.append(line)
    words = " ".join(" ".join(written).split())
    return words if len(words) <= SHOWN_CHARACTERS else words[: SHOWN_CHARACTERS - 1] + "…"
