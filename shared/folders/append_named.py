"""Appending by the folder's name: the folder is looked for in the transaction that keeps the message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.append import Append, Appended, Target, append_entries
from shared.folders.find import find_folders
from shared.folders.message import NewMessage


@dataclass(frozen=True, slots=True)
class NamedAppend:
    """A message for the folder of that name, whichever folder has it when the transaction runs."""

    account_id: int
    folder: str
    flags: int  # system flags only: shared/folders/flags.py
    keywords: Sequence[str]
    message: NewMessage


def append_named(tx: Transaction, items: Sequence[NamedAppend]) -> Sequence[Appended | DomainError]:
    """Keep every item's message in its folder. What cannot be kept has its error in the item's place."""
    folders = find_folders(tx, {(item.account_id, item.folder) for item in items})
    found = [folders[item.account_id, item.folder] for item in items]
    appends = [
        Append(item.message, [Target(folder.id, item.flags, item.keywords)])
        for item, folder in zip(items, found, strict=True)
        if not isinstance(folder, DomainError)
    ]
    appended = iter(append_entries(tx, appends) if appends else ())
    return [folder if isinstance(folder, DomainError) else next(appended) for folder in found]


def weigh(item: NamedAppend) -> int:
    """Octets for the gathering's limit; 1 KiB for what surrounds them."""
    return 1024 + len(item.message.octets)
