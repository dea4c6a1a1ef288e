"""Folders and messages that tests of folders begin with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count

from shared.database.transaction import Transaction
from shared.folders.append import Append, Appended, AppendTarget, Place, append_entries
from shared.folders.create_folder import create_folder
from shared.folders.create_standard_folders import create_standard_folders
from shared.folders.find_folders import find_folder
from shared.folders.message import NewMessage
from shared.messages.render import render

_numbers = count(1)
RECEIVED_AT = datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC)


def an_owner(tx: Transaction, quota_octets: int | None = None) -> int:
    """The id of a new account with the standard folders; made in SQL, so that the folders' events are the only ones."""
    account_id: int = tx.value(
        "INSERT INTO account (name, role, quota_octets) VALUES (%s, 'member', %s) RETURNING id",
        (f"member{next(_numbers)}", quota_octets),
    )
    create_standard_folders(tx, account_id)
    return account_id


def an_inbox(tx: Transaction, quota_octets: int | None = None) -> int:
    """The id of a new account's INBOX."""
    return find_folder(tx, an_owner(tx, quota_octets), "INBOX").id


def a_folder(tx: Transaction, name: str = "Lists") -> int:
    """The id of a new account's folder of that name."""
    return create_folder(tx, an_owner(tx), name).id


def a_message(octets: bytes = b"Subject: tea\r\n\r\nAt four?\r\n") -> NewMessage:
    return NewMessage(octets, RECEIVED_AT, render(octets))


def put(
    tx: Transaction, folder_id: int, messages: int = 1, flags: int = 0, keywords: Sequence[str] = ()
) -> Sequence[int]:
    """Append so many messages to a folder; their UIDs."""
    items = [Append(a_message(), [AppendTarget(folder_id, flags, keywords)])] * messages
    uids = []
    for result in append_entries(tx, items):
        assert isinstance(result, Appended), result
        place = result.places[0]
        assert isinstance(place, Place)
        uids.append(place.uid)
    return uids
