"""Importing a mailbox: messages are read and rendered while the store takes those before them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple

from shared.accounts.account import Account
from shared.database.blocking import BlockingDatabase
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.create_folder import create_folder
from shared.folders.errors import FolderNotFound
from shared.folders.find_folders import find_folder
from shared.folders.folder import FolderId
from shared.folders.message import NewMessage
from shared.folders.subscribe import subscribe
from shared.mail.transfer.carried import Carried, CarriedFolder, CarriedMailbox, NotTaken
from shared.mail.transfer.keep_missing import KnownMessages, NewItem, digest_of, keep_missing
from shared.messages.line_ends import is_proper, made_proper
from shared.messages.render import render

BATCH_MESSAGES = 250  # of one commit
BATCH_OCTETS = 8 << 20  # in memory twice: one batch is committed while the next is read


class Skipped(NamedTuple):
    """A message that was not imported."""

    where: str
    reason: DomainError | str


@dataclass
class ImportReport:
    """What an import has done."""

    imported: int = 0
    already_there: int = 0
    folders: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


class _Batch(NamedTuple):
    places: Sequence[str]
    items: Sequence[NewItem]


def import_mailbox(
    store: BlockingDatabase,
    account: Account,
    mailbox: CarriedMailbox,
    report: ImportReport,
    progress: Callable[[str, int, int | None], object],
) -> None:
    """Keep what is missing in the account's folders, which are made where they are missing, and add to `report`.

    `progress`: the folder, how many of its messages were looked at, of how many. Run again it goes on where it ended.
    Raises StoreUnavailable and the like; what was committed stays.
    """
    report.skipped += [Skipped(*each) for each in mailbox.unreadable]
    for folder in mailbox.folders:
        try:
            folder_id = store.transact(_folder_for, account.id, folder.name, mailbox.subscribed is None)
        except DomainError as refusal:
            report.skipped.append(Skipped(f"folder {folder.name}", refusal))
            continue
        _import_folder(store, folder, folder_id, report, progress)
        report.folders.append(folder.name)
    for name in mailbox.subscribed or ():
        try:
            store.transact(subscribe, account.id, name)
        except DomainError as refusal:
            report.skipped.append(Skipped(f"subscription {name}", refusal))


def _folder_for(tx: Transaction, account_id: int, name: str, subscribes: bool) -> FolderId:
    try:
        found = find_folder(tx, account_id, name)
        if found.selectable:
            return found.id
    except FolderNotFound:
        pass
    made = create_folder(tx, account_id, name)
    if subscribes:
        subscribe(tx, account_id, name)
    return made.id


def _import_folder(
    store: BlockingDatabase,
    folder: CarriedFolder,
    folder_id: FolderId,
    report: ImportReport,
    progress: Callable[[str, int, int | None], object],
) -> None:
    known = KnownMessages(folder_id)
    done = 0
    with ThreadPoolExecutor(1, "store") as thread:
        waiting: tuple[_Batch, Future[Sequence[DomainError | bool]]] | None = None
        for batch in _batches(folder, report):
            if waiting is not None:
                done += _count(*waiting, report)
                progress(folder.name, done, folder.count)
            waiting = batch, thread.submit(store.transact, keep_missing, known, batch.items)
        if waiting is not None:
            done += _count(*waiting, report)
            progress(folder.name, done, folder.count)


def _count(batch: _Batch, future: Future[Sequence[DomainError | bool]], report: ImportReport) -> int:
    for place, outcome in zip(batch.places, future.result(), strict=True):
        if isinstance(outcome, DomainError):
            report.skipped.append(Skipped(place, outcome))
        elif outcome:
            report.imported += 1
        else:
            report.already_there += 1
    return len(batch.places)


def _batches(folder: CarriedFolder, report: ImportReport) -> Iterator[_Batch]:
    places: list[str] = []
    items: list[NewItem] = []
    octets = 0
    for found in folder.messages():
        if isinstance(found, NotTaken):
            report.skipped.append(Skipped(*found))
            continue
        place, carried = found
        item = _item(carried)
        places.append(place)
        items.append(item)
        octets += len(item.message.octets)
        if len(items) >= BATCH_MESSAGES or octets >= BATCH_OCTETS:
            yield _Batch(places, items)
            places, items, octets = [], [], 0
    if items:
        yield _Batch(places, items)


def _item(carried: Carried) -> NewItem:
    octets = _proper(carried.octets)
    return NewItem(
        NewMessage(octets, carried.received_at, render(octets)), digest_of(octets), carried.flags, carried.keywords
    )


def _proper(octets: bytes) -> bytes:
    if b"\r" not in octets and b"\0" not in octets:  # as in nearly all files
        return octets.replace(b"\n", b"\r\n")
    return octets if is_proper(octets) else b"".join(made_proper(octets))
