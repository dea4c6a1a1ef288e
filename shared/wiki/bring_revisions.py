"""Bringing a page's history from another wiki: revisions with the authors and the dates that they had there.

It is brought in pieces, and again when the other wiki has gone on meanwhile: a page is as it was brought as long as its
newest revision has the date of one there, and further ones go behind that. Such revisions are no news: nobody is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from shared.database.transaction import Transaction
from shared.wiki.channel import PageChanged
from shared.wiki.errors import RevisionMoved
from shared.wiki.name import HOME, check_new_name
from shared.wiki.page import Author, one_line
from shared.wiki.page_text import write_links, write_text
from shared.wiki.read_page import read_page
from shared.wiki.save_page import Edit, check_edit, links_of_source

_NEWEST = """
    SELECT revision, saved_at, deleted_at IS NULL FROM page WHERE name = %s
    UNION ALL SELECT 0, NULL, false FROM page_redirect WHERE name = %s
    LIMIT 1
"""
_MAKE = "INSERT INTO page (name) VALUES (%s) ON CONFLICT DO NOTHING"
_LOCK = "SELECT id, revision FROM page WHERE name = %s FOR UPDATE"
_LINKS = "SELECT target FROM page_link WHERE page_id = %s"
_ACCOUNTS = "SELECT name, id FROM account WHERE name = ANY(%s)"
_REVISIONS = """
    INSERT INTO page_change
        (page_id, account_id, revision, octets, minor, kind, name, author, door, comment, source, changed_at)
    VALUES %s
"""
_PAGE = "UPDATE page SET saved_at = %s, account_id = %s, revision = %s, octets = %s, author = %s WHERE id = %s"
# The front page that the store begins with, which nobody has written.
_IS_FIRST = """
    SELECT page.id FROM page JOIN page_change ON page_id = page.id
    WHERE page.name = %s AND page.revision = 1 AND page_change.account_id IS NULL
        AND page_change.author = 'admin' AND comment = 'the first page'
"""
_FORGET_CHANGES = "DELETE FROM page_change WHERE page_id = %s"
_BEGIN_AGAIN = "UPDATE page SET revision = 0 WHERE id = %s"


class OldRevision(NamedTuple):
    """A revision of another wiki; `author` is the name of an account, here or there, or a stranger's network."""

    source: str
    author: str
    comment: str
    minor: bool
    saved_at: datetime


class Brought(NamedTuple):
    """How far a page is: its newest revision, 0 if there is none, and when that was saved."""

    revision: int
    saved_at: datetime | None


def brought_so_far(tx: Transaction, name: str) -> Brought | None:
    """None: nothing can go behind it, as the page was deleted here, or the name is a former one of another page.

    Raises BadPageName.
    """
    name = check_new_name(name)
    if name == HOME and tx.row(_IS_FIRST, (name,)) is not None:
        return Brought(0, None)
    row = tx.row(_NEWEST, (name, name))
    if row is None:
        return Brought(0, None)
    revision, saved_at, is_there = row
    return Brought(revision, saved_at) if is_there else None


def bring_revisions(tx: Transaction, name: str, revisions: Sequence[OldRevision], behind: int, door: str) -> int:
    """The page's revision after `revisions`, in order, have gone behind revision `behind`.

    Those of an author who has an account here are that account's. Announces PageChanged. Raises BadPageName, BadSource,
    PageTooLarge, and RevisionMoved if the page has changed meanwhile.
    """
    for each in revisions:
        name = check_edit(Edit(name, each.source, Author()))
    page_id = _lock(tx, name, behind)
    accounts = dict(tx.rows(_ACCOUNTS, (sorted({each.author for each in revisions}),)))
    rows: list[tuple[Any, ...]] = []
    for number, each in enumerate(revisions, behind + 1):
        octets = each.source.encode()
        kind = "created" if number == 1 else "edited"
        rows.append((
            page_id, accounts.get(each.author), number, len(octets), each.minor, kind, name, each.author, door,
            one_line(each.comment), octets, each.saved_at,
        ))  # fmt: skip
    tx.insert_many(_REVISIONS, rows)
    newest, revision, size = revisions[-1], behind + len(revisions), rows[-1][3]
    tx.execute(_PAGE, (newest.saved_at, accounts.get(newest.author), revision, size, newest.author, page_id))
    former = frozenset(target for (target,) in tx.rows(_LINKS, (page_id,)))
    write_links(tx, page_id, former, frozenset(links_of_source(newest.source)))
    write_text(tx, page_id, name, newest.source)
    tx.announce(PageChanged(name, revision, arrival=behind == 0))
    return revision


def _lock(tx: Transaction, name: str, behind: int) -> int:
    if name == HOME and (first := tx.value(_IS_FIRST, (name,))) is not None:
        tx.execute(_FORGET_CHANGES, (first,))
        tx.execute(_BEGIN_AGAIN, (first,))
    tx.execute(_MAKE, (name,))
    page_id, revision = tx.row(_LOCK, (name,)) or (0, -1)
    if revision != behind:
        raise RevisionMoved(read_page(tx, name), "")
    return int(page_id)
