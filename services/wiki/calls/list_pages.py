"""Whole lists, put together from as many questions to the store as they take, each bounded."""

from __future__ import annotations

from collections.abc import Sequence

from services.wiki.calls.caller import Caller
from services.wiki.calls.read_pages import may_read
from shared.wiki.list_pages import PageLine, list_pages
from shared.wiki.needed_pages import Needed, needed_pages

LIST_AT_A_TIME = 1000  # lines in one question to the store
MOST_LISTED = 100_000  # lines of one answer, some megabytes; REST goes on behind them by cursor


async def all_pages(caller: Caller) -> Sequence[PageLine]:
    """The pages, sorted by name; the first 100,000. Raises MayNotReadPages, StoreUnavailable."""
    may_read(caller)
    found: list[PageLine] = []
    after = ""
    while len(found) < MOST_LISTED:
        lines = await caller.parts.database.read(list_pages, after, LIST_AT_A_TIME)
        found += lines
        if len(lines) < LIST_AT_A_TIME:
            break
        after = lines[-1].name
    return found


async def all_needed(caller: Caller) -> Sequence[Needed]:
    """What is linked to and not there, most wanted first, then by name; the first 1,000."""
    may_read(caller)
    return await caller.parts.database.read(needed_pages, most=LIST_AT_A_TIME)
