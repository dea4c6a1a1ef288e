"""Reading what was rendered of messages when they came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from struct import Struct
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.folders.packed import array_literal
from shared.messages.sections import RECORD_OCTETS

# A row has many small fields: all rows' fixed parts as one field, and all their pieces as another, are taken apart in a
# third of the time.
_FIXED = Struct(">qiqqhiii")  # id, size, two times, the zone of the first, the lengths of the three pieces
_NO_TIME = -(2**63)  # PostgreSQL's -infinity
_RENDERED = """
    SELECT string_agg(int8send(id) || int4send(size_octets) || timestamptz_send(received_at)
                      || timestamp_send(coalesce(sent_at, '-infinity')) || int2send(received_zone)
                      || int4send(length(envelope))
                      || int4send(length(bodystructure)) || int4send(length(sections)), ''),
           string_agg(CASE WHEN length(envelope) + length(bodystructure) + length(sections) <= %s
                           THEN envelope || bodystructure || sections ELSE substr(sections, 1, 16) END, '')
    FROM message WHERE id = ANY(%s::bigint[])
"""
HEAVY_OCTETS = 16 * 1024  # of pieces; ordinary mail has 1 KB, and 500 messages of this are 8 MB
_NO_LIMIT = 2**31 - 1
_EPOCH = datetime(2000, 1, 1)
_UTC_EPOCH = _EPOCH.replace(tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_EARLIEST = (datetime.min - _EPOCH) // _MICROSECOND
_LATEST = (datetime.max - _EPOCH) // _MICROSECOND


class StoredMessage(NamedTuple):
    """What the store knows of a message besides its octets; never changes, so it may be remembered for ever."""

    size_octets: int
    received_at: datetime  # IMAP's INTERNALDATE, in the zone it was given in
    sent_at: datetime | None  # the Date field's wall time, no zone
    envelope: bytes  # as IMAP's ENVELOPE is sent
    bodystructure: bytes  # as IMAP's BODYSTRUCTURE is sent
    sections: bytes  # shared/messages/sections.py
    is_whole: bool  # or the pieces are heavy and were left out, all but the first record of `sections`


def load_rendered(tx: Transaction, message_ids: Sequence[int], *, heavy: bool = False) -> Mapping[int, StoredMessage]:
    """What was rendered of these messages, by id; those that are gone are left out.

    Pieces of more than HEAVY_OCTETS are read only with `heavy`.
    """
    most_octets = _NO_LIMIT if heavy else HEAVY_OCTETS
    ((fixed, pieces),) = tx.copy_out(_RENDERED, (most_octets, array_literal(message_ids)))
    if fixed is None or pieces is None:
        return {}
    stored: dict[int, StoredMessage] = {}
    start = 0
    for message_id, size_octets, received, sent, zone, *lengths in _FIXED.iter_unpack(fixed):
        is_whole = sum(lengths) <= most_octets
        if not is_whole:
            lengths = [0, 0, RECORD_OCTETS]
        bodystructure = start + lengths[0]
        sections = bodystructure + lengths[1]
        end = sections + lengths[2]
        try:
            received_at = _UTC_EPOCH + timedelta(microseconds=received)
            if zone:
                received_at = received_at.astimezone(timezone(timedelta(minutes=zone)))
            sent_at = None if sent == _NO_TIME else _EPOCH + timedelta(microseconds=sent)
        except (OverflowError, ValueError):
            received_at, sent_at = _nearest(received), None
        stored[message_id] = StoredMessage(
            size_octets,
            received_at,
            sent_at,
            pieces[start:bodystructure],
            pieces[bodystructure:sections],
            pieces[sections:end],
            is_whole,
        )
        start = end
    return stored


def _nearest(received: int) -> datetime:
    """The nearest time that `datetime` can hold: PostgreSQL's years go from 4713 BC to 294276.

    Such times are refused today, but an old row that has one must not make its folder unreadable.
    """
    return _UTC_EPOCH + timedelta(microseconds=max(_EARLIEST, min(received, _LATEST)))
