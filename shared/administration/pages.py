"""Pages of the wiki: shown, written, listed, with their histories, and taken back to a revision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.accounts.account import COLUMNS, Account, account_of
from shared.accounts.find_account import find_account
from shared.administration.errors import NoAdmin
from shared.database.transaction import Transaction
from shared.wiki import list_pages as listing
from shared.wiki.history import RevisionLine, page_history
from shared.wiki.list_pages import PageLine
from shared.wiki.name import page_name
from shared.wiki.page import Author, Page
from shared.wiki.policy import WikiPolicy, check_reading
from shared.wiki.read_page import read_page
from shared.wiki.save_page import Edit, Saved, save_page

# Whatever the web site allows to strangers: who comes here has an account.
POLICY = WikiPolicy(reading="members", writing="members")
DOOR = "command line"
_SLICE = 1000  # pages that are read together


def writer(tx: Transaction, name: str | None = None) -> Account:
    """The account `name`; without one the oldest administrator. Raises AccountNotFound, NoAdmin."""
    if name is not None:
        return find_account(tx, name)
    row = tx.row(f"SELECT {COLUMNS} FROM account WHERE role = 'admin' AND enabled ORDER BY id LIMIT 1")
    if row is None:
        raise NoAdmin
    return account_of(row)


def show(tx: Transaction, reader: str | None, name: str, revision: int | None = None) -> Page:
    """The page. Raises BadPageName, PageNotFound, RevisionNotFound, MayNotReadPages."""
    check_reading(POLICY, writer(tx, reader))
    return read_page(tx, page_name(name), revision)


def list_all(tx: Transaction, reader: str | None, prefix: str = "") -> Sequence[PageLine]:
    """All pages whose names begin so, by name. Raises MayNotReadPages."""
    check_reading(POLICY, writer(tx, reader))
    return list(_all(tx, prefix))


def history(tx: Transaction, reader: str | None, name: str, most: int = 100) -> Sequence[RevisionLine]:
    """The newest `most` revisions. Raises BadPageName, PageNotFound, MayNotReadPages."""
    check_reading(POLICY, writer(tx, reader))
    return page_history(tx, page_name(name), most=most)


def put(
    tx: Transaction,
    author: str | None,
    name: str,
    source: str,
    *,
    comment: str = "",
    minor: bool = False,
    base: int | None = None,
    only_new: bool = False,
) -> Saved:
    """Save the page as `author`. `base`: the revision that was edited; changes since are merged.

    Raises as save_page() does.
    """
    by = Author(writer(tx, author))
    edit = Edit(name, source, by, comment, minor, base, only_new=only_new, door=DOOR)
    return save_page(tx, edit, POLICY)


def revert(tx: Transaction, author: str | None, name: str, revision: int) -> Saved:
    """Save the text of `revision` again, as the newest. Raises as show() and save_page() do."""
    page = show(tx, author, name, revision)
    return put(tx, author, page.name, page.source, comment=f"back to revision {revision}")


def _all(tx: Transaction, prefix: str) -> Iterator[PageLine]:
    after = ""
    while pages := listing.list_pages(tx, after, _SLICE, prefix):
        yield from pages
        after = pages[-1].name
