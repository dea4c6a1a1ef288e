"""Exporting a mailbox: its folders one after the other, their messages in the order of their numbers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from shared.database.blocking import BlockingDatabase
from shared.database.transaction import Transaction
from shared.folders.bodies import load_bodies
from shared.folders.flags import SYSTEM_MASK
from shared.folders.folder import Folder
from shared.mail.transfer.carried import Carried

BATCH_MESSAGES = 500
BATCH_OCTETS = 16 << 20  # in memory, or one message
# The names of the keywords are those of the moment of the flags: later their bits may have others.
_ENTRIES = """
    SELECT uid, message_id, flags, entry.size_octets, received_at, ARRAY(
        SELECT name FROM keyword WHERE keyword.folder_id = entry.folder_id AND flags >> bit & 1 = 1 ORDER BY bit
    )
    FROM entry JOIN message ON message.id = message_id
    WHERE folder_id = %s AND uid > %s ORDER BY uid LIMIT %s
"""


class Numbered(NamedTuple):
    """A message and its number in the folder."""

    uid: int
    carried: Carried


def export_folder(store: BlockingDatabase, folder: Folder) -> Iterator[Numbered]:
    """Every message of the folder, with proper line ends; of what comes or goes meanwhile, what there is."""
    after = 0
    while batch := store.read(_batch, folder.id, after):
        yield from batch
        after = batch[-1].uid


def _batch(tx: Transaction, folder_id: int, after: int) -> list[Numbered]:
    chosen: list[tuple[int, int, int, datetime, list[str]]] = []
    octets = 0
    for uid, message_id, flags, size_octets, *rest in tx.rows(_ENTRIES, (folder_id, after, BATCH_MESSAGES)):
        octets += size_octets
        if chosen and octets > BATCH_OCTETS:
            break
        chosen.append((uid, message_id, flags, *rest))
    bodies = dict(load_bodies(tx, sorted({row[1] for row in chosen})))
    return [
        Numbered(uid, Carried(bodies.get(message_id, b""), received_at, flags & SYSTEM_MASK, keywords))
        for uid, message_id, flags, received_at, keywords in chosen
    ]
