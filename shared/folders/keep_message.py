"""Keeping messages that are in no folder: something else refers to them, such as the queue of mail to other servers."""

from __future__ import annotations

from collections.abc import Sequence

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.folders.message import NewMessage
from shared.folders.write import write

_NUMBERS = Prepared("SELECT nextval('message_id_seq') FROM generate_series(1, %s::integer)")


def keep_messages(tx: Transaction, messages: Sequence[NewMessage]) -> Sequence[int]:
    """Their numbers, in order. What is to refer to them must be written by the same transaction."""
    if not messages:
        return ()
    numbers = [number for (number,) in tx.rows(_NUMBERS, (len(messages),))]
    write(tx, list(zip(numbers, messages, strict=True)), (), ())
    return numbers
