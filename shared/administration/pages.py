"""Pages of the wiki: shown, written, listed, with their histories, and taken back to a revision; deleted, renamed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256

from shared.accounts.account import COLUMNS, Account, account_of
from shared.accounts.find_account import find_account
from shared.administration.errors import NoAdmin
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.wiki import list_pages as listing
from shared.wiki.attach import attach
from shared.wiki.attachment import PageFile
from shared.wiki.attachments_of import attachments_of
from shared.wiki.bring_revisions import Brought, OldRevision, bring_revisions
from shared.wiki.bring_revisions import brought_so_far as newest_brought
from shared.wiki.delete_page import delete_page
from shared.wiki.diff import unified_diff
from shared.wiki.history import RevisionLine, page_history
from shared.wiki.list_pages import PageLine
from shared.wiki.name import page_name
from shared.wiki.needed_pages import Needed, needed_pages
from shared.wiki.orphans import orphans
from shared.wiki.page import Author, Page
from shared.wiki.policy import WikiPolicy, Writers, check_reading
from shared.wiki.read_attachment import read_attachment
from shared.wiki.read_page import read_page
from shared.wiki.recent_changes import Change, recent_changes
from shared.wiki.rename_page import rename_page
from shared.wiki.rights import set_writers
from shared.wiki.save_page import Edit, Saved, save_page, save_pages
from shared.wiki.search_pages import Hit, search_pages
from shared.wiki.undelete_page import undelete_page

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


def put_all(
    tx: Transaction, author: str | None, sources: Iterable[tuple[str, str, int | None]], comment: str = ""
) -> Sequence[Saved | DomainError]:
    """Save many pages: name, source and base of each. What became of each, in order."""
    by = Author(writer(tx, author))
    edits = [Edit(name, source, by, comment, base=base, door=DOOR) for name, source, base in sources]
    return save_pages(tx, edits, POLICY)


def brought_so_far(tx: Transaction, name: str) -> Brought | None:
    """How far a page of another wiki is here; None: its history cannot go on. Raises BadPageName."""
    return newest_brought(tx, name)


def bring_history(tx: Transaction, name: str, revisions: Sequence[OldRevision], behind: int) -> int:
    """The page's revision after `revisions` have gone behind revision `behind`. Raises as bring_revisions() does."""
    return bring_revisions(tx, name, revisions, behind, DOOR)


def delete(tx: Transaction, author: str | None, name: str, comment: str = "") -> str:
    """The name of the page that was deleted. Raises BadPageName, PageNotFound, MayNotDelete."""
    name = page_name(name)
    delete_page(tx, name, Author(writer(tx, author)), POLICY, comment, DOOR)
    return name


def undelete(tx: Transaction, author: str | None, name: str) -> int:
    """The revision that is there again. Raises BadPageName, PageNotFound, MayNotDelete."""
    return undelete_page(tx, page_name(name), Author(writer(tx, author)), POLICY, door=DOOR)


def rename(tx: Transaction, author: str | None, name: str, new_name: str) -> str:
    """The new name. Raises BadPageName, PageNotFound, PageTaken, MayNotWrite."""
    return rename_page(tx, page_name(name), new_name, Author(writer(tx, author)), POLICY, door=DOOR)


def change_writers(tx: Transaction, author: str | None, name: str, writers: Writers | None) -> str:
    """Say who writes the page; None: as the whole wiki. Raises BadPageName, PageNotFound, MayNotWrite."""
    name = page_name(name)
    set_writers(tx, name, writers, Author(writer(tx, author)))
    return name


def diff(tx: Transaction, reader: str | None, name: str, old: int | None = None, new: int | None = None) -> str:
    """The unified diff of two revisions; without numbers, of the newest and the one before. Raises as show()."""
    newer = show(tx, reader, name, new)
    before = newer.revision - 1 if old is None else old
    source = show(tx, reader, name, before).source if before > 0 else ""
    return unified_diff(source, newer.source, f"revision {before}", f"revision {newer.revision}")


def needed(tx: Transaction, reader: str | None, most: int = 1000) -> Sequence[Needed]:
    """What pages link to and is no page, most wanted first. Raises MayNotReadPages."""
    check_reading(POLICY, writer(tx, reader))
    return needed_pages(tx, most=most)


def without_links(tx: Transaction, reader: str | None, most: int = 1000) -> Sequence[str]:
    """The pages that no other page links to. Raises MayNotReadPages."""
    check_reading(POLICY, writer(tx, reader))
    return orphans(tx, most=most)


def recent(tx: Transaction, reader: str | None, most: int = 50) -> Sequence[Change]:
    """The newest changes of all pages. Raises MayNotReadPages."""
    check_reading(POLICY, writer(tx, reader))
    return recent_changes(tx, most=most)


def search(tx: Transaction, reader: str | None, words: str, most: int = 20) -> Sequence[Hit]:
    """The pages that have all of the words. Raises MayNotReadPages."""
    check_reading(POLICY, writer(tx, reader))
    return search_pages(tx, words, most)


def export(tx: Transaction, reader: str | None, receive: Callable[[Page, Mapping[str, bytes]], object]) -> None:
    """Hand each page to `receive` with the octets of its files by their names. Raises MayNotReadPages.

    They belong together only in a snapshot, and each is received once only by a store that repeats nothing:
    BlockingDatabase.read_snapshot.
    """
    check_reading(POLICY, writer(tx, reader))
    for line in _all(tx, ""):
        page = read_page(tx, line.name)
        receive(page, {file.name: read_attachment(tx, file) for file in attachments_of(tx, page.name)})


def put_file(
    tx: Transaction, author: str | None, page: str, name: str, media_type: str, octets: bytes
) -> PageFile | None:
    """Attach the file; None if the page has it already. Raises as attach() does."""
    by = Author(writer(tx, author))
    known = [file.digest for file in attachments_of(tx, page_name(page)) if file.name == name]
    if known == [sha256(octets).digest()]:
        return None
    return attach(tx, page_name(page), name, media_type, octets, by, POLICY, door=DOOR)


def revert(tx: Transaction, author: str | None, name: str, revision: int) -> Saved:
    """Save the text of `revision` again, as the newest. Raises as show() and save_page() do."""
    page = show(tx, author, name, revision)
    return put(tx, author, page.name, page.source, comment=f"back to revision {revision}")


def _all(tx: Transaction, prefix: str) -> Iterator[PageLine]:
    after = ""
    while pages := listing.list_pages(tx, after, _SLICE, prefix):
        yield from pages
        after = pages[-1].name
