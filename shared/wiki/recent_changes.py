"""Recent changes: what happened to all pages, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.wiki.page import FULL_NAME

_CHANGES = f"""
    SELECT page_change.id, page.name, page_change.revision, page_change.kind, page_change.octets,
        page_change.changed_at, page_change.author, {FULL_NAME}, page_change.comment, page_change.minor,
        page_change.merged, page_change.door, page.deleted_at IS NULL
    FROM page_change JOIN page ON page.id = page_id LEFT JOIN account ON account.id = page_change.account_id
    WHERE {{which}} ORDER BY page_change.changed_at DESC, page_change.id DESC LIMIT %(most)s
"""
_SINCE = "page_change.changed_at >= %(since)s"
_BEFORE = """
    (page_change.changed_at, page_change.id) < (
        SELECT last.changed_at, last.id FROM page_change AS last WHERE last.id = %(before)s
    )
"""
_BY = "page_change.author = %(author)s"


class Change(NamedTuple):
    """One change of a page: a save (`created`, `edited`), or another kind, which makes no revision."""

    id: int
    name: str  # the page's name now
    revision: int
    kind: str  # created, edited, deleted, undeleted, renamed, attached, detached
    octets: int  # of the source; 0 where there is none
    saved_at: datetime
    author: str
    author_name: str
    comment: str
    minor: bool
    merged: bool
    door: str
    is_there: bool  # the page was not deleted since


def recent_changes(
    tx: Transaction,
    before: int | None = None,
    since: datetime | None = None,
    most: int = 100,
    *,
    author: str | None = None,
) -> Sequence[Change]:
    """The changes that came before the one with the id `before`, and not before the time `since`; of one author."""
    asked = [(_BEFORE, before), (_SINCE, since), (_BY, author)]
    which = " AND ".join(condition for condition, value in asked if value is not None) or "true"
    rows = tx.rows(_CHANGES.format(which=which), {"before": before, "since": since, "author": author, "most": most})
    return [Change(*row) for row in rows]
