"""Reading what was rendered of messages when they came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from struct import Struct

from shared.database.transaction import Transaction
from shared.folders.packed import array_literal

# The fixed part of a row as one field: fewer and cheaper to take apart than four.
_FIXED = Struct(">qiq")  # id, size, microseconds from 2000-01-01 UTC
_RENDERED = """
    SELECT int8send(id) || int4send(size_octets) || timestamptz_send(received_at), timestamp_send(sent_at),
           envelope, bodystructure, sections
    FROM message WHERE id = ANY(%s::bigint[])
"""
_EPOCH = datetime(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """What the store knows of a message besides its octets; never changes, so it may be remembered for ever."""

    size_octets: int
    received_at: datetime  # IMAP's INTERNALDATE; UTC
    sent_at: datetime | None  # the Date field's wall time, no zone
    envelope: bytes  # as IMAP's ENVELOPE is sent
    bodystructure: bytes  # as IMAP's BODYSTRUCTURE is sent
    sections: bytes  # shared/messages/sections.py


def load_rendered(tx: Transaction, message_ids: Sequence[int]) -> Mapping[int, StoredMessage]:
    """By id, for those that are there."""
    stored: dict[int, StoredMessage] = {}
    for fixed, sent_at, envelope, bodystructure, sections in tx.copy_out(_RENDERED, (array_literal(message_ids),)):
        assert fixed is not None
        message_id, size_octets, received_at = _FIXED.unpack(fixed)
        stored[message_id] = StoredMessage(
            size_octets,
            (_EPOCH + timedelta(microseconds=received_at)).replace(tzinfo=UTC),
            None if sent_at is None else _EPOCH + timedelta(microseconds=int.from_bytes(sent_at, signed=True)),
            envelope or b"",
            bodystructure or b"",
            sections or b"",
        )
    return stored
