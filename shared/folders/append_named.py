"""Appending by the folder's id or by its name, which is looked for in the transaction that keeps the message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.append import Append, Appended, AppendTarget, append_entries
from shared.folders.find_folders import find_folders
from shared.folders.message import NewMessage


class NamedAppend(NamedTuple):
    """A message for the folder of that name, whichever folder has it when the transaction runs."""

    account_id: int
    folder: str
    flags: int  # system flags only: shared/folders/flags.py
    keywords: Sequence[str]
    message: NewMessage


def append_named(tx: Transaction, items: Sequence[Append | NamedAppend]) -> Sequence[Appended | DomainError]:
    """Keep every item's message in its folders; an item that cannot be kept has its error in its place.

    Errors: those of append_entries(), and BadFolderName. Names cost one query for all of them.
    """
    named = {(item.account_id, item.folder) for item in items if isinstance(item, NamedAppend)}
    if not named:
        return append_entries(tx, cast("Sequence[Append]", items))
    folders = find_folders(tx, named)
    found: list[Append | DomainError] = []
    for item in items:
        if isinstance(item, NamedAppend):
            folder = folders[item.account_id, item.folder]
            if isinstance(folder, DomainError):
                found.append(folder)
            else:
                found.append(Append(item.message, [AppendTarget(folder.id, item.flags, item.keywords)]))
        else:
            found.append(item)
    appends = [each for each in found if isinstance(each, Append)]
    appended = iter(append_entries(tx, appends) if appends else ())
    return [next(appended) if isinstance(each, Append) else each for each in found]
