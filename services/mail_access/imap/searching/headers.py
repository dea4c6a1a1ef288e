"""The headers of messages that SORT and THREAD look at, a batch at a time: never all of a mailbox in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from services.mail_access.imap.message_cache import MessageCache
from services.mail_access.imap.message_set import GiveWay
from services.mail_access.imap.pieces import Pieces
from services.mail_access.imap.searching.facts import PIECES_AT_ONCE

OCTETS_AT_ONCE = 4 << 20  # of headers, and of small messages that are read as a whole
_SMALL_OCTETS = 64 << 10  # what is read of a message, at most, but for a header that is longer

Fact = TypeVar("Fact")


async def read_headers(
    cache: MessageCache, message_ids: Sequence[int], make: Callable[[bytes, Pieces], Fact], give_way: GiveWay
) -> dict[int, Fact]:
    """`make(header, pieces)` of each message by its id; purged ones are left out. Raises StoreUnavailable."""
    made: dict[int, Fact] = {}
    wanted = list(dict.fromkeys(message_ids))
    for start in range(0, len(wanted), PIECES_AT_ONCE):
        pieces = await cache.pieces(wanted[start : start + PIECES_AT_ONCE])
        for batch in _batches(pieces):
            beginnings = await cache.beginnings(batch)

            def work(beginnings: Mapping[int, bytes] = beginnings, batch: Mapping[int, Pieces] = batch) -> None:
                for number, octets in beginnings.items():
                    made[number] = make(octets[: batch[number].header_octets], batch[number])

            await cache.aside(work)
            await give_way()
    return made


def _batches(pieces: Mapping[int, Pieces]) -> list[dict[int, Pieces]]:
    batches: list[dict[int, Pieces]] = [{}]
    octets = 0
    for number, each in pieces.items():
        octets += max(min(each.size_octets, _SMALL_OCTETS), each.header_octets)
        if octets > OCTETS_AT_ONCE and batches[-1]:
            batches.append({})
            octets = 0
        batches[-1][number] = each
    return batches
