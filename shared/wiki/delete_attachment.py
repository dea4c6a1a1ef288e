"""Deleting an attachment: its revisions stay, and it may be attached again."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.wiki.changes import record_change
from shared.wiki.channel import PageChanged
from shared.wiki.errors import AttachmentNotFound, MayNotDelete
from shared.wiki.lock_page import lock_present_page
from shared.wiki.page import Author
from shared.wiki.policy import WikiPolicy, check_writing, is_member, is_moderator

_BY_OTHERS = """
    SELECT bool_or(account_id IS DISTINCT FROM %s) FROM page_file
    JOIN page_file_revision ON file_id = page_file.id
    WHERE page_id = %s AND name = %s AND deleted_at IS NULL
"""
_DELETE = "UPDATE page_file SET deleted_at = now() WHERE page_id = %s AND name = %s"


def delete_attachment(
    tx: Transaction, page: str, name: str, author: Author, policy: WikiPolicy, comment: str = "", door: str = ""
) -> None:
    """Moderators and admins may, and a member who alone has attached it.

    Announces PageChanged. Raises PageNotFound, AttachmentNotFound, MayNotDelete, MayNotWrite.
    """
    locked = lock_present_page(tx, page)
    by_others = tx.value(_BY_OTHERS, (author.account_id, locked.id, name))
    if by_others is None:
        raise AttachmentNotFound(name)
    account = author.account
    if not is_moderator(account) and (by_others or not is_member(account)):
        raise MayNotDelete(
            "moderators delete files, and members those that nobody else has attached", sign_in_helps=account is None
        )
    check_writing(policy, author, locked.writers)
    tx.execute_with_next(_DELETE, (locked.id, name))
    record_change(tx, locked.id, "detached", page, locked.revision, author, comment or name, door)
    tx.announce(PageChanged(page, locked.revision))
