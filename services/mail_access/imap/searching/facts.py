"""The facts of messages that keys on size and dates compare: looked up once in a search, then compared in C."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import compress, repeat
from operator import eq, ge, gt, lt
from typing import Any, Protocol

from services.mail_access.imap.message_cache import MessageCache
from services.mail_access.imap.message_set import GiveWay
from services.mail_access.imap.searching.marks import Marks, from_octets, from_positions, positions
from services.mail_access.imap.values import search as keys
from services.mail_access.imap.values.search import Span

FactKey = keys.LargerThan | keys.SmallerThan | keys.Received | keys.Sent

PIECES_AT_ONCE = 1000  # about 1 MB from the store in one query, a millisecond's work when they are remembered
_COMPARED_AT_ONCE = 16 * 1024  # in less than a millisecond
_SPARSE = 4  # among so many messages one: it is looked at alone
_UNKNOWN = float("nan")  # neither less than, nor greater than, nor equal to anything


class _Dated(Protocol):
    size_octets: int
    received_at: datetime
    sent_at: datetime | None


def _size(message: _Dated) -> int:
    return message.size_octets


def _day_received(message: _Dated) -> int:
    return message.received_at.toordinal()  # in its own zone, as INTERNALDATE tells it


def _day_sent(message: _Dated) -> int:
    """A message without a readable Date is taken as sent when it came, as Dovecot does."""
    return (message.sent_at or message.received_at).toordinal()


_Look = Callable[[_Dated], int]
_COMPARISONS: Mapping[Span, Callable[[Any, Any], Any]] = {Span.BEFORE: lt, Span.SINCE: ge, Span.ON: eq}


class Facts:
    """The facts of one mailbox's messages, as far as they were asked for."""

    def __init__(self, cache: MessageCache, message_ids: Sequence[int], give_way: GiveWay) -> None:
        self._cache = cache
        self._ids = message_ids
        self._give_way = give_way
        self._values: dict[_Look, array[float]] = {}
        self._known: dict[_Look, Marks] = {}

    async def matching(self, key: FactKey, among: Marks) -> Marks:
        """Those of `among` that satisfy `key`. Raises StoreUnavailable."""
        look, compare, limit = _comparison_of(key)
        values = self._values.setdefault(look, array("d", [_UNKNOWN]) * len(self._ids))
        known = self._known.get(look, 0)
        missing = among ^ (among & known)
        if missing:
            await self._look_up(look, values, missing)
            self._known[look] = known | missing
        wanted = positions(among, len(values))
        if len(wanted) * _SPARSE < len(values):
            some = map(values.__getitem__, wanted)
            return from_positions(len(values), list(compress(wanted, map(compare, some, repeat(limit)))))
        octets = bytearray()
        for start in range(0, len(values), _COMPARED_AT_ONCE):
            octets += bytes(map(compare, values[start : start + _COMPARED_AT_ONCE], repeat(limit)))
            await self._give_way()
        return among & from_octets(octets)

    async def _look_up(self, look: _Look, values: array[float], missing: Marks) -> None:
        wanted = positions(missing, len(self._ids))
        for start in range(0, len(wanted), PIECES_AT_ONCE):
            some = wanted[start : start + PIECES_AT_ONCE]
            pieces = await self._cache.pieces([self._ids[at] for at in some])
            for at in some:
                message = pieces.get(self._ids[at])
                if message is not None:  # else it is purged
                    values[at] = look(message)
            await self._give_way()


def _comparison_of(key: FactKey) -> tuple[_Look, Callable[[Any, Any], Any], int]:
    match key:
        case keys.LargerThan():
            return _size, gt, key.octets
        case keys.SmallerThan():
            return _size, lt, key.octets
        case keys.Received():
            return _day_received, _COMPARISONS[key.span], key.day.toordinal()
        case keys.Sent():
            return _day_sent, _COMPARISONS[key.span], key.day.toordinal()
