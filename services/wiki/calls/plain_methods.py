"""The plain methods, with names that need no prefix: the same in XML-RPC, SOAP and Perspective Broker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.wiki.calls.caller import Caller
from services.wiki.calls.list_pages import all_needed, all_pages
from services.wiki.calls.method import Method, table_of
from services.wiki.calls.read_pages import find_page, html_of, is_page, may_read, text_of
from services.wiki.calls.results import FoundPage, PageRevision, PageText, SavedPage
from services.wiki.calls.save_pages import delete, save
from shared.wiki.errors import PageNotFound
from shared.wiki.history import page_history
from shared.wiki.name import page_name
from shared.wiki.search_pages import search_pages

MOST_HISTORY = 100
MOST_FOUND = 50


async def echo(_caller: Caller, message: str) -> str:
    """Say what was said: `You said: cheese`. For trying a client out."""
    return f"You said: {message}"


async def list_names(caller: Caller) -> Sequence[str]:
    """The names of all pages, sorted."""
    return [line.name for line in await all_pages(caller)]


async def has_page(caller: Caller, path: str) -> bool:
    """Whether there is a page of that name."""
    return await is_page(caller, path)


async def get_page(caller: Caller, path: str) -> str:
    """The source of a page; empty if there is none. readPage tells the two apart."""
    try:
        return (await find_page(caller, path)).source
    except PageNotFound:
        return ""


async def get_rendered_page(caller: Caller, path: str) -> str:
    """A page as an HTML fragment, its links made; empty if there is none."""
    try:
        return await html_of(caller, await find_page(caller, path))
    except PageNotFound:
        return ""


async def read_page(caller: Caller, path: str, revision: int | None = None) -> PageText:
    """A page with its revision, author and source; its newest revision, or the one asked for."""
    return text_of(await find_page(caller, path, revision))


async def set_page(
    caller: Caller, path: str, data: str, base: int | None = None, comment: str = "", minor: bool = False
) -> None:
    """Save a page. `base`: the revision that was edited; others' changes since are merged, or refused with a diff."""
    await save(caller, path, data, base=base, comment=comment, minor=minor)


async def save_page(
    caller: Caller, path: str, data: str, base: int | None = None, comment: str = "", minor: bool = False
) -> SavedPage:
    """As setPage; tells the new revision, and whether another's change was merged into it."""
    saved = await save(caller, path, data, base=base, comment=comment, minor=minor)
    return SavedPage(saved.name, saved.revision, saved.created, saved.merged, saved.changed)


async def delete_page(caller: Caller, path: str) -> bool:
    """Delete a page, for moderators, admins, and a member who alone has written it; its history stays. Always true."""
    await delete(caller, path)
    return True


async def list_needed_pages(caller: Caller) -> Sequence[str]:
    """The names of pages that are linked to and not there, each once, most wanted first."""
    return [needed.name for needed in await all_needed(caller)]


async def page_revisions(caller: Caller, path: str, before: int | None = None) -> Sequence[PageRevision]:
    """The revisions of a page, the newest first: 100 at most, those before a revision if one is told."""
    may_read(caller)
    lines = await caller.parts.database.read(page_history, page_name(path), before, MOST_HISTORY)
    return [
        PageRevision(
            line.revision, line.author, line.author_name or line.author, line.comment, line.minor, line.merged,
            line.saved_at,
        )
        for line in lines
    ]  # fmt: skip


async def find_pages(caller: Caller, words: str) -> Sequence[FoundPage]:
    """The pages that have all the words, best first: 50 at most."""
    may_read(caller)
    hits = await caller.parts.database.read(search_pages, words, MOST_FOUND)
    return [FoundPage(hit.name, hit.title, hit.snippet, hit.saved_at) for hit in hits]


READING: Mapping[str, Method] = table_of(
    {
        "echo": echo,
        "listPages": list_names,
        "hasPage": has_page,
        "getPage": get_page,
        "getRenderedPage": get_rendered_page,
        "readPage": read_page,
        "listNeededPages": list_needed_pages,
        "pageHistory": page_revisions,
        "searchPages": find_pages,
    }
)
WRITING: Mapping[str, Method] = table_of({"setPage": set_page, "savePage": save_page})
DELETING: Mapping[str, Method] = table_of({"deletePage": delete_page})
PLAIN: Mapping[str, Method] = {**READING, **WRITING, **DELETING}
