"""Writing messages, their octets, and their entries: the statements of the write path.

Ordinary messages are one statement, which travels with the commit: each statement and each round trip costs as much as
several messages. Their octets are one text, which PostgreSQL takes apart. Large ones go by COPY in binary format, which
needs no parsing; all else travels with that COPY or with the commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from mmap import mmap
from struct import Struct

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.folders.growth import Counters
from shared.folders.message import NewMessage
from shared.folders.packed import array_literal

CHUNK_OCTETS = 1024 * 1024  # migrations/0002_messages.sql
# Of all messages of a statement: PostgreSQL reads its text octet by octet, and with more a COPY costs less.
MOST_OCTETS_INLINE = 48 * 1024

Message = tuple[int, NewMessage]  # id, message
Entry = tuple[int, int, int, int, int, int]  # folder_id, message_id, flags, modseq, uid, size_octets

_BODY_ROW = Struct(">hiqiii")  # COPY's binary format: three fields, of 8 octets, of 4, and of so many, which follow
_NO_OFFSET, _MINUTE = timedelta(0), timedelta(minutes=1)

MESSAGE_COLUMNS = "message (id, size_octets, received_at, sent_at, envelope, bodystructure, sections, received_zone)"
BODY_COLUMNS = "body (message_id, chunk, octets)"
ENTRY_COLUMNS = "entry (folder_id, message_id, flags, modseq, uid, size_octets)"
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
_WRITE = Prepared(
    f"""
    WITH in_message AS (
        INSERT INTO {MESSAGE_COLUMNS}
        SELECT id, size_octets, received_at, sent_at,
               decode(envelope, 'hex'), decode(bodystructure, 'hex'), decode(sections, 'hex'), received_zone
        FROM unnest(%(id)s::bigint[], %(size_octets)s::integer[], %(received_at)s::timestamptz[],
                    %(sent_at)s::timestamp[], %(envelope)s::text[], %(bodystructure)s::text[], %(sections)s::text[],
                    %(received_zone)s::smallint[])
             AS new (id, size_octets, received_at, sent_at, envelope, bodystructure, sections, received_zone)
    ), whole AS MATERIALIZED (  -- once, not for each message; behind the above, as pg_stat_activity shows a beginning
        SELECT convert_to(%(octets)s::text, %(encoding)s::text) AS octets
    ), in_body AS (
        INSERT INTO {BODY_COLUMNS}
        SELECT id, 0, substring(whole.octets FROM start FOR size_octets)
        FROM whole CROSS JOIN unnest(%(id)s::bigint[], %(start)s::integer[], %(size_octets)s::integer[])
             AS piece (id, start, size_octets)
        WHERE size_octets > 0
    ), in_entry AS (
        INSERT INTO {ENTRY_COLUMNS}
        SELECT * FROM unnest(%(folder_id)s::bigint[], %(message_id)s::bigint[], %(flags)s::bigint[],
                             %(modseq)s::bigint[], %(uid)s::integer[], %(entry_octets)s::integer[])
    )
    UPDATE folder SET uidnext = grown.uidnext, highest_modseq = grown.highest_modseq, messages = grown.messages,
                      unseen = grown.unseen, octets = grown.octets
    FROM unnest(%(folder)s::bigint[], %(uidnext)s::integer[], %(highest_modseq)s::bigint[], %(messages)s::integer[],
                %(unseen)s::integer[], %(folder_octets)s::bigint[])
         AS grown (id, uidnext, highest_modseq, messages, unseen, octets)
    WHERE folder.id = grown.id
"""
)
_PARAMETERS = [
    *(b"id", b"size_octets", b"received_at", b"sent_at", b"envelope", b"bodystructure", b"sections", b"received_zone"),
    *(b"folder_id", b"message_id", b"flags", b"modseq", b"uid", b"entry_octets"),
    *(b"folder", b"uidnext", b"highest_modseq", b"messages", b"unseen", b"folder_octets"),
    *(b"start", b"encoding"),
]
_NO_ROWS = ["{}"] * 6  # a message that goes to other servers alone is in no folder


def write(tx: Transaction, messages: Sequence[Message], entries: Sequence[Entry], counters: Sequence[Counters]) -> None:
    """Write all of it. The folders are locked and `counters` follow from what is written."""
    octets = b"".join([message.octets for _, message in messages]) if _are_small(messages) else b"\0"
    if b"\0" not in octets:  # which a text cannot hold
        tx.execute_texts_with_next(_WRITE, _texts(octets, messages, entries, counters))
        return
    tx.execute_arrays_with_next(_INSERT_MESSAGES, _message_columns(messages))
    tx.copy_in_pieces(BODY_COLUMNS, _all_chunks(messages))
    if entries:  # a message that goes to other servers alone has none
        tx.execute_arrays_with_next(_INSERT_ENTRIES, _columns(entries))
        tx.execute_arrays_with_next(_UPDATE_FOLDERS, _columns(counters))


def _are_small(messages: Iterable[Message]) -> bool:
    """Whether all of them together are small, and in memory."""
    left = MOST_OCTETS_INLINE
    for _, message in messages:
        left -= len(message.octets)
        if left < 0 or not isinstance(message.octets, bytes):
            return False
    return True


def _texts(
    octets: bytes, messages: Sequence[Message], entries: Sequence[Entry], counters: Sequence[Counters]
) -> dict[bytes, bytes]:
    """The parameters of _WRITE; `octets` are those of all messages."""
    is_ascii = octets.isascii()
    ends = tuple(accumulate([len(message.octets) for _, message in messages], initial=1))
    columns = [
        *_message_columns(messages),
        *(_columns(entries) if entries else _NO_ROWS),
        *(_columns(counters) if counters else _NO_ROWS),
        array_literal(ends[:-1]),
        "UTF8" if is_ascii else "LATIN1",
    ]
    texts = dict(zip(_PARAMETERS, [column.encode() for column in columns], strict=True))
    # Any octets are a text of Latin-1.
    texts[b"octets"] = (octets if is_ascii else octets.decode("latin-1").encode()).replace(b"'", b"''")
    return texts


def _columns(rows: Iterable[Sequence[int]]) -> list[str]:
    return [array_literal(column) for column in zip(*rows, strict=True)]


def _message_columns(messages: Sequence[Message]) -> list[str]:
    """Array literals; what is in them needs no quoting."""
    columns = (
        [str(message_id) for message_id, _ in messages],
        [str(len(message.octets)) for _, message in messages],
        [received_at_of(message) for _, message in messages],
        [sent_at_of(message) or "NULL" for _, message in messages],
        [message.rendered.envelope.hex() for _, message in messages],
        [message.rendered.bodystructure.hex() for _, message in messages],
        [message.rendered.sections.hex() or '""' for _, message in messages],
        [str(zone_of(message.received_at)) for _, message in messages],
    )
    return ["{" + ",".join(column) + "}" for column in columns]


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
