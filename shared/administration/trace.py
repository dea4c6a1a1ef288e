"""The trace of one message: how it came, what was checked, where it is under which number, and what was sent of it.

All of it is derived from what the store has, but for what was sent to subscribers and to other servers, which leave
rows for it (event_trace, event_trace_attempt). Who has read it, by which door, is not told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from shared.accounts.account import Account, Role
from shared.accounts.find_account import find_account
from shared.administration.find_traced import find_traced
from shared.database.transaction import Transaction
from shared.folders.bodies import load_beginnings
from shared.messages.fields import unfold
from shared.outbound.attempt_trace import attempts_of
from shared.outbound.outcome import Fate
from shared.rooms.subscriptions.sent_trace import SentLine, sent_of_post

_HEADER_OCTETS = 32 << 10
_MOST_LINES = 200  # entries and copies of one message that are shown
_RECEIVED = re.compile(
    r"(?:from (?P<greeting>\S+) \(\[(?P<peer>[^\]]*)\]\)\s+)?by (?P<host>\S+)(?: with (?P<protocol>\S+))?"
    r"(?: \((?P<tls>[^)]*)\))? id (?P<id>[0-9a-f]+)(?:\s+for <(?P<recipient>[^>]*)>)?"
)
_MESSAGE = "SELECT received_at, size_octets FROM message WHERE id = %s"
_ENTRIES = f"""
    SELECT account.name, folder.name, uid, NULL::timestamptz FROM entry
    JOIN folder ON folder.id = entry.folder_id LEFT JOIN account ON account.id = folder.account_id
    WHERE entry.message_id = %(message)s AND NOT EXISTS (SELECT FROM room WHERE room.folder_id = folder.id)
      AND (%(own)s::bigint IS NULL OR folder.account_id = %(own)s::bigint)
    UNION ALL
    SELECT account.name, folder.name, uid, vanished_at FROM vanished
    JOIN folder ON folder.id = vanished.folder_id LEFT JOIN account ON account.id = folder.account_id
    WHERE vanished.message_id = %(message)s AND NOT EXISTS (SELECT FROM room WHERE room.folder_id = folder.id)
      AND (%(own)s::bigint IS NULL OR folder.account_id = %(own)s::bigint)
    LIMIT {_MOST_LINES}
"""
_ARTICLES = """
    SELECT article.came_at, room.name, article.uid, room.folder_id, cancelled_at, canceller.name
    FROM article JOIN room ON room.folder_id = article.folder_id
    LEFT JOIN account AS canceller ON canceller.id = cancelled_by WHERE message_id = %s ORDER BY room.name
"""
_IDENTIFIER = """
    SELECT identifier.came_at, identifier.door, account.name, identifier.network, identifier.identifier
    FROM identifier LEFT JOIN account ON account.id = identifier.account_id
    WHERE identifier.identifier = (SELECT identifier FROM article WHERE message_id = %s LIMIT 1)
"""
_HELD = """
    SELECT held.came_at, decided_at, outcome, account.name, reason FROM held
    LEFT JOIN account ON account.id = decided_by WHERE identifier = %s
"""
_QUEUED = f"""
    SELECT queue_id, coalesce(account.name, ''), sender, queued_at, address, attempts, next_attempt_at, held
    FROM outbound JOIN outbound_recipient ON outbound_id = outbound.id
    LEFT JOIN account ON account.id = outbound.account_id
    WHERE message_id = %(message)s AND (%(own)s::bigint IS NULL OR outbound.account_id = %(own)s::bigint)
    ORDER BY outbound_recipient.id LIMIT {_MOST_LINES}
