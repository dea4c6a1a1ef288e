"""Revisions of another wiki."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.accounts.account import Role
from shared.database.transaction import Transaction
from shared.testing.builders import a_member
from shared.wiki.bring_revisions import Brought, OldRevision, bring_revisions, brought_so_far
from shared.wiki.delete_page import delete_page
from shared.wiki.errors import PageTooLarge, ReservedPageName, RevisionMoved
from shared.wiki.history import page_history
from shared.wiki.page import Author
from shared.wiki.read_page import read_page
from shared.wiki.rename_page import rename_page
from shared.wiki.save_page import MOST_SOURCE_OCTETS
from shared.wiki.search_pages import search_pages
from shared.wiki.tests.build import MEMBERS, saved

LONG_AGO = datetime(2012, 2, 29, 12, tzinfo=UTC)


def old(number: int, author: str = "nobody-here", source: str = "") -> OldRevision:
    at = LONG_AGO + timedelta(days=number)
    return OldRevision(source or f"text {number} of WikiHome\n", author, f"why\n{number}", number == 2, at)


def test_they_are_the_history_of_the_page_and_no_news(transaction: Transaction) -> None:
    alice = a_member(transaction, "alice", Role.MEMBER)
    news = transaction.value("SELECT count(*) FROM page_news")
    assert brought_so_far(transaction, "Pump") == Brought(0, None)
    assert bring_revisions(transaction, "Pump", [old(1), old(2, "alice")], 0, "there") == 2
    assert brought_so_far(transaction, "Pump") == Brought(2, LONG_AGO + timedelta(days=2))
    assert bring_revisions(transaction, "Pump", [old(3, source="with marmots")], 2, "there") == 3
    lines = page_history(transaction, "Pump")
    assert [(line.author, line.comment, line.minor, line.saved_at.day) for line in lines] == [
        ("nobody-here", "why 3", False, 3), ("alice", "why 2", True, 2), ("nobody-here", "why 1", False, 1),
    ]  # fmt: skip
    page = read_page(transaction, "Pump")
    assert (page.revision, page.source, page.saved_at) == (3, "with marmots", LONG_AGO + timedelta(days=3))
    assert [hit.name for hit in search_pages(transaction, "marmots")] == ["Pump"]
    assert transaction.value("SELECT account_id FROM page_change WHERE revision = 2 AND name = 'Pump'") == alice.id
    assert transaction.value("SELECT count(*) FROM page_link JOIN page ON id = page_id WHERE name = 'Pump'") == 0
    assert transaction.value("SELECT count(*) FROM page_news") == news


def test_the_front_page_that_nobody_has_written_gives_way(transaction: Transaction) -> None:
    assert brought_so_far(transaction, "WikiHome") == Brought(0, None)
    assert bring_revisions(transaction, "WikiHome", [old(1)], 0, "there") == 1
    assert [line.author for line in page_history(transaction, "WikiHome")] == ["nobody-here"]


def test_they_do_not_go_behind_what_was_done_here(transaction: Transaction) -> None:
    root = Author(a_member(transaction, "root", Role.ADMIN))
    bring_revisions(transaction, "Pump", [old(1)], 0, "there")
    saved(transaction, "Pump", "mine")
    with pytest.raises(RevisionMoved):
        bring_revisions(transaction, "Pump", [old(2)], 1, "there")
    bring_revisions(transaction, "Gone", [old(1)], 0, "there")
    delete_page(transaction, "Gone", root, MEMBERS)
    assert brought_so_far(transaction, "Gone") is None
    bring_revisions(transaction, "Former", [old(1)], 0, "there")
    rename_page(transaction, "Former", "Present", root, MEMBERS)
    assert brought_so_far(transaction, "Former") is None


def test_what_no_page_could_be_is_refused(transaction: Transaction) -> None:
    with pytest.raises(ReservedPageName):
        brought_so_far(transaction, "blog")
    with pytest.raises(PageTooLarge):
        bring_revisions(transaction, "Pump", [old(1, source="x" * (MOST_SOURCE_OCTETS + 1))], 0, "there")
