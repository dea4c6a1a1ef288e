"""Writing messages, their octets, and their entries: the statements of the write path.

Many rows go by COPY in binary format, which needs neither hex nor parsing: 64 messages of 4 KB take 2.3 ms where one
INSERT of many rows takes 11. A few small ones go in one statement sequence, which saves three round trips.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from mmap import mmap
from struct import Struct
from typing import Any

import psycopg2

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.folders.growth import Counters
from shared.folders.message import NewMessage
from shared.folders.packed import array_literal

CHUNK_OCTETS = 1024 * 1024  # migrations/0002_messages.sql
MOST_MESSAGES_INLINE = 4
MOST_ENTRIES_INLINE = 16
MOST_OCTETS_INLINE = 32 * 1024  # hex doubles them, and PostgreSQL reads the statement twice

Message = tuple[int, NewMessage]  # id, message
Entry = tuple[int, int, int, int, int, int]  # folder_id, message_id, flags, modseq, uid, size_octets

_INT2 = Struct(">h")
_INT4 = Struct(">i")
_INT8 = Struct(">q")
_EPOCH = datetime(2000, 1, 1)  # PostgreSQL's timestamps count microseconds from here
_MICROSECOND = timedelta(microseconds=1)

_MESSAGE_COLUMNS = "message (id, size_octets, received_at, sent_at, envelope, bodystructure, sections, received_zone)"
_BODY_COLUMNS = "body (message_id, chunk, octets)"
_ENTRY_COLUMNS = "entry (folder_id, message_id, flags, modseq, uid, size_octets)"
_INSERT_MESSAGE = Prepared(f"INSERT INTO {_MESSAGE_COLUMNS} VALUES (%s, %s, %s, %s, %s, %s, %s, %s)")
_INSERT_BODY = Prepared(f"INSERT INTO {_BODY_COLUMNS} VALUES (%s, %s, %s)")
_INSERT_ENTRY = Prepared(f"INSERT INTO {_ENTRY_COLUMNS} VALUES (%s, %s, %s, %s, %s, %s)")
_UPDATE_FOLDERS = Prepared(
    """
    UPDATE folder SET uidnext = grown.uidnext, highest_modseq = grown.highest_modseq, messages = grown.messages,
                      unseen = grown.unseen, octets = grown.octets
    FROM unnest(%s::bigint[], %s::integer[], %s::bigint[], %s::integer[], %s::integer[], %s::bigint[])
         AS grown (id, uidnext, highest_modseq, messages, unseen, octets)
    WHERE folder.id = grown.id
"""
)


def write(tx: Transaction, messages: Sequence[Message], entries: Sequence[Entry], counters: Sequence[Counters]) -> None:
    """Write all of it. The folders are locked and `counters` follow from what is written."""
    octets = sum(len(message.octets) for _, message in messages)
    if len(messages) <= MOST_MESSAGES_INLINE and octets <= MOST_OCTETS_INLINE and len(entries) <= MOST_ENTRIES_INLINE:
        _write_inline(tx, messages, entries, counters)
        return
    tx.copy_in(_MESSAGE_COLUMNS, (_message_fields(*message) for message in messages))
    tx.copy_in(_BODY_COLUMNS, _all_chunks(messages))
    tx.copy_in(_ENTRY_COLUMNS, map(_entry_fields, entries))
    tx.execute(_UPDATE_FOLDERS, [array_literal(column) for column in zip(*counters, strict=True)])


def _message_fields(message_id: int, message: NewMessage) -> Sequence[bytes | None]:
    rendered = message.rendered
    sent_at = rendered.sent_at
    return (
        _INT8.pack(message_id),
        _INT4.pack(len(message.octets)),
        _timestamp(message.received_at.astimezone(UTC).replace(tzinfo=None)),
        None if sent_at is None else _timestamp(sent_at.replace(tzinfo=None)),
        rendered.envelope,
        rendered.bodystructure,
        rendered.sections,
        _INT2.pack(_zone(message.received_at)),
    )


def _zone(moment: datetime) -> int:
    """Minutes east of UTC."""
    return (moment.utcoffset() or timedelta(0)) // timedelta(minutes=1)


def _timestamp(moment: datetime) -> bytes:
    return _INT8.pack((moment - _EPOCH) // _MICROSECOND)


def _all_chunks(messages: Iterable[Message]) -> Iterator[Sequence[bytes]]:
    for message_id, message in messages:
        packed_id = _INT8.pack(message_id)
        for chunk, octets in enumerate(chunks(message.octets)):
            yield packed_id, _INT4.pack(chunk), octets


def chunks(octets: bytes | mmap) -> Iterator[bytes]:
    """The pieces that a message is kept in; an empty message has none."""
    if isinstance(octets, bytes) and 0 < len(octets) <= CHUNK_OCTETS:
        yield octets
        return
    for start in range(0, len(octets), CHUNK_OCTETS):
        yield octets[start : start + CHUNK_OCTETS]


def _entry_fields(entry: Entry) -> Sequence[bytes]:
    folder_id, message_id, flags, modseq, uid, size_octets = entry
    return (
        _INT8.pack(folder_id),
        _INT8.pack(message_id),
        _INT8.pack(flags),
        _INT8.pack(modseq),
        _INT4.pack(uid),
        _INT4.pack(size_octets),
    )


def _write_inline(
    tx: Transaction, messages: Sequence[Message], entries: Sequence[Entry], counters: Sequence[Counters]
) -> None:
    """All of it in one round trip."""
    calls: list[tuple[Prepared, Sequence[Any]]] = []
    for message_id, message in messages:
        rendered = message.rendered
        times = message.received_at, rendered.sent_at
        pieces = map(psycopg2.Binary, (rendered.envelope, rendered.bodystructure, rendered.sections))
        zone = _zone(message.received_at)
        calls.append((_INSERT_MESSAGE, (message_id, len(message.octets), *times, *pieces, zone)))
        for chunk, octets in enumerate(chunks(message.octets)):
            calls.append((_INSERT_BODY, (message_id, chunk, psycopg2.Binary(octets))))
    calls += ((_INSERT_ENTRY, entry) for entry in entries)
    calls.append((_UPDATE_FOLDERS, [array_literal(column) for column in zip(*counters, strict=True)]))
    tx.execute_together(calls)
