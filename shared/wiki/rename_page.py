"""Renaming a page: its history goes with it, and its former name leads to it."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.wiki.changes import record_change
from shared.wiki.channel import PageChanged
from shared.wiki.errors import MayNotWrite, PageTaken
from shared.wiki.lock_page import lock_present_page
from shared.wiki.name import check_new_name
from shared.wiki.page import Author
from shared.wiki.page_text import write_text
from shared.wiki.policy import WikiPolicy, check_writing, is_member

# Another who makes a page of that name at this moment, or renames the one that has it, is waited for.
_TAKE = "INSERT INTO page (name) VALUES (%s) ON CONFLICT DO NOTHING RETURNING id"
_GIVE_BACK = "DELETE FROM page WHERE id = %s"
_LEADS_ELSEWHERE = "SELECT EXISTS (SELECT FROM page_redirect WHERE name = %s AND page_id <> %s)"
_RENAME = "UPDATE page SET name = %s WHERE id = %s"
_NO_REDIRECT = "DELETE FROM page_redirect WHERE name = %s"
_REDIRECT = "INSERT INTO page_redirect (name, page_id) VALUES (%s, %s)"
_SOURCE = "SELECT source FROM page_change WHERE page_id = %s AND revision = %s AND source IS NOT NULL"


def rename_page(
    tx: Transaction, name: str, new_name: str, author: Author, policy: WikiPolicy, comment: str = "", door: str = ""
) -> str:
    """The page's new name as page_name() gives it. Members may rename what they may write.

    Announces PageChanged of both names. Raises PageNotFound, BadPageName, MayNotWrite, and PageTaken if another page,
    also a deleted one, has the new name, or if it is the former name of another page.
    """
    new_name = check_new_name(new_name)
    page = lock_present_page(tx, name)
    check_writing(policy, author, page.writers)
    if not is_member(author.account):
        raise MayNotWrite("only members rename pages", sign_in_helps=author.account is None)
    if new_name == name:
        return name
    taken = tx.value(_TAKE, (new_name,))
    if taken is None:
        raise PageTaken(new_name)
    tx.execute_with_next(_GIVE_BACK, (taken,))
    if tx.value(_LEADS_ELSEWHERE, (new_name, page.id)):  # after _TAKE: from then on nobody leaves the name behind
        raise PageTaken(new_name)
    source = tx.value(_SOURCE, (page.id, page.revision)).decode()
    tx.execute_with_next(_RENAME, (new_name, page.id))
    tx.execute_with_next(_NO_REDIRECT, (new_name,))
    tx.execute_with_next(_REDIRECT, (name, page.id))
    write_text(tx, page.id, new_name, source)
    record_change(tx, page.id, "renamed", new_name, page.revision, author, comment or f"was {name}", door)
    tx.announce(PageChanged(name, page.revision, arrival=True))
    tx.announce(PageChanged(new_name, page.revision, arrival=True))
    return new_name
