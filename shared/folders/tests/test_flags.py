"""Storing flags, expunging, copying: what the random walks do not look at."""

from __future__ import annotations

import pytest

from shared.database.transaction import Transaction
from shared.folders.append import Append, Appended, AppendTarget, append_entries
from shared.folders.changes import changes_since
from shared.folders.channel import FolderChanged
from shared.folders.copy_entries import copy_entries
from shared.folders.errors import BadKeyword, FolderNotFound, QuotaExceeded, TooManyKeywords
from shared.folders.expunge import expunge
from shared.folders.find_folders import find_folder
from shared.folders.flags import DELETED, MOST_KEYWORDS, SEEN, SYSTEM_FLAGS, bits_of, check_keyword
from shared.folders.move_entries import move_entries
from shared.folders.open_folder import open_folder
from shared.folders.store_flags import store_flags
from shared.folders.tests.build import a_folder, a_message, an_inbox, an_owner, put
from shared.testing.builders import folder_by_id


def test_nothing_new_takes_no_keywords_along(transaction: Transaction) -> None:
    inbox = an_inbox(transaction)
    put(transaction, inbox, keywords=["tea"])
    position = folder_by_id(transaction, inbox).highest_modseq
    changes = changes_since(transaction, inbox, position)
    assert (list(changes.uids), list(changes.vanished), changes.keywords) == ([], [], None)
    assert changes_since(transaction, inbox, position - 1).keywords == {5: "tea"}


def test_storing_what_is_there_already_changes_nothing(transaction: Transaction) -> None:
    inbox = an_inbox(transaction)
    uids = put(transaction, inbox, 2, SEEN)
    before = folder_by_id(transaction, inbox)
    transaction.commit()
    stored = store_flags(transaction, inbox, uids, "add", SEEN)
    assert (stored.modseq, stored.previous_modseq, list(stored.uids), transaction.commit()) == (
        before.highest_modseq, before.highest_modseq, [], [],
    )  # fmt: skip
    assert folder_by_id(transaction, inbox) == before


def test_stored_tells_the_position_before(transaction: Transaction) -> None:
    inbox = an_inbox(transaction)
    uids = put(transaction, inbox, 2)
    transaction.commit()
    stored = store_flags(transaction, inbox, uids, "replace", SEEN, ["tea"])
    assert stored.modseq == stored.previous_modseq + 1 == folder_by_id(transaction, inbox).highest_modseq
    assert list(stored.flags) == [SEEN | 1 << 5] * 2
    assert stored.keywords == {5: "tea"}
    assert transaction.commit() == [FolderChanged(inbox, stored.modseq)]


def test_removing_an_unknown_keyword_makes_none(transaction: Transaction) -> None:
    inbox = an_inbox(transaction)
    stored = store_flags(transaction, inbox, put(transaction, inbox), "remove", 0, ["tea"])
    assert stored.keywords == {}
    assert open_folder(transaction, inbox).keywords == {}


def test_the_last_keyword_bit_works(transaction: Transaction) -> None:
    inbox, other = an_inbox(transaction), a_folder(transaction)
    names = [f"k{number}" for number in range(58)]
    uids = put(transaction, inbox, 1, 31, names)
    assert open_folder(transaction, inbox).flags[0] == 2**63 - 1
    with pytest.raises(TooManyKeywords):
        store_flags(transaction, inbox, uids, "add", 0, ["one-more"])
    put(transaction, other, 1, 0, ["first"])
    with pytest.raises(TooManyKeywords):
        copy_entries(transaction, inbox, other, uids)
    store_flags(transaction, inbox, uids, "remove", 0, ["k57"])
    copy_entries(transaction, inbox, other, uids)
    snapshot = open_folder(transaction, other)
    assert {snapshot.keywords[bit] for bit in bits_of(snapshot.flags[1] & ~31)} == set(names[:-1])


NAMES = [f"k{number}" for number in range(MOST_KEYWORDS)]


def test_keywords_that_no_entry_has_make_room_for_new_ones(transaction: Transaction) -> None:
    inbox = an_inbox(transaction)
    uids = put(transaction, inbox, 3, SEEN, NAMES)
    store_flags(transaction, inbox, uids[:2], "remove", 0, NAMES)
    with pytest.raises(TooManyKeywords):
        store_flags(transaction, inbox, uids, "add", 0, ["new"])
    expunge(transaction, inbox, uids[2:], deleted_only=False)
    stored = store_flags(transaction, inbox, uids[:1], "add", 0, ["k57", "new"])
    assert stored.keywords is not None
    assert sorted(stored.keywords.values()) == ["k57", "new"]
    snapshot = open_folder(transaction, inbox)
    assert sorted(snapshot.keywords[bit] for bit in bits_of(snapshot.flags[0] & ~31)) == ["k57", "new"]
    assert snapshot.flags[1] == SEEN


