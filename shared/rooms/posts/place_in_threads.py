"""Putting a room's newest articles into their threads, by Message-IDs and, where an answer has none, by subject.

An article belongs to the thread of the nearest message that it refers to and that is known; where none is, to that of
the first one that it names. Mail that has In-Reply-To alone is an answer, too. An article that refers to nothing and
whose subject says that it answers ("Re:") belongs to the newest thread of that base subject; any other begins its own.
RFC 5256 §3 would gather articles of one subject that answer nothing, too: here the "Meeting" of each month is a thread.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence

from shared.database.transaction import Transaction
from shared.folders.packed import array_literal
from shared.messages.base_subject import base_subject
from shared.messages.encoded_words import decode_words
from shared.messages.fold import fold
from shared.messages.thread_header import IDENTIFIER, MOST_REFERENCES

STEP = 1_000  # articles in one transaction: 30 ms, and 300 KB of overviews
_OVERVIEW_SUBJECT = 1
NO_SUBJECT: tuple[int | None, bool] = (None, False)
_OVERVIEW_REFERENCES = 5  # the place of References in a line of OVER
# The last two strings of ENVELOPE are In-Reply-To and Message-ID (RFC 3501 §7.4.2).
_IN_REPLY_TO = re.compile(rb'"([^"\\]*)" (?:"[^"\\]*"|NIL)\)\Z')

_CREATE = "INSERT INTO thread_reach (folder_id) VALUES (%s) ON CONFLICT DO NOTHING"
_LOCK = "SELECT reached FROM thread_reach WHERE folder_id = %s FOR NO KEY UPDATE"
# Those that are cancelled as well: they may come back.
_NEW = "SELECT uid, identifier, overview FROM article WHERE folder_id = %s AND uid > %s ORDER BY uid LIMIT %s"
_ENVELOPES = """
    SELECT uid, envelope FROM article JOIN message ON message.id = message_id
    WHERE folder_id = %s AND uid = ANY(%s::integer[])
"""
_KNOWN = """
    SELECT article.identifier, thread
    FROM unnest(%s::bytea[]) AS wanted (identifier) JOIN identifier USING (identifier)
        JOIN article ON article.message_id = identifier.message_id AND folder_id = %s
        JOIN thread_place USING (folder_id, uid)
"""
_SUBJECTS = "SELECT subject, thread FROM thread_subject WHERE folder_id = %s AND subject = ANY(%s::bigint[])"
_KEEP_SUBJECTS = """
    INSERT INTO thread_subject (folder_id, subject, thread) SELECT %s, * FROM unnest(%s::bigint[], %s::bigint[])
    ON CONFLICT (folder_id, subject) DO UPDATE SET thread = excluded.thread
