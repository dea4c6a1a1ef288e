"""The pages in the store for one account: operations in a transaction, by the account's rights of that moment.

All raise AccountNotFound and AccountShutOut; those that read MayNotReadPages.
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.accounts.account import Account
from shared.accounts.find_account import find_account_by_id
from shared.administration.errors import AccountShutOut
from shared.administration.pages import POLICY
from shared.database.transaction import Transaction
from shared.wiki.delete_page import delete_page
from shared.wiki.errors import PageNotFound
from shared.wiki.list_pages import PageLine, list_pages, page_line
from shared.wiki.page import Author, Page
from shared.wiki.policy import check_reading, check_writing
from shared.wiki.read_page import read_page
from shared.wiki.rename_page import rename_page
from shared.wiki.save_page import Edit, Saved, save_page

DOOR = "sftp"


def account_now(tx: Transaction, account_id: int) -> Account:
    """The account as it is now."""
    account = find_account_by_id(tx, account_id)
    if not account.enabled:
        raise AccountShutOut(account.name)
    return account


def line_of(tx: Transaction, account_id: int, name: str) -> PageLine | None:
    """The page's line in a list; None if there is no such page."""
    check_reading(POLICY, account_now(tx, account_id))
    return page_line(tx, name)


def lines(tx: Transaction, account_id: int, after: str, prefix: str, most: int) -> Sequence[PageLine]:
    """Pages by name, behind the name `after`."""
    check_reading(POLICY, account_now(tx, account_id))
    return list_pages(tx, after, most, prefix)


def read(tx: Transaction, account_id: int, name: str) -> Page | None:
    """The page as it is now; None if there is none."""
    check_reading(POLICY, account_now(tx, account_id))
    return _find(tx, name)


def read_to_write(tx: Transaction, account_id: int, name: str) -> Page | None:
    """The same, for who may write it. Raises MayNotWrite."""
    author = Author(account_now(tx, account_id))
    page = _find(tx, name)
    check_writing(POLICY, author, None if page is None else page.writers)
    return page


def save(tx: Transaction, account_id: int, name: str, source: str, base: int | None) -> Saved:
    """Raises as save_page() does."""
    return save_page(tx, Edit(name, source, Author(account_now(tx, account_id)), base=base, door=DOOR), POLICY)


def delete(tx: Transaction, account_id: int, name: str) -> None:
    """Raises as delete_page() does."""
    delete_page(tx, name, Author(account_now(tx, account_id)), POLICY, door=DOOR)


def rename(tx: Transaction, account_id: int, name: str, new_name: str) -> None:
    """Raises as rename_page() does."""
    rename_page(tx, name, new_name, Author(account_now(tx, account_id)), POLICY, door=DOOR)


def _find(tx: Transaction, name: str) -> Page | None:
    try:
        return read_page(tx, name)
    except PageNotFound:
        return None
