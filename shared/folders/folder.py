"""A folder's row: its name, its place in the numbering, and its counters."""

from __future__ import annotations

from typing import Any, NamedTuple, NewType

FolderId = NewType("FolderId", int)


class Folder(NamedTuple):
    """A folder as of one moment. `uidnext` and `highest_modseq` only ever grow while `uidvalidity` stays.

    `highest_modseq` is the position in the folder's change log; `octets` is the sum of its messages' sizes. A name
    that is not selectable only holds inferiors. `account_id` None: nobody's own, shared.
    """

    id: FolderId
    account_id: int | None
    name: str
    special_use: str | None  # "\\Sent" and so on (RFC 6154 §2)
    selectable: bool
    uidvalidity: int
    uidnext: int
    highest_modseq: int
    messages: int
    unseen: int
    octets: int


# The columns of a Folder in its own order: `SELECT {COLUMNS} FROM folder`, then `folder_from(row)`.
NAMES = Folder._fields
COLUMNS = ", ".join(NAMES)
_COUNT = len(NAMES)


def folder_from(row: tuple[Any, ...]) -> Folder:
    """The folder in a row of COLUMNS."""
    return Folder._make(row)


def folder_and_rest(row: tuple[Any, ...]) -> tuple[Folder, tuple[Any, ...]]:
    """The folder in a row that begins with COLUMNS, and what follows them: to be unpacked, whatever a folder has."""
    return Folder._make(row[:_COUNT]), row[_COUNT:]
