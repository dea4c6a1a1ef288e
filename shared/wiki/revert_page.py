"""Reverting a page: an old text becomes the newest revision."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.wiki.page import Author
from shared.wiki.policy import WikiPolicy
from shared.wiki.read_page import read_page
from shared.wiki.save_page import Edit, Saved, save_page


def revert_page(
    tx: Transaction,
    name: str,
    revision: int,
    author: Author,
    policy: WikiPolicy,
    *,
    comment: str = "",
    only_if: int | None = None,
    door: str = "",
) -> Saved:
    """Save the text of `revision` again; `only_if`: only if the page is at that revision.

    Announces PageChanged. Raises PageNotFound, RevisionNotFound, MayNotWrite, RevisionMoved.
    """
    old = read_page(tx, name, revision)
    comment = comment or f"back to revision {revision}"
    return save_page(tx, Edit(name, old.source, author, comment, only_if=only_if, door=door), policy)
