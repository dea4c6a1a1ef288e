"""Pages and authors that tests begin with."""

from __future__ import annotations

from typing import Any

from shared.accounts.account import Role
from shared.database.transaction import Transaction
from shared.testing.builders import an_account
from shared.wiki.page import Author
from shared.wiki.policy import WikiPolicy
from shared.wiki.save_page import Edit, Saved, save_page

OPEN = WikiPolicy(writing="everyone")
MEMBERS = WikiPolicy()
STRANGER = Author(network="192.0.2.7")


def an_author(tx: Transaction, name: str | None = None, role: Role = Role.MEMBER) -> Author:
    return Author(an_account(tx, name, role))


def saved(
    tx: Transaction, /, name: str, source: str, author: Author = STRANGER, policy: WikiPolicy = OPEN, **more: Any
) -> Saved:
    """Save a page, as anybody unless an author is given."""
    return save_page(tx, Edit(name, source, author, **more), policy)
