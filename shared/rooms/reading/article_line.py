"""A line of OVER as people read it: subject, author and date decoded, for lists of articles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.folders.packed import array_literal
from shared.messages.encoded_words import decode_words
from shared.messages.people import Person, first_person
from shared.messages.thread_header import IDENTIFIER, read_moment

_LINES = "SELECT uid, overview, message_id FROM article WHERE folder_id = %s AND uid = ANY(%s::integer[]) ORDER BY uid"
_FIELDS = 8  # number, Subject, From, Date, Message-ID, References, :bytes, :lines (RFC 3977 §8.4)


class ArticleLine(NamedTuple):
    """One article of a list."""

    uid: int
    message_id: int  # what shared/folders/bodies.py reads its octets by
    subject: str
    author: Person
    sent_at: datetime | None  # aware; None where Date is no date
    identifier: bytes
    references: tuple[bytes, ...]  # the oldest first
    size_octets: int


def read_line(overview: bytes, message_id: int) -> ArticleLine:
    """Read an article's line of OVER as the store has it."""
    fields = overview.split(b"\t", _FIELDS)
    number, subject, author, date, identifier, references, octets = (*fields, *[b""] * _FIELDS)[: _FIELDS - 1]
    return ArticleLine(
        uid=int(number),
        message_id=message_id,
        subject=decode_words(subject),
        author=first_person(author),
        sent_at=read_moment(date),
        identifier=identifier,
        references=tuple(IDENTIFIER.findall(references)),
        size_octets=int(octets or b"0"),
    )


def read_lines(tx: Transaction, folder_id: int, uids: Iterable[int]) -> Mapping[int, ArticleLine]:
    """The lines of articles that are there, by number and in its order; a few hundred at a time."""
    rows = tx.rows(_LINES, (folder_id, array_literal(uids)))
    return {uid: read_line(overview, message_id) for uid, overview, message_id in rows}
