"""SORT (RFC 5256 §3): the messages that a search finds, in the order of their facts."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from services.mail_access.imap.message_set import slices
from services.mail_access.imap.pieces import Pieces
from services.mail_access.imap.response import Reply, no, ok
from services.mail_access.imap.searching.headers import read_headers
from services.mail_access.imap.searching.searcher import Searcher
from services.mail_access.imap.selected import Selected
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.values.commands import Sort
from services.mail_access.imap.values.sorting import SortBy, SortCriterion
from shared.accounts.account import Account
from shared.messages.base_subject import base_subject
from shared.messages.fold import fold
from shared.messages.thread_header import first_mailbox, read_thread_header

MOST_SORTED = 200_000  # messages; the facts of each are about 500 octets, and held until the reply is made
TOO_MANY = no(b"at most %d messages are sorted or made into threads at once" % MOST_SORTED, code=b"LIMIT")


async def obey(session: ImapSession, account: Account, selected: Selected, command: Sort) -> Reply:
    found = await Searcher(session, selected, session.saved_result).find(command.key)
    if len(found) > MOST_SORTED:
        return TOO_MANY
    ids, uids = selected.numbering.message_ids, selected.numbering.uids
    cache = session.parts.message_cache
    wanted = [ids[at] for at in found]
    facts = await read_headers(cache, wanted, lambda header, pieces: _facts(command, header, pieces), session.give_way)

    def numbers_in_order() -> Sequence[int]:
        ordered = _ordered(command.criteria, found, [facts.get(number) for number in wanted])
        return [uids[at] for at in ordered] if command.uid else [at + 1 for at in ordered]

    numbers = await cache.aside(numbers_in_order)
    await session.tell(_sort_line(numbers))
    return ok(b"SORT completed")


def _facts(command: Sort, header: bytes, pieces: Pieces) -> tuple[Any, ...]:
    return tuple(_FACTS[criterion.by](header, pieces) for criterion in command.criteria)


def _ordered(
    criteria: Sequence[SortCriterion], found: Sequence[int], facts: Sequence[tuple[Any, ...] | None]
) -> array[int]:
    """Sorted by the last criterion first, which keeps equal ones in their order; what was purged comes last."""
    order = [(each, at) for at, each in zip(found, facts, strict=True) if each is not None]
    for place in reversed(range(len(criteria))):
        order.sort(key=lambda item: item[0][place], reverse=criteria[place].is_reverse)
    gone = [at for at, each in zip(found, facts, strict=True) if each is None]
    return array("I", [*(at for _, at in order), *gone])


def _sort_line(numbers: Sequence[int]) -> Iterator[bytes]:
    yield b"* SORT"
    for some in slices(numbers):
        yield b"".join([b" %d" % number for number in some])
    yield b"\r\n"


def _sent(header: bytes, pieces: Pieces) -> float:
    """RFC 5256 §2.2: the moment in UTC; a message without a readable Date was sent when it came."""
    sent_at = read_thread_header(header).sent_at
    return (sent_at or pieces.received_at).timestamp()


_FACTS: dict[SortBy, Callable[[bytes, Pieces], Any]] = {
    SortBy.ARRIVAL: lambda header, pieces: pieces.received_at.timestamp(),
    SortBy.CC: lambda header, pieces: first_mailbox(header, b"cc"),
    SortBy.DATE: _sent,
    SortBy.FROM: lambda header, pieces: first_mailbox(header, b"from"),
    SortBy.SIZE: lambda header, pieces: pieces.size_octets,
    SortBy.SUBJECT: lambda header, pieces: fold(base_subject(read_thread_header(header).subject).text),
    SortBy.TO: lambda header, pieces: first_mailbox(header, b"to"),
}
