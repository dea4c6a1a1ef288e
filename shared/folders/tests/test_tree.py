"""Names: creating, finding, listing, renaming, deleting, subscribing."""

from __future__ import annotations

import pytest

from shared.accounts.errors import AccountNotFound
from shared.database.transaction import Transaction
from shared.folders.changes import changes_since
from shared.folders.channel import FolderChanged
from shared.folders.create_folder import create_folder
from shared.folders.create_standard_folders import STANDARD_FOLDERS, create_standard_folders
from shared.folders.delete_folder import delete_folder
from shared.folders.errors import (
    BadFolderName,
    FolderExists,
    FolderHasInferiors,
    FolderIsPermanent,
    FolderNotFound,
    FolderNotSelectable,
    TooManyFolders,
    TooManySubscriptions,
)
from shared.folders.find_folders import find_folder, find_folders
from shared.folders.flags import FLAGGED
from shared.folders.list_folders import list_folders
from shared.folders.most import MOST_FOLDERS, MOST_SUBSCRIPTIONS
from shared.folders.open_folder import open_folder
from shared.folders.recent import claim_recent
from shared.folders.rename_folder import rename_folder
from shared.folders.subscribe import subscribe, unsubscribe
from shared.folders.tests.build import an_owner, put
from shared.testing.builders import folder_by_id

STANDARD = ["INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash"]


def names(tx: Transaction, account_id: int) -> list[str]:
    return [each.name for each in list_folders(tx, account_id) if each.folder is not None]


def own_names(tx: Transaction, account_id: int) -> list[str]:
    return [name for name in names(tx, account_id) if name not in STANDARD]


def test_every_account_is_born_with_the_standard_folders(transaction: Transaction) -> None:
    account = an_owner(transaction)
    listing = list_folders(transaction, account)
    assert [each.name for each in listing] == STANDARD
    assert all(each.subscribed and not each.has_children for each in listing)
    uses = {each.name: each.folder.special_use for each in listing if each.folder is not None}
    assert uses == dict(STANDARD_FOLDERS)
    assert len({each.folder.uidvalidity for each in listing if each.folder is not None}) == len(STANDARD)


def test_standard_folders_that_are_there_stay(transaction: Transaction) -> None:
    account = an_owner(transaction)
    put(transaction, find_folder(transaction, account, "INBOX").id)
    delete_folder(transaction, account, "Junk")
    create_standard_folders(transaction, account)
    assert names(transaction, account) == STANDARD
    assert find_folder(transaction, account, "INBOX").messages == 1


def test_creating_makes_the_names_above(transaction: Transaction) -> None:
    account = an_owner(transaction)
    created = create_folder(transaction, account, "a/b/c/")
    assert created.name == "a/b/c"
    assert own_names(transaction, account) == ["a", "a/b", "a/b/c"]
    assert [each.has_children for each in list_folders(transaction, account) if each.name[0] == "a"] == [
        True,
        True,
        False,
    ]


def test_a_name_is_taken_once(transaction: Transaction) -> None:
    account = an_owner(transaction)
    create_folder(transaction, account, "a")
    for name in ("a", "a/", "inbox"):
        with pytest.raises(FolderExists):
            create_folder(transaction, account, name)
    create_folder(transaction, an_owner(transaction), "a")


def test_special_use_can_be_given(transaction: Transaction) -> None:
    account = an_owner(transaction)
    assert create_folder(transaction, account, "Old", "\\Archive").special_use == "\\Archive"
    with pytest.raises(BadFolderName):
        create_folder(transaction, account, "Odd", "\\Important")


def test_folders_are_found_by_any_spelling_of_inbox(transaction: Transaction) -> None:
    account = an_owner(transaction)
    inbox = find_folder(transaction, account, "inBox")
    assert inbox.name == "INBOX"
    with pytest.raises(FolderNotFound):
        find_folder(transaction, account, "sent")
    found = find_folders(transaction, [(account, "inbox"), (account, "INBOX"), (account, "no"), (account, "/")])
    assert found[account, "inbox"] == found[account, "INBOX"] == inbox
    assert isinstance(found[account, "no"], FolderNotFound)
    assert isinstance(found[account, "/"], BadFolderName)


def test_deleting_takes_the_entries_along(transaction: Transaction) -> None:
    account = an_owner(transaction)
    folder = create_folder(transaction, account, "a")
    put(transaction, folder.id, 3, keywords=["tea"])
    transaction.commit()
    delete_folder(transaction, account, "a")
    assert transaction.commit() == [FolderChanged(folder.id, 3)]
    assert own_names(transaction, account) == []
    for table in ("entry", "vanished", "keyword"):
        assert transaction.value(f"SELECT count(*) FROM {table}") == 0
    with pytest.raises(FolderNotFound):
        changes_since(transaction, folder.id, 1)
    with pytest.raises(FolderNotFound):
        delete_folder(transaction, account, "a")


