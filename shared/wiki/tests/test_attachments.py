"""Files are attached to pages, with every revision; accounts watch pages."""

from __future__ import annotations

import pytest

from shared.accounts.account import Role
from shared.database.transaction import Transaction
from shared.wiki.attach import attach
from shared.wiki.attachment import MOST_FILE_OCTETS, PIECE_OCTETS, file_name
from shared.wiki.attachments_of import attachment_history, attachments_of, find_attachment
from shared.wiki.delete_attachment import delete_attachment
from shared.wiki.delete_page import delete_page
from shared.wiki.errors import (
    AttachmentNotFound,
    AttachmentTooLarge,
    BadFileName,
    MayNotDelete,
    MayNotWrite,
    PageNotFound,
)
from shared.wiki.read_attachment import read_attachment
from shared.wiki.recent_changes import recent_changes
from shared.wiki.tests.build import MEMBERS, STRANGER, an_author, saved
from shared.wiki.watch_list import is_watched, unwatch_page, watch_page, watched_changes, watched_pages


def test_a_file_is_kept_with_every_revision(transaction: Transaction) -> None:
    alice = an_author(transaction, "alice")
    saved(transaction, "A", "x", alice)
    first = attach(transaction, "A", "dir\\plan.pdf", "application/pdf", b"one", alice, MEMBERS, "a plan")
    assert (first.page, first.name, first.revision, first.octets, first.author, first.comment) == (
        "A", "plan.pdf", 1, 3, "alice", "a plan",
    )  # fmt: skip
    second = attach(transaction, "A", "plan.pdf", "", b"", alice, MEMBERS)
    assert (second.revision, second.media_type) == (2, "application/octet-stream")
    transaction.commit()
    assert attachments_of(transaction, "A") == [second]
    assert attachment_history(transaction, "A", "plan.pdf") == [second, first]
    assert read_attachment(transaction, find_attachment(transaction, "A", "plan.pdf", 1)) == b"one"
    assert read_attachment(transaction, second) == b""
    assert recent_changes(transaction, most=1)[0].kind == "attached"


def test_a_range_of_a_large_file_is_read(transaction: Transaction) -> None:
    saved(transaction, "A", "x")
    octets = bytes(range(251)) * (3 * PIECE_OCTETS // 251)
    file = attach(transaction, "A", "f", "x/y", octets, an_author(transaction), MEMBERS)
    transaction.commit()
    ranges = [
        (0, 1),
        (PIECE_OCTETS - 1, PIECE_OCTETS + 1),
        (PIECE_OCTETS, 2 * PIECE_OCTETS),
        (5, 10**9),
        (10**9, 10**9),
    ]
    for begin, end in ranges:
        assert read_attachment(transaction, file, begin, end) == octets[begin:end]
    assert read_attachment(transaction, file) == octets


def test_who_deletes_a_file_and_that_its_revisions_stay(transaction: Transaction) -> None:
    alice, bob = an_author(transaction, "alice"), an_author(transaction, "bob")
    admin = an_author(transaction, role=Role.ADMIN)
    saved(transaction, "A", "x", alice)
    attach(transaction, "A", "f", "x/y", b"one", alice, MEMBERS)
    for author in (bob, STRANGER):
        with pytest.raises(MayNotDelete):
            delete_attachment(transaction, "A", "f", author, MEMBERS)
    delete_attachment(transaction, "A", "f", alice, MEMBERS)
    assert attachments_of(transaction, "A") == []
    for call in (
        lambda: find_attachment(transaction, "A", "f"),
        lambda: delete_attachment(transaction, "A", "f", admin, MEMBERS),
        lambda: attachment_history(transaction, "A", "g"),
        lambda: find_attachment(transaction, "A", "f", 2**40),
    ):
        with pytest.raises(AttachmentNotFound):
            call()
    assert attach(transaction, "A", "f", "x/y", b"two", bob, MEMBERS).revision == 2
    with pytest.raises(MayNotDelete):
        delete_attachment(transaction, "A", "f", alice, MEMBERS)
    delete_attachment(transaction, "A", "f", admin, MEMBERS)
    assert [file.revision for file in attachment_history(transaction, "A", "f")] == [2, 1]


def test_what_cannot_be_attached(transaction: Transaction) -> None:
    alice = an_author(transaction)
    with pytest.raises(PageNotFound):
        attach(transaction, "A", "f", "x/y", b"", alice, MEMBERS)
    saved(transaction, "A", "x", alice)
    with pytest.raises(MayNotWrite):
        attach(transaction, "A", "f", "x/y", b"", STRANGER, MEMBERS)
    with pytest.raises(AttachmentTooLarge):
        attach(transaction, "A", "f", "x/y", bytes(MOST_FILE_OCTETS + 1), alice, MEMBERS)
    for name in ("", ".", "..", ".htaccess", "a/", "a\x00b", "a\nb", "x" * 201, "\u202ea", "\ud800"):
        with pytest.raises(BadFileName):
            attach(transaction, "A", name, "x/y", b"", alice, MEMBERS)
    assert file_name("../../etc/passwd") == "passwd"
    assert file_name("Cafe\u0301.txt") == "Caf\u00e9.txt"


def test_files_go_with_their_page_and_come_back_with_it(transaction: Transaction) -> None:
    alice = an_author(transaction)
    saved(transaction, "A", "x", alice)
    attach(transaction, "A", "f", "x/y", b"one", alice, MEMBERS)
    delete_page(transaction, "A", alice, MEMBERS)
    assert attachments_of(transaction, "A") == []
    saved(transaction, "A", "y", alice)
    assert [file.name for file in attachments_of(transaction, "A")] == ["f"]


def test_an_account_watches_pages(transaction: Transaction) -> None:
    alice, bob = an_author(transaction), an_author(transaction)
    assert alice.account is not None
    assert bob.account is not None
    saved(transaction, "A", "x", bob)
    for _ in range(2):
        watch_page(transaction, alice.account.id, "A")
    with pytest.raises(PageNotFound):
        watch_page(transaction, alice.account.id, "B")
    assert watched_pages(transaction, alice.account.id) == ["A"]
    assert watched_pages(transaction, bob.account.id) == []
    assert is_watched(transaction, alice.account.id, "A")
    saved(transaction, "A", "y", bob, comment="news")
    assert [change.comment for change in watched_changes(transaction, alice.account.id, most=1)] == ["news"]
    unwatch_page(transaction, alice.account.id, "A")
    assert not is_watched(transaction, alice.account.id, "A")
