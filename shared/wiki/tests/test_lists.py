"""Lists: recent changes, needed pages, orphans, links and backlinks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.accounts.account import Role
from shared.database.transaction import Transaction
from shared.wiki.backlinks import backlinks
from shared.wiki.delete_page import delete_page
from shared.wiki.errors import (
    BadPageName,
    MayNotDelete,
    MayNotWrite,
    PageMoved,
    PageNotFound,
    PageTaken,
    ReservedPageName,
    RevisionNotFound,
)
from shared.wiki.history import page_history
from shared.wiki.links_of import links_of, those_there
from shared.wiki.needed_pages import Needed, needed_pages
from shared.wiki.orphans import orphans
from shared.wiki.policy import Writers
from shared.wiki.read_page import has_page, read_page
from shared.wiki.recent_changes import recent_changes
from shared.wiki.rename_page import rename_page
from shared.wiki.revert_page import revert_page
from shared.wiki.rights import set_writers
from shared.wiki.save_page import Saved
from shared.wiki.search_pages import search_pages
from shared.wiki.tests.build import MEMBERS, STRANGER, an_author, saved
from shared.wiki.undelete_page import undelete_page


def test_links_are_written_with_the_text_and_go_with_it(transaction: Transaction) -> None:
    saved(transaction, "Start", "See OtherPage and [[Any Title]], not `CodeWord`.\n\n    IndentedCode\n")
    assert links_of(transaction, read_page(transaction, "Start").id) == ["Any Title", "OtherPage"]
    saved(transaction, "Start", "See [[Any_Title|this]].")
    assert links_of(transaction, read_page(transaction, "Start").id) == ["Any Title"]
    assert backlinks(transaction, "Any Title") == ["Start"]
    assert links_of(transaction, read_page(transaction, "Start").id, after="Any Title") == []


def test_needed_pages_are_those_most_wanted_first(transaction: Transaction) -> None:
    saved(transaction, "A", "ThisPage ThatPage OtherPage")
    saved(transaction, "B", "ThisPage ThatPage")
    saved(transaction, "C", "ThatPage WikiHome")
    wanted = [Needed("ThatPage", 3), Needed("ThisPage", 2), Needed("OtherPage", 1)]
    assert needed_pages(transaction) == wanted
    assert needed_pages(transaction, after=wanted[0], most=1) == wanted[1:2]
    saved(transaction, "ThatPage", "here")
    assert needed_pages(transaction) == wanted[1:]
    delete_page(transaction, "A", an_author(transaction, role=Role.ADMIN), MEMBERS)
    assert needed_pages(transaction) == [Needed("ThisPage", 1)]


def test_orphans_are_linked_by_no_other_page(transaction: Transaction) -> None:
    saved(transaction, "FirstPage", "SecondPage FirstPage")
    saved(transaction, "SecondPage", "")
    assert orphans(transaction) == ["FirstPage"]
    assert orphans(transaction, after="FirstPage") == []


def test_recent_changes_have_saves_and_deletions_newest_first(transaction: Transaction) -> None:
    alice = an_author(transaction, "alice")
    saved(transaction, "A", "one", alice, comment="new")
    transaction.commit()
    saved(transaction, "A", "two", alice, minor=True)
    transaction.commit()
    delete_page(transaction, "A", alice, MEMBERS, "gone")
    transaction.commit()
    changes = recent_changes(transaction)
    assert [(change.name, change.kind, change.revision, change.comment) for change in changes[:3]] == [
        ("A", "deleted", 2, "gone"),
        ("A", "edited", 2, ""),
        ("A", "created", 1, "new"),
    ]
    assert not changes[0].is_there
    assert [change.id for change in recent_changes(transaction, before=changes[0].id, most=2)] == [
        changes[1].id,
        changes[2].id,
    ]
    assert recent_changes(transaction, since=datetime.now(UTC) + timedelta(hours=1)) == []
    assert len(recent_changes(transaction, author="alice")) == 3


def test_a_renamed_page_keeps_history_and_links(transaction: Transaction) -> None:
    alice = an_author(transaction, "alice")
    saved(transaction, "OldName", "one", alice)
    saved(transaction, "Start", "OldName")
    before = read_page(transaction, "Start").links_state
    assert rename_page(transaction, "OldName", "New_Name", alice, MEMBERS) == "New Name"
    transaction.commit()
    assert read_page(transaction, "New Name").source == "one"
    with pytest.raises(PageMoved) as moved:
        read_page(transaction, "OldName")
    assert moved.value.to == "New Name"
    assert not has_page(transaction, "OldName")
    assert needed_pages(transaction) == []
    assert backlinks(transaction, "New Name") == ["Start"]
    assert orphans(transaction) == ["Start"]
    assert those_there(transaction, ["OldName", "New Name", "None"]) == {"OldName", "New Name"}
    assert read_page(transaction, "Start").links_state == before  # the link is no missing one
    assert saved(transaction, "OldName", "two", alice, base=1) == Saved("New Name", 2, False, False, True)
    assert [line.name for line in page_history(transaction, "New Name")] == ["New Name", "OldName"]
    assert [hit.name for hit in search_pages(transaction, "new name")] == ["New Name"]
    assert rename_page(transaction, "New Name", "OldName", alice, MEMBERS) == "OldName"
    assert read_page(transaction, "OldName").revision == 2


def test_a_new_page_takes_the_former_name_of_another(transaction: Transaction) -> None:
    alice = an_author(transaction, "alice")
    saved(transaction, "A", "one", alice)
    rename_page(transaction, "A", "B", alice, MEMBERS)
    assert saved(transaction, "A", "two", only_new=True).created
    assert (read_page(transaction, "A").source, read_page(transaction, "B").source) == ("two", "one")


def test_what_a_page_cannot_be_renamed_to(transaction: Transaction) -> None:
    alice, admin = an_author(transaction, "alice"), an_author(transaction, "root", Role.ADMIN)
    for name in ("A", "B", "C"):
        saved(transaction, name, "one", alice)
    delete_page(transaction, "B", alice, MEMBERS)
    rename_page(transaction, "C", "D", alice, MEMBERS)
    for new_name, error in (
        ("WikiHome", PageTaken),
        ("B", PageTaken),
        ("C", PageTaken),
        ("save", ReservedPageName),
        ("..", BadPageName),
    ):
        with pytest.raises(error):
            rename_page(transaction, "A", new_name, alice, MEMBERS)
    with pytest.raises(PageNotFound):
        rename_page(transaction, "B", "E", alice, MEMBERS)
    with pytest.raises(MayNotWrite):
        rename_page(transaction, "A", "E", STRANGER, MEMBERS)
    set_writers(transaction, "A", Writers.ADMINS, admin)
    with pytest.raises(MayNotWrite):
        rename_page(transaction, "A", "E", alice, MEMBERS)
    assert rename_page(transaction, "A", "E", admin, MEMBERS) == "E"


def test_a_page_is_reverted_by_a_new_revision(transaction: Transaction) -> None:
    alice = an_author(transaction, "alice")
    saved(transaction, "A", "one", alice)
    saved(transaction, "A", "two", alice)
    assert revert_page(transaction, "A", 1, alice, MEMBERS).revision == 3
    page = read_page(transaction, "A")
    assert (page.source, page.comment) == ("one", "back to revision 1")
    assert not revert_page(transaction, "A", 1, alice, MEMBERS).changed
    with pytest.raises(RevisionNotFound):
        revert_page(transaction, "A", 9, alice, MEMBERS)


def test_a_deleted_page_comes_back_with_its_links_and_words(transaction: Transaction) -> None:
    alice = an_author(transaction, "alice")
    saved(transaction, "PageOne", "Walrus on PageTwo", alice)
    delete_page(transaction, "PageOne", alice, MEMBERS)
    assert search_pages(transaction, "walrus") == []
    with pytest.raises(MayNotDelete):
        undelete_page(transaction, "PageOne", an_author(transaction), MEMBERS)
    for _ in range(2):
        assert undelete_page(transaction, "PageOne", alice, MEMBERS) == 1
    assert links_of(transaction, read_page(transaction, "PageOne").id) == ["PageTwo"]
    assert [hit.name for hit in search_pages(transaction, "walrus")] == ["PageOne"]
    assert [change.kind for change in recent_changes(transaction, most=1)] == ["undeleted"]
    with pytest.raises(PageNotFound):
        undelete_page(transaction, "Never", alice, MEMBERS)


def test_a_page_may_have_writers_of_its_own(transaction: Transaction) -> None:
    alice, root = an_author(transaction, "alice"), an_author(transaction, "root", Role.ADMIN)
    saved(transaction, "A", "one", alice)
    with pytest.raises(MayNotWrite):
        set_writers(transaction, "A", Writers.EVERYONE, alice)
    set_writers(transaction, "A", Writers.MODERATORS, root)
    assert read_page(transaction, "A").writers == "moderators"
    for author in (alice, STRANGER):
        with pytest.raises(MayNotWrite, match="only moderators write this page"):
            saved(transaction, "A", "two", author, MEMBERS)
    with pytest.raises(MayNotWrite):
        delete_page(transaction, "A", alice, MEMBERS)
    saved(transaction, "A", "two", root, MEMBERS)
    set_writers(transaction, "A", Writers.EVERYONE, root)
    saved(transaction, "A", "three", STRANGER, MEMBERS)
    set_writers(transaction, "A", None, root)
    with pytest.raises(MayNotWrite):
        saved(transaction, "A", "four", STRANGER, MEMBERS)
