"""Deleting a page: its history stays, and it may be undeleted or written anew."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.wiki.changes import record_change
from shared.wiki.channel import PageChanged
from shared.wiki.errors import MayNotDelete
from shared.wiki.lock_page import lock_present_page
from shared.wiki.page import Author
from shared.wiki.page_text import forget_text
from shared.wiki.policy import WikiPolicy, check_writing, is_member, is_moderator

_BY_OTHERS = """
    SELECT EXISTS (SELECT FROM page_change WHERE page_id = %s AND source IS NOT NULL AND account_id IS DISTINCT FROM %s)
"""
_DELETE = "UPDATE page SET deleted_at = now() WHERE id = %s"


def delete_page(
    tx: Transaction, name: str, author: Author, policy: WikiPolicy, comment: str = "", door: str = ""
) -> None:
    """Delete the page. Moderators and admins may, and a member who alone has written it.

    Announces PageChanged. Raises PageNotFound, MayNotDelete, MayNotWrite.
    """
    page = lock_present_page(tx, name)
    check_deleting(tx, page.id, author)
    check_writing(policy, author, page.writers)
    tx.execute_with_next(_DELETE, (page.id,))
    forget_text(tx, page.id)
    record_change(tx, page.id, "deleted", name, page.revision, author, comment, door)
    tx.announce(PageChanged(name, page.revision, arrival=True))


def check_deleting(tx: Transaction, page_id: int, author: Author) -> None:
    """Raises MayNotDelete."""
    account = author.account
    if is_moderator(account):
        return
    if account is None or not is_member(account) or tx.value(_BY_OTHERS, (page_id, account.id)):
        raise MayNotDelete(
            "moderators delete pages, and members those that nobody else has written", sign_in_helps=account is None
        )