"""


class TraceStep(NamedTuple):
    """Something that happened to the message. `at` is None where the store has no time of it."""

    message: int
    at: datetime | None
    step: str
    details: str


class Waiting(NamedTuple):
    """A recipient at another server that does not have the message yet."""

    queue_id: str
    account: str  # "" where this server sent it
    sender: str
    queued_at: datetime
    address: str
    attempts: int
    next_attempt_at: datetime
    held: bool


def viewer_of(tx: Transaction, name: str | None) -> Account | None:
    """Whose messages are traced: None for an administrator, who sees all. Raises AccountNotFound."""
    account = None if name is None else find_account(tx, name)
    return None if account is None or account.role is Role.ADMIN else account


def trace(tx: Transaction, wanted: str, upper: int, viewer: str | None) -> tuple[Sequence[TraceStep], int | None]:
    """The steps of what find_traced() finds from number `upper` down, and where to look next.

    Raises NotAMessageId, AccountNotFound.
    """
    own = viewer_of(tx, viewer)
    found = find_traced(tx, wanted, own, upper)
    steps: list[TraceStep] = []
    shown: set[int] = set()  # copies and digests, which are among the steps of what they were made of
    for message_id in reversed(found.message_ids):
        if message_id in shown:
            continue
        steps += _steps(tx, message_id, own, shown)
    return steps, found.below


def _steps(tx: Transaction, message_id: int, own: Account | None, shown: set[int]) -> Iterator[TraceStep]:
    def step(at: datetime | None, what: str, details: str = "") -> TraceStep:
        return TraceStep(message_id, at, what, details)

    yield from _kept(tx, message_id, own, step, shown)
    yield from _sent_on(tx, message_id, own, step)


def _kept(
    tx: Transaction, message_id: int, own: Account | None, step: Callable[..., TraceStep], shown: set[int]
) -> Iterator[TraceStep]:
    row = tx.row(_MESSAGE, (message_id,))
    if row is None:
        yield step(None, "deleted", "it is in no mailbox, room or queue any more")
        return
    received_at, octets = row
    lines = _header(tx, message_id)
    yield step(received_at, "came", f"{_came(lines)}, {octets} octets")
    if checks := _first(lines, "authentication-results:"):
        yield step(received_at, "checked", checks)
    yield from _in_rooms(tx, message_id, own, step, shown)
    owner = None if own is None else own.id
    for account, folder, uid, gone_at in tx.rows(_ENTRIES, {"message": message_id, "own": owner}):
        yield step(gone_at, "removed" if gone_at else "is in", f"{account or 'nobody'}: {folder}, number {uid}")


def _sent_on(
    tx: Transaction, message_id: int, own: Account | None, step: Callable[..., TraceStep]
) -> Iterator[TraceStep]:
    """The way to other servers: the queue, each attempt, and what waits still."""
    owner = None if own is None else own.id
    # The queue first: a recipient leaves it in the commit that notes its last attempt, which is among these then.
    waiting = [Waiting(*row) for row in tx.rows(_QUEUED, {"message": message_id, "own": owner})]
    attempts = attempts_of(tx, message_id, owner)
    over = {(each.queue_id, each.address) for each in attempts if each.fate != Fate.DEFERRED}
    envelopes = {each[:4] for each in waiting} | {each.envelope for each in attempts}
    for queue_id, account, sender, queued_at in sorted(envelopes, key=itemgetter(3, 0)):
        by = f"sent by {account}" if account else "sent by this server"
        yield step(queued_at, "queued", f"as id {queue_id}, from <{sender}>, {by}")
    for attempt in attempts:
        said = f"{attempt.host} said: {attempt.reply}" if attempt.host else attempt.reply
        yield step(attempt.at, attempt.fate, f"for {attempt.address}, attempt {attempt.attempt}: {said}")
    for each in waiting:
        if (each.queue_id, each.address) in over:
            continue
        when = "on hold" if each.held else f"next at {each.next_attempt_at:%Y-%m-%d %H:%M:%S}"
        yield step(None, "waits", f"for {each.address}: {each.attempts} attempts, {when}")


def _in_rooms(
    tx: Transaction, message_id: int, own: Account | None, step: Callable[..., TraceStep], shown: set[int]
) -> Iterator[TraceStep]:
    taken = tx.row(_IDENTIFIER, (message_id,))
    if taken is not None and own is None:
        came_at, door, account, network, identifier = taken
        yield step(came_at, "taken", f"at the door {door} from {account or network or 'a feed'}")
        for held_at, decided_at, outcome, by, reason in tx.rows(_HELD, (identifier,)):
            yield step(held_at, "held", "for a moderator")
            if decided_at is not None:
                yield step(decided_at, outcome, f"by {by or 'the operator'}{reason and ': ' + reason}")
    rooms = () if own is not None and own.role is Role.GUEST else tx.rows(_ARTICLES, (message_id,))
    for came_at, room, uid, room_id, cancelled_at, canceller in rooms:
        yield step(came_at, "posted", f"{room}, number {uid}")
        if cancelled_at is not None:
            yield step(
                cancelled_at, "cancelled", f"{room}, number {uid}, by {canceller or 'its author or the operator'}"
            )
        if own is None:
            for sent in sent_of_post(tx, room_id, uid):
                shown.add(sent.message_id)
                yield from _sent(tx, room, sent, step)


def _sent(tx: Transaction, room: str, sent: SentLine, step: Callable[..., TraceStep]) -> Iterator[TraceStep]:
    what = "sent as a copy" if sent.kind == "copy" else "sent in a digest"
    yield step(sent.happened_at, what, f"of {room} to {sent.recipients} subscribers")
    for account, folder, number, gone_at in tx.rows(_ENTRIES, {"message": sent.message_id, "own": None}):
        what = "is in" if gone_at is None else "removed"
        yield step(gone_at or sent.happened_at, what, f"{account or 'nobody'}: {folder}, number {number}")
    yield from _sent_on(tx, sent.message_id, None, step)


def _header(tx: Transaction, message_id: int) -> Sequence[str]:
    octets = load_beginnings(tx, {message_id: _HEADER_OCTETS}).get(message_id, b"")
    header = unfold(octets.partition(b"\r\n\r\n")[0] + b"\r\n")
    return [line.decode("utf-8", "replace") for line in header.split(b"\n")]


def _first(lines: Sequence[str], begins: str) -> str:
    for line in lines:
        if line.lower().startswith(begins):
            return " ".join(line[len(begins) :].split())
    return ""


def _came(lines: Sequence[str]) -> str:
    found = _RECEIVED.match(_first(lines, "received:"))
    if found is None:
        return "by no mail door"
    peer = f" from {found['greeting']} ({found['peer']})" if found["peer"] else ""
    tls = f" ({found['tls']})" if found["tls"] else ""
    recipient = f", for {found['recipient']}" if found["recipient"] else ""
    sender = _first(lines, "return-path:")
    return f"by {found['protocol'] or 'mail'}{tls}{peer} as id {found['id']}, from {sender or '<>'}{recipient}"
