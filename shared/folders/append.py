"""The write path: how every new message gets into folders, whatever door it came through."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.channel import FolderChanged
from shared.folders.errors import MessageTooLarge
from shared.folders.folder import FolderId
from shared.folders.growth import Growth, lock_for_growth
from shared.folders.message import NewMessage
from shared.folders.write import Entry, Message, write

MOST_MESSAGE_OCTETS = 2**31 - 1  # sizes are PostgreSQL integers; every door's own limit is far lower


class AppendTarget(NamedTuple):
    """A folder that gets the message, and the flags that it gets there."""

    folder_id: int
    flags: int = 0  # system flags only: shared/folders/flags.py
    keywords: Sequence[str] = ()


class Append(NamedTuple):
    """One message for one or more folders; a folder that is named twice gets it once.

    `one_of_each`: groups of folders, one for each recipient. The message is kept only if at least one folder of every
    group takes it; without groups, only if every folder takes it.
    `over_quota`: an account that has any room takes the message, even if it then has more than its quota.
    """

    message: NewMessage
    folders: Sequence[AppendTarget | tuple[int, int, Sequence[str]]]
    one_of_each: Sequence[Collection[int]] | None = None
    over_quota: bool = False


class Place(NamedTuple):
    """The place of a message in a folder, as APPENDUID tells it (RFC 4315 §3)."""

    folder_id: FolderId
    uidvalidity: int
    uid: int


class Appended(NamedTuple):
    """A message that was kept: for each of its folders, in order, its place there, or why it is not there."""

    message_id: int
    places: Sequence[Place | DomainError]


def append_entries(tx: Transaction, items: Sequence[Append]) -> Sequence[Appended | DomainError]:
    """Keep every item's message in its folders; an item that cannot be kept has its error in its place.

    Errors: FolderNotFound, FolderNotSelectable, QuotaExceeded, TooManyKeywords, BadKeyword, MessageTooLarge.
    Messages for one folder are numbered in the order of the items. Takes the same few round trips for one item as for
    hundreds, and announces one FolderChanged for each folder. Runs in a thread, maybe twice: touches `tx` and nothing
    else.
    """
    growth, message_ids = lock_for_growth(tx, {target[0] for item in items for target in item.folders}, len(items))
    messages: list[Message] = []
    entries: list[Entry] = []
    results: list[Appended | DomainError] = []
    for item, message_id in zip(items, message_ids, strict=True):
        try:
            appended = _place(growth, item, message_id, entries)
            messages.append((message_id, item.message))
            results.append(appended)
        except DomainError as error:
            results.append(error)
    if entries:
        counters = growth.grown()
        write(tx, messages, entries, counters)
        for folder_id, _uidnext, modseq, *_ in counters:
            tx.announce(FolderChanged(folder_id, modseq))
    return results


def _place(growth: Growth, item: Append, message_id: int, entries: list[Entry]) -> Appended:
    """Number the message in its folders, or raise and leave `growth` and `entries` as they were."""
    size_octets = len(item.message.octets)
    if size_octets > MOST_MESSAGE_OCTETS:
        raise MessageTooLarge
    if len(item.folders) == 1 and item.one_of_each is None:  # as nearly all are
        folder_id, flags, keywords = item.folders[0]
        flags |= growth.admit(folder_id, size_octets, keywords, over_quota=item.over_quota)
        return Appended(message_id, [_number(growth, folder_id, message_id, flags, size_octets, entries)])
    admitted: dict[int, int | DomainError] = {}  # folder → flags with keywords
    for folder_id, flags, keywords in item.folders:
        if folder_id not in admitted:
            try:
                admitted[folder_id] = flags | growth.admit(folder_id, size_octets, keywords, over_quota=item.over_quota)
            except DomainError as error:
                admitted[folder_id] = error
    refusal = _refusal(admitted, item.one_of_each)
    if refusal is not None:
        for folder_id, outcome in admitted.items():
            if not isinstance(outcome, DomainError):
                growth.dismiss(folder_id, size_octets)
        raise refusal
    places: dict[int, Place | DomainError] = {}
    for folder_id, outcome in admitted.items():
        if isinstance(outcome, DomainError):
            places[folder_id] = outcome
            continue
        places[folder_id] = _number(growth, folder_id, message_id, outcome, size_octets, entries)
    return Appended(message_id, [places[target[0]] for target in item.folders])


def _number(
    growth: Growth, folder_id: int, message_id: int, flags: int, size_octets: int, entries: list[Entry]
) -> Place:
    folder, uid, modseq = growth.add(folder_id, size_octets, flags)
    entries.append((folder.id, message_id, flags, modseq, uid, size_octets))
    return Place(folder.id, folder.uidvalidity, uid)


def _refusal(
    admitted: Mapping[int, int | DomainError], one_of_each: Sequence[Collection[int]] | None
) -> DomainError | None:
    """Why the message cannot be kept at all, if it cannot."""
    for group in [[folder_id] for folder_id in admitted] if one_of_each is None else one_of_each:
        errors = [outcome for folder_id in group if isinstance(outcome := admitted[folder_id], DomainError)]
        if errors and len(errors) == len(group):
            return errors[0]
    return None
