"""The attachments of a page, and the revisions of one."""

from __future__ import annotations

from collections.abc import Sequence

from shared.database.transaction import Transaction
from shared.wiki.attachment import COLUMNS, TABLES, PageFile, attachment_from
from shared.wiki.errors import AttachmentNotFound
from shared.wiki.read_page import MOST_REVISION

_THERE = "page.name = %s AND page.deleted_at IS NULL AND page_file.deleted_at IS NULL"
_NEWEST = "page_file_revision.revision = page_file.revision"
_ALL = f"SELECT {COLUMNS} FROM {TABLES} WHERE {_THERE} AND {_NEWEST} AND page_file.name > %s ORDER BY 3 LIMIT %s"
_ONE = f"SELECT {COLUMNS} FROM {TABLES} WHERE {_THERE} AND {_NEWEST} AND page_file.name = %s"
_REVISION = f"""
    SELECT {COLUMNS} FROM {TABLES}
    WHERE page.name = %s AND page.deleted_at IS NULL AND page_file.name = %s AND page_file_revision.revision = %s
"""
_HISTORY = f"""
    SELECT {COLUMNS} FROM {TABLES} WHERE page.name = %s AND page_file.name = %s
    ORDER BY page_file_revision.revision DESC LIMIT %s
"""


def attachments_of(tx: Transaction, page: str, after: str = "", most: int = 1000) -> Sequence[PageFile]:
    """The newest revision of each file of the page, behind the name `after`; none of a page that is missing."""
    return [attachment_from(row) for row in tx.rows(_ALL, (page, after, most))]


def find_attachment(tx: Transaction, page: str, name: str, revision: int | None = None) -> PageFile:
    """The newest revision of the file, or one that is asked for, of a deleted file too. Raises AttachmentNotFound."""
    if revision is None:
        row = tx.row(_ONE, (page, name))
    else:
        row = tx.row(_REVISION, (page, name, revision)) if 0 < revision <= MOST_REVISION else None
    if row is None:
        raise AttachmentNotFound(name)
    return attachment_from(row)


def attachment_history(tx: Transaction, page: str, name: str, most: int = 100) -> Sequence[PageFile]:
    """The revisions of the file, newest first; those of a deleted file, too. Raises AttachmentNotFound."""
    rows = tx.rows(_HISTORY, (page, name, most))
    if not rows:
        raise AttachmentNotFound(name)
    return [attachment_from(row) for row in rows]
