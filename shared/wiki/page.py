"""A page, its author, and the columns that they are read from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from shared.accounts.account import Account

LONGEST_COMMENT = 500  # characters; a line of the list of changes


class Author(NamedTuple):
    """Who changes a page: an account, or a stranger, who is shown as their network (shared/ip_network.py)."""

    account: Account | None = None
    network: str | None = None

    @property
    def account_id(self) -> int | None:
        """None for a stranger."""
        return None if self.account is None else self.account.id

    @property
    def shown(self) -> str:
        """The account's name, or the network."""
        return self.account.name if self.account is not None else self.network or ""


class Page(NamedTuple):
    """One revision of a page. They count 1, 2, … and go on after the page was deleted."""

    id: int
    name: str
    revision: int
    source: str  # Markdown, as it came
    author: str  # the account's name, or the network of a stranger
    author_name: str  # the account's full name; empty if it has told none
    comment: str
    minor: bool
    saved_at: datetime
    merged: bool  # two writers' changes, put together line by line
    links_state: int = 0  # another number when a page that this one links to has come or gone
    writers: str | None = None  # page rights (rights.py); None: as the site has it
    comments_state: int = 0  # another number when comments have come or gone; 0: there is none


# An account that was deleted has no full name any more. The join is `LEFT JOIN account ON account.id = account_id`.
FULL_NAME = "coalesce(account.full_name, '')"
# Which of the linked pages are there, as one number.
LINKS_STATE = """(
    SELECT coalesce(bit_xor(hashtextextended(target, 0)), 0) FROM page_link
    WHERE page_link.page_id = page.id AND (
        EXISTS (SELECT FROM page AS there WHERE there.name = target AND there.deleted_at IS NULL)
        OR EXISTS (
            SELECT FROM page_redirect JOIN page AS there ON there.id = page_redirect.page_id
            WHERE page_redirect.name = target AND there.deleted_at IS NULL
        )
    )
)"""
REVISION_COLUMNS = f"""
    page.id, page.name, page_change.revision, page_change.source, page_change.author, {FULL_NAME},
    page_change.comment, page_change.minor, page_change.changed_at, page_change.merged
"""
COLUMNS = f"{REVISION_COLUMNS}, {LINKS_STATE}, page.writers, page.comments_state"


def page_from(row: Sequence[Any]) -> Page:
    """The page in a row of COLUMNS."""
    number, name, revision, source, *rest = row
    return Page(number, name, revision, source.decode(), *rest)


def one_line(comment: str) -> str:
    """A comment as it is kept: one line without control characters, cut at LONGEST_COMMENT."""
    words = "".join(letter if letter.isprintable() else " " for letter in comment[: LONGEST_COMMENT * 2]).split()
    return " ".join(words)[:LONGEST_COMMENT]
