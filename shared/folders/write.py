"""Writing messages, their octets, and their entries: the statements of the write path.

The octets of many messages go by COPY in binary format, which needs neither hex nor parsing; those of a few small ones
go as a statement, which saves two round trips. All else travels with that COPY or with the commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from mmap import mmap
from struct import Struct

import psycopg2

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.folders.growth import Counters
from shared.folders.message import NewMessage
from shared.folders.packed import array_literal

CHUNK_OCTETS = 1024 * 1024  # migrations/0002_messages.sql
MOST_MESSAGES_INLINE = 4
MOST_OCTETS_INLINE = 32 * 1024  # hex doubles them, and PostgreSQL reads the statement twice

Message = tuple[int, NewMessage]  # id, message
Entry = tuple[int, int, int, int, int, int]  # folder_id, message_id, flags, modseq, uid, size_octets

_BODY_ROW = Struct(">hiqiii")  # COPY's binary format: three fields, of 8 octets, of 4, and of so many, which follow
_NO_OFFSET, _MINUTE = timedelta(0), timedelta(minutes=1)

MESSAGE_COLUMNS = "message (id, size_octets, received_at, sent_at, envelope, bodystructure, sections, received_zone)"
BODY_COLUMNS = "body (message_id, chunk, octets)"
ENTRY_COLUMNS = "entry (folder_id, message_id, flags, modseq, uid, size_octets)"
_INSERT_BODY = Prepared(f"INSERT INTO {BODY_COLUMNS} VALUES (%s, %s, %s)")
_INSERT_MESSAGES = Prepared(
    f"""
    INSERT INTO {MESSAGE_COLUMNS}
    SELECT id, size_octets, received_at, sent_at,
           decode(envelope, 'hex'), decode(bodystructure, 'hex'), decode(sections, 'hex'), received_zone
    FROM unnest(%s::bigint[], %s::integer[], %s::timestamptz[], %s::timestamp[],
                %s::text[], %s::text[], %s::text[], %s::smallint[])
         AS new (id, size_octets, received_at, sent_at, envelope, bodystructure, sections, received_zone)
"""
)
_INSERT_ENTRIES = Prepared(
    f"""
    INSERT INTO {ENTRY_COLUMNS}
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::integer[], %s::integer[])
"""
)
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
    tx.execute_arrays_with_next(_INSERT_MESSAGES, _message_columns(messages))
    octets = sum([len(message.octets) for _, message in messages])
    if len(messages) <= MOST_MESSAGES_INLINE and octets <= MOST_OCTETS_INLINE:
        for message_id, message in messages:
            for chunk, part in enumerate(chunks(message.octets)):
                tx.execute_with_next(_INSERT_BODY, (message_id, chunk, psycopg2.Binary(part)))
    else:
        tx.copy_in_pieces(BODY_COLUMNS, _all_chunks(messages))
    tx.execute_arrays_with_next(_INSERT_ENTRIES, _columns(entries))
    tx.execute_arrays_with_next(_UPDATE_FOLDERS, _columns(counters))


def _columns(rows: Iterable[Sequence[int]]) -> list[str]:
    return [array_literal(column) for column in zip(*rows, strict=True)]


def _message_columns(messages: Iterable[Message]) -> list[str]:
    """Array literals; what is in them needs no quoting."""
    columns = zip(*[_message_fields(*each) for each in messages], strict=True)
    return ["{" + ",".join(column) + "}" for column in columns]


def _message_fields(message_id: int, message: NewMessage) -> Sequence[str]:
    rendered = message.rendered
    return (
        str(message_id),
        str(len(message.octets)),
        received_at_of(message),
        sent_at_of(message) or "NULL",
        rendered.envelope.hex(),
        rendered.bodystructure.hex(),
        rendered.sections.hex() or '""',
        str(zone_of(message.received_at)),
    )


def sent_at_of(message: NewMessage) -> str | None:
    """The column of that name: the wall time that the message says, without a zone."""
    sent_at = message.rendered.sent_at
    return None if sent_at is None else _wall_time(sent_at)


def received_at_of(message: NewMessage) -> str:
    """The column of that name, with its zone."""
    moment = message.received_at
    return _wall_time(moment) + "Z" if moment.tzinfo is UTC else moment.isoformat()


def _wall_time(moment: datetime) -> str:
    """As isoformat() has it, without a zone, in a fifth of the time."""
    return "%04d-%02d-%02dT%02d:%02d:%02d.%06d" % (  # noqa: UP031 (format specifiers take three times as long)
        moment.year,
        moment.month,
        moment.day,
        moment.hour,
        moment.minute,
        moment.second,
        moment.microsecond,
    )


def zone_of(moment: datetime) -> int:
    """Minutes east of UTC."""
    return 0 if moment.tzinfo is UTC else (moment.utcoffset() or _NO_OFFSET) // _MINUTE


def _all_chunks(messages: Iterable[Message]) -> Iterator[bytes]:
    """The rows of `body` as COPY takes them, in pieces: the octets are not copied into rows first."""
    for message_id, message in messages:
        for chunk, octets in enumerate(chunks(message.octets)):
            yield _BODY_ROW.pack(3, 8, message_id, 4, chunk, len(octets))
            yield octets


def chunks(octets: bytes | mmap) -> Iterator[bytes]:
    """The pieces that a message is kept in; an empty message has none."""
    if isinstance(octets, bytes) and 0 < len(octets) <= CHUNK_OCTETS:
        yield octets
        return
    for start in range(0, len(octets), CHUNK_OCTETS):
        yield octets[start : start + CHUNK_OCTETS]
