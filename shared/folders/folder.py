"""A folder's row: its name, its place in the numbering, and its counters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NewType

FolderId = NewType("FolderId", int)

COLUMNS = (
    "id, account_id, name, special_use, selectable, uidvalidity, uidnext, highest_modseq, messages, unseen, octets"
)


@dataclass(frozen=True, slots=True)
class Folder:
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


def folder_from(row: tuple[Any, ...]) -> Folder:
    """From a row whose first columns are COLUMNS."""
    return Folder(*row[:11])