def test_a_deleted_name_with_inferiors_stays_to_hold_them(transaction: Transaction) -> None:
    account = an_owner(transaction)
    old = create_folder(transaction, account, "a")
    create_folder(transaction, account, "a/b")
    delete_folder(transaction, account, "a")
    with pytest.raises(FolderNotFound):
        changes_since(transaction, old.id, 1)  # whoever had it open
    holder = find_folder(transaction, account, "a")
    assert not holder.selectable
    with pytest.raises(FolderNotSelectable):
        open_folder(transaction, holder.id)
    with pytest.raises(FolderHasInferiors):
        delete_folder(transaction, account, "a")
    again = create_folder(transaction, account, "a")
    assert again.selectable
    assert again.uidvalidity > old.uidvalidity
    delete_folder(transaction, account, "a/b")
    delete_folder(transaction, account, "a")
    assert own_names(transaction, account) == []


def test_inbox_cannot_be_deleted_but_what_is_below_it_can(transaction: Transaction) -> None:
    account = an_owner(transaction)
    create_folder(transaction, account, "INBOX/tea")
    with pytest.raises(FolderIsPermanent):
        delete_folder(transaction, account, "Inbox")
    delete_folder(transaction, account, "inbox/tea")
    assert names(transaction, account) == STANDARD


def test_renaming_takes_inferiors_along_and_keeps_the_numbering(transaction: Transaction) -> None:
    account = an_owner(transaction)
    before = create_folder(transaction, account, "a")
    put(transaction, before.id, 2)
    create_folder(transaction, account, "a/b/c")
    create_folder(transaction, account, "ab")
    rename_folder(transaction, account, "a", "x/y")
    assert own_names(transaction, account) == ["ab", "x", "x/y", "x/y/b", "x/y/b/c"]
    after = find_folder(transaction, account, "x/y")
    assert (after.id, after.uidvalidity, after.uidnext) == (before.id, before.uidvalidity, 3)


@pytest.mark.parametrize(
    ("name", "new_name", "error"),
    [
        ("a", "a", FolderExists),
        ("a", "inbox", FolderExists),
        ("a", "Sent", FolderExists),
        ("INBOX", "a", FolderExists),
        ("a", "a/b/c", BadFolderName),
        ("a", "x//y", BadFolderName),
        ("a", "x" * 255, BadFolderName),  # a/b would become too long
        ("no", "x", FolderNotFound),
    ],
)
def test_renaming_that_cannot_be(transaction: Transaction, name: str, new_name: str, error: type[Exception]) -> None:
    account = an_owner(transaction)
    create_folder(transaction, account, "a/" + "b/" * 29 + "c" * 255)
    transaction.commit()
    with pytest.raises(error):
        rename_folder(transaction, account, name, new_name + ("/y/z" if len(new_name) > 200 else ""))
    transaction.rollback()
    assert "a/b" in names(transaction, account)


def test_renaming_inbox_gives_its_messages_to_a_new_folder(transaction: Transaction) -> None:
    account = an_owner(transaction)
    inbox = find_folder(transaction, account, "INBOX")
    create_folder(transaction, account, "INBOX/below")
    put(transaction, inbox.id, 3, FLAGGED, ["tea"])
    put(transaction, inbox.id)
    transaction.commit()

    rename_folder(transaction, account, "INBOX", "old/mail")

    renamed = find_folder(transaction, account, "old/mail")
    assert {event.folder_id for event in transaction.commit()} == {inbox.id, renamed.id}
    assert own_names(transaction, account) == ["INBOX/below", "old", "old/mail"]
    emptied = folder_by_id(transaction, inbox.id)
    assert (emptied.messages, emptied.unseen, emptied.octets, emptied.uidnext) == (0, 0, 0, 5)
    snapshot = open_folder(transaction, renamed.id)
    assert list(snapshot.uids) == [1, 2, 3, 4]
    assert list(snapshot.keywords.values()) == ["tea"]
    assert snapshot.flags[0] & FLAGGED
    assert list(changes_since(transaction, inbox.id, 3).vanished) == [1, 2, 3, 4]


def test_subscriptions_are_to_names(transaction: Transaction) -> None:
    account = an_owner(transaction)
    create_folder(transaction, account, "a/b")
    subscribe(transaction, account, "a/b")
    subscribe(transaction, account, "a/b")
    subscribe(transaction, account, "not/there")
    delete_folder(transaction, account, "a/b")
    listing = {each.name: each for each in list_folders(transaction, account)}
    assert listing["a/b"].folder is None
    assert listing["a/b"].subscribed
    assert listing["a"].subscribed_below
    assert not listing["a"].has_children
    assert listing["not/there"].folder is None
    assert unsubscribe(transaction, account, "a/b")
    assert not unsubscribe(transaction, account, "a/b")
    assert "a/b" not in {each.name for each in list_folders(transaction, account)}


