"""The rights of a page: who may write it, where that is not as for the whole wiki."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.wiki.channel import PageChanged
from shared.wiki.errors import MayNotWrite
from shared.wiki.lock_page import lock_present_page
from shared.wiki.page import Author
from shared.wiki.policy import Writers, is_moderator

_SET = "UPDATE page SET writers = %s WHERE id = %s"


def set_writers(tx: Transaction, name: str, writers: Writers | None, author: Author) -> None:
    """Say who writes the page; None: as the wiki's policy is. Moderators may, and admins.

    Announces PageChanged. Raises PageNotFound, MayNotWrite.
    """
    page = lock_present_page(tx, name)
    if not is_moderator(author.account):
        raise MayNotWrite("moderators say who writes a page", sign_in_helps=author.account is None)
    tx.execute_with_next(_SET, (None if writers is None else writers.value, page.id))
    tx.announce(PageChanged(name, page.revision))
