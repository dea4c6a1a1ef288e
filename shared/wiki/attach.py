"""Attaching a file to a page: a file of the same name gets a new revision."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from struct import Struct

from shared.database.transaction import Transaction
from shared.wiki.attachment import (
    MOST_FILE_OCTETS,
    MOST_FILES,
    PIECE_OCTETS,
    PageFile,
    file_name,
)
from shared.wiki.attachments_of import find_attachment
from shared.wiki.changes import record_change
from shared.wiki.channel import PageChanged
from shared.wiki.errors import AttachmentTooLarge, TooManyAttachments
from shared.wiki.lock_page import lock_present_page
from shared.wiki.page import Author, one_line
from shared.wiki.policy import WikiPolicy, check_writing

LONGEST_MEDIA_TYPE = 200
_COUNT = "SELECT count(*) FROM page_file WHERE page_id = %s AND name <> %s"
_FILE = """
    INSERT INTO page_file (page_id, name, revision) VALUES (%s, %s, 1)
    ON CONFLICT (page_id, name) DO UPDATE SET revision = page_file.revision + 1, deleted_at = NULL
    RETURNING id, revision
"""
_REVISION = """
    INSERT INTO page_file_revision (file_id, account_id, revision, octets, media_type, author, comment, digest)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
"""
_INT4, _INT8 = Struct(">i"), Struct(">q")


def attach(
    tx: Transaction,
    page: str,
    name: str,
    media_type: str,
    octets: bytes,
    author: Author,
    policy: WikiPolicy,
    comment: str = "",
    door: str = "",
) -> PageFile:
    """Attach a file to the page, which is there. Who may write the page may attach to it.

    Announces PageChanged. Raises PageNotFound, MayNotWrite, BadFileName, AttachmentTooLarge, TooManyAttachments.
    """
    name = file_name(name)
    if len(octets) > MOST_FILE_OCTETS:
        raise AttachmentTooLarge(MOST_FILE_OCTETS)
    locked = lock_present_page(tx, page)
    check_writing(policy, author, locked.writers)
    if tx.value(_COUNT, (locked.id, name)) >= MOST_FILES:
        raise TooManyAttachments(f"a page has at most {MOST_FILES} files")
    row = tx.row(_FILE, (locked.id, name))
    assert row is not None
    file_id, revision = row
    kind = one_line(media_type)[:LONGEST_MEDIA_TYPE] or "application/octet-stream"
    values = (
        file_id, author.account_id, revision, len(octets), kind, author.shown, one_line(comment),
        sha256(octets).digest(),
    )  # fmt: skip
    tx.copy_in("page_file_piece (revision_id, piece, octets)", _pieces(tx.value(_REVISION, values), octets))
    record_change(tx, locked.id, "attached", page, locked.revision, author, comment or name, door)
    tx.announce(PageChanged(page, locked.revision))
    return find_attachment(tx, page, name)


def _pieces(revision_id: int, octets: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    for piece, begin in enumerate(range(0, len(octets), PIECE_OCTETS)):
        yield _INT8.pack(revision_id), _INT4.pack(piece), octets[begin : begin + PIECE_OCTETS]
