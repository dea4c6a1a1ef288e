"""Pages are saved, read, listed and deleted; every revision is kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.accounts.account import Role
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.wiki.channel import PageChanged
from shared.wiki.delete_page import delete_page
from shared.wiki.errors import (
    BadPageName,
    BadSource,
    EditConflict,
    MayNotDelete,
    MayNotWrite,
    PageNotFound,
    PageTooLarge,
    ReservedPageName,
    RevisionMoved,
    RevisionNotFound,
)
from shared.wiki.history import page_history
from shared.wiki.list_pages import count_pages, list_pages
from shared.wiki.name import HOME
from shared.wiki.policy import WikiPolicy
from shared.wiki.read_page import has_page, read_page
from shared.wiki.save_page import MOST_SOURCE_OCTETS, Edit, Saved, save_page, save_pages
from shared.wiki.tests.build import MEMBERS, OPEN, STRANGER, an_author, saved


def test_a_fresh_store_has_a_first_page(transaction: Transaction) -> None:
    page = read_page(transaction, HOME)
    assert (page.author, page.revision, page.name) == ("admin", 1, "WikiHome")
    assert [line.name for line in list_pages(transaction)] == ["WikiHome"]
    assert page.source.startswith("# Welcome\n")


def test_a_page_is_read_as_it_was_saved_with_every_revision(transaction: Transaction) -> None:
    alice = an_author(transaction, "alice")
    first = saved(transaction, "Beans", "one", alice, MEMBERS, comment=" first\ntext ", minor=True)
    assert first == Saved("Beans", 1, created=True, merged=False, changed=True)
    assert PageChanged("Beans", 1, arrival=True) in transaction.commit()
    assert saved(transaction, "Beans", "two") == Saved("Beans", 2, created=False, merged=False, changed=True)
    assert transaction.commit() == [PageChanged("Beans", 2)]
    assert read_page(transaction, "Beans").source == "two"
    page = read_page(transaction, "Beans", 1)
    assert (page.source, page.author, page.author_name, page.comment, page.minor) == (
        "one", "alice", "", "first text", True,
    )  # fmt: skip
    assert read_page(transaction, "Beans").author == "192.0.2.7"
    lines = page_history(transaction, "Beans")
    assert [(line.revision, line.octets, line.author) for line in lines] == [(2, 3, "192.0.2.7"), (1, 3, "alice")]
    assert [line.revision for line in page_history(transaction, "Beans", before=2)] == [1]


def test_an_author_is_shown_by_the_full_name_that_it_has_now(transaction: Transaction) -> None:
    alice = an_author(transaction, "alice")
    saved(transaction, "A", "one", alice)
    transaction.execute("UPDATE account SET full_name = 'Alice Example' WHERE name = 'alice'")
    assert read_page(transaction, "A").author_name == "Alice Example"
    assert [line.author_name for line in page_history(transaction, "A")] == ["Alice Example"]
    transaction.execute("DELETE FROM account WHERE name = 'alice'")
    page = read_page(transaction, "A")
    assert (page.author, page.author_name) == ("alice", "")


@pytest.mark.parametrize(
    "source", ["", "a\r\nb\r\n", "\x00\x01\x7f", "\ufeffbom", "\U0001f331 astral", "no end", "]]>\n"]
)
def test_a_source_is_kept_octet_by_octet(transaction: Transaction, source: str) -> None:
    saved(transaction, "A", source)
    assert read_page(transaction, "A").source == source


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text())
def test_any_text_is_kept_as_it_came_or_refused(transaction: Transaction, source: str) -> None:
    try:
        source.encode()
    except UnicodeEncodeError:
        with pytest.raises(BadSource):
            saved(transaction, "A", source)
        return
    saved(transaction, "A", source)
    assert read_page(transaction, "A").source == source


def test_half_a_surrogate_pair_is_refused(transaction: Transaction) -> None:
    with pytest.raises(BadSource):
        saved(transaction, "A", "\ud800")


def test_saving_what_the_page_says_already_is_no_change_and_no_conflict(transaction: Transaction) -> None:
    saved(transaction, "A", "one")
    saved(transaction, "A", "two")
    tellings: list[dict[str, Any]] = [{}, {"base": 1}, {"base": 0}, {"only_if": 2}]
    for more in tellings:
        outcome = saved(transaction, "A", "two", **more)
        assert outcome == Saved("A", 2, created=False, merged=False, changed=False)
    assert len(page_history(transaction, "A")) == 2


def test_a_stale_base_is_merged_where_the_changes_are_apart(transaction: Transaction) -> None:
    saved(transaction, "A", "one\ntwo\nthree\n")
    saved(transaction, "A", "ONE\ntwo\nthree\n", base=1)
    outcome = saved(transaction, "A", "one\ntwo\nTHREE\n", base=1)
    assert outcome == Saved("A", 3, created=False, merged=True, changed=True)
    page = read_page(transaction, "A")
    assert (page.source, page.merged) == ("ONE\ntwo\nTHREE\n", True)


def test_a_stale_base_is_refused_with_the_difference_where_they_overlap(transaction: Transaction) -> None:
    saved(transaction, "A", "one\ntwo\n")
    saved(transaction, "A", "one\nTWO\n", base=1)
    with pytest.raises(EditConflict) as conflict:
        saved(transaction, "A", "one\nzwei\n", base=1)
    assert conflict.value.current.revision == 2
    assert conflict.value.current.source == "one\nTWO\n"
    assert "-TWO\n+zwei\n" in conflict.value.diff
    assert read_page(transaction, "A").revision == 2


def test_ones_own_revert_is_no_conflict(transaction: Transaction) -> None:
    saved(transaction, "A", "one\n")
    saved(transaction, "A", "two\n", base=1)
    saved(transaction, "A", "one\n", base=2)
    assert saved(transaction, "A", "three\n", base=1).revision == 4


def test_a_page_that_came_meanwhile_conflicts_with_a_new_one(transaction: Transaction) -> None:
    saved(transaction, "A", "one\n")
    with pytest.raises(EditConflict):
        saved(transaction, "A", "other\n", base=0)
    with pytest.raises(RevisionNotFound):
        saved(transaction, "A", "other\n", base=7)


def test_if_match_is_never_merged(transaction: Transaction) -> None:
    with pytest.raises(RevisionMoved):
        saved(transaction, "A", "x", only_if=1)
    assert not has_page(transaction, "A")
    saved(transaction, "A", "one\ntwo\nthree\n", only_new=True)
    saved(transaction, "A", "ONE\ntwo\nthree\n", only_if=1)
    with pytest.raises(RevisionMoved) as moved:
        saved(transaction, "A", "one\ntwo\nTHREE\n", only_if=1)
    assert moved.value.current.revision == 2
    with pytest.raises(RevisionMoved):
        saved(transaction, "A", "x", only_new=True)
    assert read_page(transaction, "A").revision == 2


def test_a_deleted_page_is_missing_and_goes_on_counting(transaction: Transaction) -> None:
    alice = an_author(transaction, "alice")
    saved(transaction, "A", "one", alice)
    transaction.commit()
    delete_page(transaction, "A", alice, MEMBERS)
    assert transaction.commit() == [PageChanged("A", 1, arrival=True)]
    assert not has_page(transaction, "A")
    for call in (lambda: read_page(transaction, "A"), lambda: delete_page(transaction, "A", alice, MEMBERS)):
        with pytest.raises(PageNotFound):
            call()
    assert [line.revision for line in page_history(transaction, "A")] == [1]
    assert saved(transaction, "A", "two", alice) == Saved("A", 2, created=True, merged=False, changed=True)


@pytest.mark.parametrize(
    ("role", "wrote_alone", "may"),
    [
        (Role.MEMBER, True, True), (Role.MEMBER, False, False), (Role.MODERATOR, False, True),
        (Role.ADMIN, False, True), (Role.GUEST, True, False), (None, True, False),
    ],
)  # fmt: skip
def test_who_may_delete(transaction: Transaction, role: Role | None, wrote_alone: bool, may: bool) -> None:
    author = STRANGER if role is None else an_author(transaction, role=role)
    saved(transaction, "A", "one", author)
    if not wrote_alone:
        saved(transaction, "A", "two", an_author(transaction))
        saved(transaction, "A", "three", author)
    if may:
        delete_page(transaction, "A", author, MEMBERS)
    else:
        with pytest.raises(MayNotDelete):
            delete_page(transaction, "A", author, MEMBERS)
    assert has_page(transaction, "A") is not may


def test_who_may_write(transaction: Transaction) -> None:
    for author, helps in ((STRANGER, True), (an_author(transaction, role=Role.GUEST), False)):
        with pytest.raises(MayNotWrite) as refused:
            saved(transaction, "A", "x", author, MEMBERS)
        assert refused.value.sign_in_helps is helps
    assert not has_page(transaction, "A")
    saved(transaction, "A", "x", an_author(transaction), MEMBERS)
    saved(transaction, "A", "y", STRANGER, WikiPolicy(writing="everyone"))


@pytest.mark.parametrize(
    ("name", "source", "error"),
    [
        ("save", "x", ReservedPageName),
        ("api/v1", "x", ReservedPageName),
        ("..", "x", BadPageName),
        ("a\x00b", "x", BadPageName),
        ("x" * 201, "x", BadPageName),
        ("A", "x" * (MOST_SOURCE_OCTETS + 1), PageTooLarge),
        ("A", "\u00e4" * (MOST_SOURCE_OCTETS // 2 + 1), PageTooLarge),
    ],
)
def test_what_cannot_be_a_page_leaves_nothing_behind(
    transaction: Transaction, name: str, source: str, error: type[DomainError]
) -> None:
    with pytest.raises(error):
        saved(transaction, name, source)
    assert count_pages(transaction) == 1


def test_the_largest_page_is_saved(transaction: Transaction) -> None:
    source = ("All work and no play " * 40 + "\n\n") * (MOST_SOURCE_OCTETS // 850)
    saved(transaction, "A", source)
    assert read_page(transaction, "A").source == source


def test_a_hostile_page_is_saved_in_bounded_time(transaction: Transaction) -> None:
    for number, piece in enumerate(["[", "![", "[[", "*a_", "> ", "`` ` ", "<a ", "^[", "[^a]"], 1):
        began = time.thread_time()
        assert saved(transaction, "A", piece * 100_000, base=number - 1).revision == number
        assert time.thread_time() - began < 10


def test_many_pages_share_a_commit_and_each_has_its_own_outcome(transaction: Transaction) -> None:
    saved(transaction, "C", "c\n")
    edits = [
        Edit("B", "one", STRANGER), Edit("A", "one", STRANGER), Edit("save", "x", STRANGER),
        Edit("A", "two", STRANGER, base=1), Edit("A", "three", STRANGER, only_if=1), Edit("C", "d\n", STRANGER, base=0),
        Edit("D", "x", STRANGER, only_if=4),
    ]  # fmt: skip
    outcomes = save_pages(transaction, edits, OPEN)
    assert [each if isinstance(each, Saved) else type(each) for each in outcomes] == [
        Saved("B", 1, created=True, merged=False, changed=True),
        Saved("A", 1, created=True, merged=False, changed=True),
        ReservedPageName,
        Saved("A", 2, created=False, merged=False, changed=True),
        RevisionMoved,
        EditConflict,
        RevisionMoved,
    ]
    transaction.commit()
    assert [(line.name, line.revision) for line in list_pages(transaction)] == [
        ("A", 2), ("B", 1), ("C", 1), ("WikiHome", 1),
    ]  # fmt: skip
    assert not transaction.value("SELECT count(*) FROM page WHERE revision = 0")
    assert read_page(transaction, "A", 1).source == "one"


def test_pages_are_listed_by_name_a_part_at_a_time(transaction: Transaction) -> None:
    for name in ("B", "a", "A/2", "A", "日本"):
        saved(transaction, name, name)
    names = ["A", "A/2", "B", "WikiHome", "a", "日本"]
    assert [line.name for line in list_pages(transaction)] == names
    assert [line.name for line in list_pages(transaction, after="A/2", most=2)] == names[2:4]
    assert [line.name for line in list_pages(transaction, prefix="A")] == names[:2]
    assert list_pages(transaction, after="日本") == []


async def test_two_who_make_a_page_at_once_do_not_lose_a_text(database: Database) -> None:
    from twisted.internet.defer import Deferred, DeferredList

    def saving(source: str) -> Callable[..., Any]:
        return lambda tx: save_page(tx, Edit("A", source, STRANGER, base=0), OPEN)

    outcomes: list[Any] = await DeferredList(
        [Deferred.fromCoroutine(database.transact(saving(f"text {number}\n"))) for number in range(4)],
        consumeErrors=True,
    )
    assert [succeeded for succeeded, _ in outcomes].count(True) == 1
    assert all(outcome.check(EditConflict) for succeeded, outcome in outcomes if not succeeded)
    assert (await database.read(read_page, "A")).revision == 1
