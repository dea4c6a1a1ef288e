"""Reading pages: whether a caller may, and what the store has."""

from __future__ import annotations

from services.wiki.calls.caller import Caller
from services.wiki.calls.results import PageText
from shared.wiki.name import page_name
from shared.wiki.page import Page
from shared.wiki.policy import check_reading
from shared.wiki.read_page import has_page, read_page


def may_read(caller: Caller) -> None:
    """Raises MayNotReadPages where members read and the caller is none."""
    check_reading(caller.parts.policy, caller.account)


async def find_page(caller: Caller, name: str, revision: int | None = None) -> Page:
    """The newest revision of a page, or the one asked for.

    Raises MayNotReadPages, BadPageName, PageNotFound, RevisionNotFound, StoreUnavailable.
    """
    may_read(caller)
    canonical = page_name(name)
    if revision is None:
        return await caller.parts.reads.read(canonical)
    return await caller.parts.database.read(read_page, canonical, revision)


async def is_page(caller: Caller, name: str) -> bool:
    """Whether there is such a page. Raises MayNotReadPages, BadPageName, StoreUnavailable."""
    may_read(caller)
    return await caller.parts.database.read(has_page, page_name(name))


async def html_of(caller: Caller, page: Page) -> str:
    """The page as an HTML fragment, sanitised."""
    return (await caller.parts.renderer.page_html(page)).html


def text_of(page: Page) -> PageText:
    """The page as programs get it."""
    return PageText(
        page.name,
        page.revision,
        page.source,
        page.author,
        page.author_name or page.author,
        page.comment,
        page.minor,
        page.merged,
        page.saved_at,
    )