"""
_PLACE = "INSERT INTO thread_place (folder_id, uid, thread) SELECT %s, * FROM unnest(%s::integer[], %s::bigint[])"
_REACHED = "UPDATE thread_reach SET reached = %s WHERE folder_id = %s"
_UP_TO = "SELECT reached FROM thread_reach WHERE folder_id = %s"


def is_in_threads(tx: Transaction, folder_id: int) -> bool:
    """Whether every article of the room has its place, as far as this reading sees them."""
    newest = "SELECT max(uid) FROM article WHERE folder_id = %(folder_id)s"
    reached = "SELECT reached FROM thread_reach WHERE folder_id = %(folder_id)s"
    return bool(tx.value(f"SELECT coalesce(({newest}), 0) <= coalesce(({reached}), 0)", {"folder_id": folder_id}))


def in_threads_up_to(tx: Transaction, folder_id: int) -> int:
    """The number up to which all articles have their place, 0 if none has; a later statement sees all of them."""
    return int(tx.value(_UP_TO, (folder_id,)) or 0)


def place_in_threads(tx: Transaction, folder_id: int, most: int = STEP) -> bool:
    """Place the next articles, at most `most`; whether none was left. Waits for others who do the same.

    Articles are numbered under the lock of their room, so that none comes later below a number that is seen here.
    """
    tx.execute_with_next(_CREATE, (folder_id,))
    reached = tx.value(_LOCK, (folder_id,))
    new = tx.rows(_NEW, (folder_id, reached, most))
    if not new:
        return True
    references = _references(tx, folder_id, new)
    own = {identifier for _, identifier, _ in new}
    outside = {each for named in references.values() for each in named if each not in own}
    threads: dict[bytes, int] = dict(tx.rows(_KNOWN, (list(outside), folder_id))) if outside else {}
    subjects = {uid: _subject(overview) for uid, _, overview in new if uid not in references}
    by_subject = _known_subjects(tx, folder_id, subjects.values())
    placed: list[tuple[int, int]] = []
    begun: dict[int, int] = {}
    for uid, identifier, _ in new:
        subject, is_answer = subjects.get(uid, NO_SUBJECT)
        if subject is not None and is_answer and subject in by_subject:
            thread = by_subject[subject]
        else:
            thread = _thread(references.get(uid, ()), identifier, threads)
            if subject is not None:
                begun[subject] = by_subject[subject] = thread
        threads[identifier] = thread
        placed.append((uid, thread))
    uids, numbers = zip(*placed, strict=True)
    if begun:
        tx.execute_with_next(_KEEP_SUBJECTS, (folder_id, array_literal(begun), array_literal(begun.values())))
    tx.execute_with_next(_PLACE, (folder_id, array_literal(uids), array_literal(numbers)))
    tx.execute(_REACHED, (uids[-1], folder_id))
    return len(new) < most


def _references(
    tx: Transaction, folder_id: int, new: Sequence[tuple[int, bytes, bytes]]
) -> Mapping[int, Sequence[bytes]]:
    """What each article refers to, the oldest first, by number; those that refer to nothing are left out."""
    found: dict[int, Sequence[bytes]] = {}
    without: list[int] = []
    for uid, _, overview in new:
        named = IDENTIFIER.findall(overview.split(b"\t", _OVERVIEW_REFERENCES + 1)[_OVERVIEW_REFERENCES])
        if named:
            found[uid] = named if len(named) <= MOST_REFERENCES else [named[0], *named[1 - MOST_REFERENCES :]]
        else:
            without.append(uid)
    if without:
        for uid, envelope in tx.rows(_ENVELOPES, (folder_id, array_literal(without))):
            end = _IN_REPLY_TO.search(envelope)
            if end is not None and (named := IDENTIFIER.findall(end[1])):
                found[uid] = named[:1]
    return found


def _subject(overview: bytes) -> tuple[int | None, bool]:
    """The base subject as 64 bits, None without one; whether it says that the article answers."""
    text, is_answer = base_subject(decode_words(overview.split(b"\t", _OVERVIEW_SUBJECT + 1)[_OVERVIEW_SUBJECT]))
    return (thread_number(fold(text).encode("utf-8", "replace")), is_answer) if text else NO_SUBJECT


def _known_subjects(tx: Transaction, folder_id: int, subjects: Iterable[tuple[int | None, bool]]) -> dict[int, int]:
    """The newest thread of each subject that an article answers."""
    wanted = {subject for subject, is_answer in subjects if subject is not None and is_answer}
    return dict(tx.rows(_SUBJECTS, (folder_id, array_literal(wanted)))) if wanted else {}


def _thread(references: Sequence[bytes], identifier: bytes, known: Mapping[bytes, int]) -> int:
    for reference in reversed(references):
        thread = known.get(reference)
        if thread is not None and reference != identifier:
            return thread
    return thread_number(references[0] if references else identifier)


def thread_number(identifier: bytes) -> int:
    """The thread that a message begins: 64 bits of its Message-ID, signed as bigint is."""
    return int.from_bytes(hashlib.blake2b(identifier, digest_size=8).digest(), "big", signed=True)
