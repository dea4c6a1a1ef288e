"""`search@`: the first result for the words of the Subject, and the addresses of four more."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple
from urllib.parse import quote

from shared.folders.bodies import load_bodies
from shared.robots.answer import AnswerPart, RobotAnswer
from shared.robots.parts import RobotParts
from shared.robots.query import RobotQuery
from shared.robots.robot import Work, says
from shared.rooms.reading.article_line import ArticleLine
from shared.rooms.search.search_articles import search_articles
from shared.wiki.name import page_path
from shared.wiki.policy import may_read_pages
from shared.wiki.read_page import read_page
from shared.wiki.search_pages import search_pages

MOST_HITS = 5
INDEXING_SECONDS = 1.0  # of messages that came lately; of more, those that are not indexed yet are not found
MOST_ATTACHED_OCTETS = 5 << 20  # a larger page or message is only named: a mailbox has a quota

USAGE = """\
Write the words that you look for into the Subject, for example

    Subject: marmalade recipe

The answer has the first page or message with all of them, and the addresses of four more.
What stands in the text of the message does not matter.
"""


class _Hit(NamedTuple):
    title: str
    url: str
    page: str | None = None  # its name
    line: ArticleLine | None = None  # of a message


async def answer_search(parts: RobotParts, query: RobotQuery) -> Work:
    """Pages come first, then messages of rooms; a stranger finds what everybody may read."""
    words = query.subject
    if not words:
        return says(RobotAnswer("How to search", USAGE))
    hits = await _hits(parts, query, words)
    if not hits:
        return says(RobotAnswer(f"No result for '{words}'", f"There is no result for '{words}'.\n\n{USAGE}"))
    first, *others = hits
    text = f"The first result for '{words}' is:\n\n{first.url}\n"
    if others:
        text += "\nOther results:\n" + "".join(f"\n{hit.title}\n{hit.url}\n" for hit in others)
    attached = await _attached(parts, first)
    if attached is None:
        text += "\nIt is too large to be attached.\n"
    return says(RobotAnswer(f"First result for '{words}'", text, () if attached is None else (attached,)))


async def _hits(parts: RobotParts, query: RobotQuery, words: str) -> Sequence[_Hit]:
    hits: list[_Hit] = []
    if may_read_pages(parts.policy, query.account):
        for page in await parts.database.read(search_pages, words, MOST_HITS):
            hits.append(_Hit(page.title, parts.site_url + page_path(page.name), page=page.name))
    if len(hits) < MOST_HITS:
        known = await parts.directory.rooms()
        rooms = {room.folder_id: room.name for room in known.readable_by(known.reader(query.account))}
        await parts.indexing.catch_up(INDEXING_SECONDS)
        found = await parts.database.read(search_articles, words, list(rooms), 2 * MOST_HITS)
        by_message = {hit.line.message_id: hit for hit in reversed(found)}  # a crosspost is one message
        for hit in list(reversed(by_message.values()))[: MOST_HITS - len(hits)]:
            room = rooms[hit.folder_id]
            url = f"{parts.site_url}/rooms/{quote(room)}/{hit.line.uid}"
            hits.append(_Hit(f"{hit.line.subject or '(no subject)'} ({room})", url, line=hit.line))
    return hits


async def _attached(parts: RobotParts, hit: _Hit) -> AnswerPart | None:
    """The page as HTML, or the message byte for byte; None if it is too large."""
    if hit.page is not None:
        page = await parts.database.read(read_page, hit.page)
        shown = await parts.renderer.page_html(page)
        html = (
            f'<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n<title>{escape(shown.title)}</title>\n'
            f'<base href="{escape(hit.url)}">\n</head>\n<body>\n{shown.html}\n</body>\n</html>\n'
        ).encode("utf-8", "replace")
        if len(html) > MOST_ATTACHED_OCTETS:
            return None
        return AnswerPart("text/html; charset=utf-8", html, (f"Content-Location: {hit.url}",))
    line = hit.line
    assert line is not None
    if line.size_octets > MOST_ATTACHED_OCTETS:
        return None
    octets = await parts.database.read(lambda tx: dict(load_bodies(tx, [line.message_id])).get(line.message_id))
    return None if octets is None else AnswerPart("message/rfc822", octets, (f"Content-Location: {hit.url}",))