def test_what_vanished_does_not_come_back_with_another_keyword(transaction: Transaction) -> None:
    inbox = an_inbox(transaction)
    expunge(transaction, inbox, put(transaction, inbox, 1, SEEN, NAMES), deleted_only=False)
    put(transaction, inbox, 1, 0, ["new"])
    assert transaction.value("SELECT flags FROM vanished WHERE folder_id = %s", (inbox,)) == SEEN


def test_keywords_given_in_one_transaction_are_not_forgotten_in_it(transaction: Transaction) -> None:
    inbox, other = an_inbox(transaction), a_folder(transaction)
    store_flags(transaction, inbox, put(transaction, inbox, 1, 0, NAMES), "replace", 0)
    items = [Append(a_message(), [AppendTarget(inbox, 0, [f"n{number}", "k3"])]) for number in range(MOST_KEYWORDS)]
    *kept, last = append_entries(transaction, items)
    assert all(isinstance(each, Appended) for each in kept)
    assert isinstance(last, TooManyKeywords)
    snapshot = open_folder(transaction, inbox)
    for number, flags in enumerate(snapshot.flags[1:]):
        assert {snapshot.keywords[bit] for bit in bits_of(flags)} == {f"n{number}", "k3"}
    store_flags(transaction, other, put(transaction, other, 1, 0, NAMES), "replace", 0)
    copy_entries(transaction, inbox, other, snapshot.uids)
    copied = open_folder(transaction, other)
    assert {copied.keywords[bit] for bit in bits_of(copied.flags[-1])} == {"n56", "k3"}


def test_followers_learn_the_new_name_of_a_bit_with_the_entry_that_has_it(transaction: Transaction) -> None:
    inbox = an_inbox(transaction)
    uids = put(transaction, inbox, 1, 0, NAMES)
    store_flags(transaction, inbox, uids, "replace", 0)
    position = folder_by_id(transaction, inbox).highest_modseq
    store_flags(transaction, inbox, uids, "add", 0, ["new"])
    changes = changes_since(transaction, inbox, position)
    assert changes.keywords is not None
    assert [changes.keywords[bit] for bit in bits_of(changes.flags[0])] == ["new"]


@pytest.mark.parametrize("name", ["", "a b", "(", "\\Seen", "é", "x" * 256, 'a"'])
def test_what_is_no_keyword(transaction: Transaction, name: str) -> None:
    inbox = an_inbox(transaction)
    with pytest.raises(BadKeyword):
        store_flags(transaction, inbox, put(transaction, inbox), "add", 0, [name])


@pytest.mark.parametrize("name", ["$Forwarded", "NonJunk", "a[b", "x" * 255, "foo/bar:baz"])
def test_what_is_a_keyword(name: str) -> None:
    check_keyword(name)


def test_operations_on_a_folder_that_is_gone(transaction: Transaction) -> None:
    inbox = an_inbox(transaction)
    for operation in (
        lambda: store_flags(transaction, 987654, [1], "add", SEEN),
        lambda: expunge(transaction, 987654),
        lambda: copy_entries(transaction, inbox, 987654, [1]),
        lambda: move_entries(transaction, 987654, inbox, [1]),
        lambda: open_folder(transaction, 987654),
    ):
        with pytest.raises(FolderNotFound):
            operation()


def test_expunging_needs_the_flag_unless_told_otherwise(transaction: Transaction) -> None:
    inbox = an_inbox(transaction)
    uids = put(transaction, inbox, 4)
    store_flags(transaction, inbox, uids[1:3], "add", DELETED)
    assert list(expunge(transaction, inbox, uids[:2]).uids) == [2]
    assert list(expunge(transaction, inbox).uids) == [3]
    transaction.commit()
    expunge(transaction, inbox)
    assert transaction.commit() == []
    assert list(expunge(transaction, inbox, [1, 99], deleted_only=False).uids) == [1]
    assert list(open_folder(transaction, inbox).uids) == [4]


def test_copies_count_against_the_quota_and_moves_do_not(transaction: Transaction) -> None:
    size = len(a_message().octets)
    account = an_owner(transaction, quota_octets=3 * size)
    inbox, junk = find_folder(transaction, account, "INBOX").id, find_folder(transaction, account, "Junk").id
    uids = put(transaction, inbox, 2)
    transaction.commit()
    with pytest.raises(QuotaExceeded):
        copy_entries(transaction, inbox, junk, uids)
    transaction.rollback()
    move_entries(transaction, inbox, junk, uids)
    assert folder_by_id(transaction, junk).octets == 2 * size
    assert folder_by_id(transaction, inbox).octets == 0


def test_sizes_come_on_request(transaction: Transaction) -> None:
    inbox = an_inbox(transaction)
    put(transaction, inbox, 2)
    assert open_folder(transaction, inbox).sizes is None
    assert list(open_folder(transaction, inbox, sizes=True).sizes or ()) == [len(a_message().octets)] * 2


def test_every_system_flag_has_its_own_bit() -> None:
    assert sorted(SYSTEM_FLAGS.values()) == [1, 2, 4, 8, 16]
