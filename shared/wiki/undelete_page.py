"""Undeleting a page: it is back with its last text."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.wiki.changes import record_change
from shared.wiki.channel import PageChanged
from shared.wiki.delete_page import check_deleting
from shared.wiki.lock_page import lock_page
from shared.wiki.page import Author
from shared.wiki.page_text import write_links, write_text
from shared.wiki.policy import WikiPolicy, check_writing
from shared.wiki.save_page import links_of_source

_SOURCE = "SELECT source FROM page_change WHERE page_id = %s AND revision = %s AND source IS NOT NULL"
_UNDELETE = "UPDATE page SET deleted_at = NULL WHERE id = %s"
_TAKE_NAME = "DELETE FROM page_redirect WHERE name = %s"


def undelete_page(
    tx: Transaction, name: str, author: Author, policy: WikiPolicy, comment: str = "", door: str = ""
) -> int:
    """The revision that is there again; nothing changes if the page is there. Who may delete it may do so.

    Announces PageChanged. Raises PageNotFound, MayNotDelete, MayNotWrite.
    """
    page = lock_page(tx, name)
    if page.is_there:
        return page.revision
    check_deleting(tx, page.id, author)
    check_writing(policy, author, page.writers)
    source = tx.value(_SOURCE, (page.id, page.revision)).decode()
    tx.execute_with_next(_UNDELETE, (page.id,))
    tx.execute_with_next(_TAKE_NAME, (name,))
    write_links(tx, page.id, frozenset(), frozenset(links_of_source(source)))
    write_text(tx, page.id, name, source)
    record_change(tx, page.id, "undeleted", name, page.revision, author, comment, door)
    tx.announce(PageChanged(name, page.revision, arrival=True))
    return page.revision
