"""The watch list of an account: the pages whose changes it follows."""

from __future__ import annotations

from collections.abc import Sequence

from shared.database.transaction import Transaction
from shared.wiki.errors import PageNotFound, TooManyWatches
from shared.wiki.page import FULL_NAME
from shared.wiki.recent_changes import Change

MOST_WATCHES = 10_000  # of one account
_WATCH = """
    INSERT INTO page_watch (account_id, page_id) SELECT %s, id FROM page WHERE name = %s AND deleted_at IS NULL
    ON CONFLICT (account_id, page_id) DO UPDATE SET since = page_watch.since
"""
_UNWATCH = "DELETE FROM page_watch USING page WHERE page.id = page_id AND page_watch.account_id = %s AND name = %s"
_WATCHED = """
    SELECT name FROM page_watch JOIN page ON page.id = page_id
    WHERE page_watch.account_id = %s AND name > %s ORDER BY name LIMIT %s
"""
_IS_WATCHED = """
    SELECT EXISTS (SELECT FROM page_watch JOIN page ON page.id = page_id
        WHERE page_watch.account_id = %s AND name = %s)
"""
_CHANGES = f"""
    SELECT page_change.id, page.name, page_change.revision, page_change.kind, page_change.octets,
        page_change.changed_at, page_change.author, {FULL_NAME}, page_change.comment, page_change.minor,
        page_change.merged, page_change.door, page.deleted_at IS NULL
    FROM page_watch JOIN page ON page.id = page_watch.page_id
    JOIN page_change ON page_change.page_id = page.id
    LEFT JOIN account ON account.id = page_change.account_id
    WHERE page_watch.account_id = %s ORDER BY page_change.changed_at DESC, page_change.id DESC LIMIT %s
"""


def watch_page(tx: Transaction, account_id: int, name: str) -> None:
    """Follow the page, also under another name. Raises PageNotFound, TooManyWatches."""
    if tx.value("SELECT count(*) FROM page_watch WHERE account_id = %s", (account_id,)) >= MOST_WATCHES:
        raise TooManyWatches(f"at most {MOST_WATCHES} pages are watched")
    if not tx.execute(_WATCH, (account_id, name)):
        raise PageNotFound(name)


def unwatch_page(tx: Transaction, account_id: int, name: str) -> None:
    """Follow it no more; nothing happens if it was not followed."""
    tx.execute(_UNWATCH, (account_id, name))


def is_watched(tx: Transaction, account_id: int, name: str) -> bool:
    """Whether the account watches the page."""
    return bool(tx.value(_IS_WATCHED, (account_id, name)))


def watched_pages(tx: Transaction, account_id: int, after: str = "", most: int = 1000) -> Sequence[str]:
    """The names of the pages that the account watches, behind `after`."""
    return [name for (name,) in tx.rows(_WATCHED, (account_id, after, most))]


def watched_changes(tx: Transaction, account_id: int, most: int = 100) -> Sequence[Change]:
    """The newest changes of the pages that the account watches."""
    return [Change(*row) for row in tx.rows(_CHANGES, (account_id, most))]