def test_renaming_takes_subscriptions_along(transaction: Transaction) -> None:
    account, other = an_owner(transaction), an_owner(transaction)
    create_folder(transaction, account, "a/b")
    for name in ("a", "a/b", "a/not/there", "ab", "x/y"):
        subscribe(transaction, account, name)
        subscribe(transaction, other, name)
    rename_folder(transaction, account, "a", "x")
    rename_folder(transaction, account, "INBOX", "old")
    subscribed = {each.name for each in list_folders(transaction, account) if each.subscribed}
    assert subscribed == {*STANDARD, "x", "x/b", "x/not/there", "ab", "x/y"}
    assert "a/b" in {each.name for each in list_folders(transaction, other) if each.subscribed}


def test_standard_folder_that_is_made_again_has_its_use_again(transaction: Transaction) -> None:
    account = an_owner(transaction)
    for name in ("Junk", "Sent", "Trash"):
        delete_folder(transaction, account, name)
    assert create_folder(transaction, account, "Junk").special_use == "\\Junk"
    create_folder(transaction, account, "Sent/2026")
    assert find_folder(transaction, account, "Sent").special_use == "\\Sent"
    create_folder(transaction, account, "Bin", "\\Trash")
    assert create_folder(transaction, account, "Trash").special_use is None
    assert create_folder(transaction, account, "Bin/Junk").special_use is None
    delete_folder(transaction, account, "Sent")  # its name stays, to hold Sent/2026
    assert create_folder(transaction, account, "Sent").special_use == "\\Sent"


def test_standard_folders_leave_a_use_where_it_is(transaction: Transaction) -> None:
    account = an_owner(transaction)
    rename_folder(transaction, account, "Junk", "Spam")
    delete_folder(transaction, account, "Trash")
    create_standard_folders(transaction, account)
    uses = {name: find_folder(transaction, account, name).special_use for name in ("Spam", "Junk", "Trash")}
    assert uses == {"Spam": "\\Junk", "Junk": None, "Trash": "\\Trash"}


def fill(tx: Transaction, table: str, account_id: int, rows: int) -> None:
    query = f"INSERT INTO {table} (account_id, name) SELECT %s, 'x' || n FROM generate_series(1, %s) AS series (n)"
    tx.execute(query, (account_id, rows))


def test_an_account_has_so_many_folders_and_no_more(transaction: Transaction) -> None:
    account = an_owner(transaction)
    fill(transaction, "folder", account, MOST_FOLDERS - len(STANDARD) - 2)
    create_folder(transaction, account, "a/b")
    transaction.commit()
    for operation in (
        lambda: create_folder(transaction, account, "c"),
        lambda: create_folder(transaction, account, "c/d/e/f"),
        lambda: rename_folder(transaction, account, "a", "c/d"),
        lambda: rename_folder(transaction, account, "INBOX", "c"),
    ):
        with pytest.raises(TooManyFolders):
            operation()
        transaction.rollback()
    rename_folder(transaction, account, "a", "c")
    delete_folder(transaction, account, "c/b")
    create_folder(transaction, account, "d")
    create_folder(transaction, an_owner(transaction), "d")


def test_an_account_has_so_many_subscriptions_and_no_more(transaction: Transaction) -> None:
    account = an_owner(transaction)
    fill(transaction, "subscription", account, MOST_SUBSCRIPTIONS - len(STANDARD))
    transaction.commit()
    subscribe(transaction, account, "INBOX")
    with pytest.raises(TooManySubscriptions):
        subscribe(transaction, account, "one/more")
    transaction.rollback()
    unsubscribe(transaction, account, "x1")
    subscribe(transaction, account, "one/more")


def test_what_refers_to_an_account_that_is_gone(transaction: Transaction) -> None:
    for operation in (
        lambda: create_folder(transaction, 987654, "a"),
        lambda: create_folder(transaction, 987654, "a/b"),
        lambda: subscribe(transaction, 987654, "a"),
    ):
        with pytest.raises(AccountNotFound):
            operation()
        transaction.rollback()


def test_nobody_claims_what_is_new_in_a_folder_that_is_gone(transaction: Transaction) -> None:
    with pytest.raises(FolderNotFound):
        claim_recent(transaction, 987654, 2)


def test_inbox_comes_first_and_others_by_name(transaction: Transaction) -> None:
    account = an_owner(transaction)
    for name in ("a b", "a/b", "INBOX/z", "Älter"):
        create_folder(transaction, account, name)
    assert names(transaction, account) == [
        "INBOX", "Archive", "Drafts", "INBOX/z", "Junk", "Sent", "Trash", "a", "a b", "a/b", "Älter",
    ]  # fmt: skip
