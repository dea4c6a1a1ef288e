"""The history of pages by REST: revisions, differences, changes of all pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from services.wiki.calls.caller import Caller
from services.wiki.calls.errors import WrongArguments
from services.wiki.calls.read_pages import find_page, may_read, text_of
from services.wiki.calls.results import PageRevision, PageText
from services.wiki.rest.cursor import cursor_of, place_of
from services.wiki.rest.endpoint import Endpoint, Query
from services.wiki.rest.lists import CURSOR, LIMIT
from services.wiki.rest.result import RestAsked, Result, tag
from shared.wiki.diff import unified_diff
from shared.wiki.history import page_history
from shared.wiki.name import page_name

DIFF = "text/x-diff"


class RevisionList(NamedTuple):
    """Some revisions of a page, the newest first; `next` is the cursor of older ones, null at the end."""

    revisions: Sequence[PageRevision]
    next: str | None


class PageDifference(NamedTuple):
    """What changed between two revisions of a page, as a unified diff."""

    name: str
    older: int
    newer: int
    diff: str


async def list_revisions(caller: Caller, asked: RestAsked) -> Result:
    """The revisions of a page."""
    may_read(caller)
    before = place_of(asked.query["cursor"], int)[0] if asked.query["cursor"] else None
    most = asked.query["limit"]
    lines = await caller.parts.database.read(page_history, page_name(asked.path["name"]), before, most)
    revisions = [
        PageRevision(
            line.revision, line.author, line.author_name or line.author, line.comment, line.minor, line.merged,
            line.saved_at,
        )
        for line in lines
    ]  # fmt: skip
    return Result(RevisionList(revisions, cursor_of(revisions[-1].revision) if len(revisions) == most else None))


async def read_revision(caller: Caller, asked: RestAsked) -> Result:
    """A revision of a page; it never changes."""
    page = await find_page(caller, asked.path["name"], number_in(asked, "revision"))
    return Result(text_of(page), fields={b"etag": tag(page.revision)})


async def read_difference(caller: Caller, asked: RestAsked) -> Result:
    """The difference of two revisions."""
    newest = await find_page(caller, asked.path["name"])
    newer = asked.query["to"] or newest.revision
    older = asked.query["from"] or max(1, newer - 1)
    one = await find_page(caller, newest.name, older)
    other = newest if newer == newest.revision else await find_page(caller, newest.name, newer)
    diff = unified_diff(one.source, other.source)
    if DIFF in asked.accept:
        return Result(octets=diff.encode(), media=f"{DIFF}; charset=utf-8")
    return Result(PageDifference(newest.name, older, newer, diff))


def number_in(asked: RestAsked, name: str) -> int:
    """A number in the path. Raises WrongArguments."""
    text = asked.path[name]
    if not text.isascii() or not text.isdigit() or len(text) > 18 or int(text) == 0:
        raise WrongArguments(f"the {name} is a number from 1")
    return int(text)


FROM = Query("from", int, "The older revision; the one before `to`, if it is not said.", least=1)
TO = Query("to", int, "The newer revision; the newest, if it is not said.", least=1)
ENDPOINTS: Sequence[Endpoint] = (
    Endpoint("GET", "/pages/{name}/revisions", "listRevisions", "List the revisions of a page, the newest first.",
             list_revisions, RevisionList, (LIMIT, CURSOR)),
    Endpoint("GET", "/pages/{name}/revisions/{revision}", "readRevision", "Read a revision of a page.", read_revision,
             PageText),
    Endpoint("GET", "/pages/{name}/diff", "comparePage", "Compare two revisions of a page.", read_difference,
             PageDifference, (FROM, TO), media=(DIFF,)),
)  # fmt: skip
