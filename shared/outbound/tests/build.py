"""Messages in the queue that tests begin with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from uuid import UUID

from shared.accounts.account import Account
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.append import Append, Appended, AppendTarget
from shared.folders.find_folders import find_folders
from shared.folders.folder import Folder
from shared.folders.message import NewMessage
from shared.messages.render import render
from shared.outbound.departure import Departing, Departure, RemoteRecipient
from shared.outbound.enqueue import append_and_queue
from shared.outbound.report_text import ReportNames
from shared.outbound.retry import RetryTimes
from shared.outbound.settle import Settling
from shared.outbound.tally import Caps

NOW = datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC)
CAPS = Caps(200, 1000, "example.org")
PROCESS = UUID(int=1)
OTHER = UUID(int=2)
SETTLING = Settling(PROCESS, ReportNames("mail.example.org", "example.org"), RetryTimes())
TEXT = b"From: alice@example.org\r\nSubject: tea\r\nMessage-ID: <tea@example.org>\r\n\r\nAt four?\r\n"
_numbers = count(1)


def a_message(octets: bytes = TEXT) -> NewMessage:
    return NewMessage(octets, NOW, render(octets))


def a_departure(
    account: Account | None = None, *recipients: str, sender: str = "alice@example.org", notify: str = ""
) -> Departure:
    """For these addresses, or one."""
    to = [RemoteRecipient(each, each.rpartition("@")[2], notify) for each in recipients or ("bob@remote.test",)]
    return Departure(f"q{next(_numbers)}", None if account is None else account.id, sender, to, False, False)


def queue(
    tx: Transaction,
    *departures: Departure,
    octets: bytes = TEXT,
    folders: Sequence[Folder] = (),
    caps: Caps = CAPS,
) -> Sequence[Appended | DomainError]:
    """Queue a message for each departure, kept in these folders, too."""
    targets = [AppendTarget(folder.id) for folder in folders]
    items = [Departing(Append(a_message(octets), targets), departure) for departure in departures]
    return append_and_queue(caps)(tx, items)


def inbox_of(tx: Transaction, account: Account) -> Folder:
    folder = find_folders(tx, [(account.id, "INBOX")])[account.id, "INBOX"]
    assert isinstance(folder, Folder)
    return folder


def mail_of(tx: Transaction, account: Account) -> list[bytes]:
    """The messages in the account's INBOX."""
    rows = tx.rows(
        "SELECT octets FROM entry JOIN body USING (message_id) WHERE folder_id = %s ORDER BY uid",
        (inbox_of(tx, account).id,),
    )
    return [octets for (octets,) in rows]
