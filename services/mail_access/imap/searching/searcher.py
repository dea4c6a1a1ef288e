"""Finds the messages of a mailbox that satisfy a tree of keys: cheap keys first, text only for what is left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import ge, lt
from typing import TYPE_CHECKING, Protocol

from services.mail_access.imap.numbering import positions_in
from services.mail_access.imap.searching.texts import Texts
from services.mail_access.imap.values import search as keys
from services.mail_access.imap.values.search import SearchKey, Span
from services.mail_access.imap.values.sequence_set import ranges_of
from shared.folders.modseqs import modseqs_of

if TYPE_CHECKING:
    from services.mail_access.imap.backing import Backing
    from services.mail_access.imap.selected import Selected

PIECES_AT_ONCE = 2000  # about 2 MB from the store in one query


class Searcher:
    """Works on positions, always ascending. Nothing may change the numbering meanwhile."""

    def __init__(self, backing: Backing, selected: Selected, saved_uids: Sequence[int]) -> None:
        self._backing = backing
        self._selected = selected
        self._numbering = selected.numbering
        self._saved_uids = saved_uids
        self._texts = Texts(backing.library)
        self._modseqs: dict[int, int] | None = None

    async def find(self, key: SearchKey) -> Sequence[int]:
        """The positions of all messages that satisfy `key`. Raises StoreUnavailable."""
        return await self._among(key, range(len(self._numbering)))

    async def greatest_modseq(self, positions: Sequence[int]) -> int:
        """Never above what the client was told of: what is newer it has not seen."""
        modseqs = await self._all_modseqs()
        greatest = max(modseqs.get(self._numbering.uids[at], 1) for at in positions)
        return min(greatest, self._selected.modseq)

    async def _among(self, key: SearchKey, positions: Sequence[int]) -> Sequence[int]:
        """Those of `positions` that satisfy `key`."""
        if not positions:
            return positions
        match key:
            case keys.And():
                for part in sorted(key.keys, key=cost):
                    positions = await self._among(part, positions)
                return positions
            case keys.Or():
                first, second = sorted((key.one, key.other), key=cost)
                found = await self._among(first, positions)
                more = await self._among(second, _without(positions, found))
                return sorted([*found, *more])
            case keys.Not():
                return _without(positions, await self._among(key.key, positions))
        return await self._leaf(key, positions)

    async def _leaf(self, key: SearchKey, positions: Sequence[int]) -> Sequence[int]:
        match key:
            case keys.All():
                return positions
            case keys.HasFlag():
                return self._with_flag(key.mask, positions)
            case keys.HasKeyword():
                mask = self._numbering.flag_sets.mask_of([key.name])
                return self._with_flag(mask, positions) if mask else []
            case keys.InSet() | keys.SavedResult():
                return self._in_set(key, positions)
            case keys.LargerThan() | keys.SmallerThan() | keys.Received() | keys.Sent():
                return await self._by_pieces(_test_of(key), positions)
            case keys.ChangedSince():
                modseqs, uids = await self._all_modseqs(), self._numbering.uids
                return [at for at in positions if modseqs.get(uids[at], 0) >= key.modseq]
            case keys.InHeader() | keys.InBody() | keys.InText():
                ids = self._numbering.message_ids
                found = await self._texts.matching(key, [ids[at] for at in positions])
                return [at for at in positions if ids[at] in found]
        raise AssertionError(f"no way to search for {key}")

    def _with_flag(self, mask: int, positions: Sequence[int]) -> Sequence[int]:
        has_it = [bool(flags & mask) for flags in self._numbering.flag_sets.masks]
        numbers = self._numbering.flag_numbers
        return [at for at in positions if has_it[numbers[at]]]

    def _in_set(self, key: keys.InSet | keys.SavedResult, positions: Sequence[int]) -> Sequence[int]:
        numbering = self._numbering
        if isinstance(key, keys.SavedResult):
            spans = numbering.spans_of_uids(ranges_of(self._saved_uids))
        elif key.uid:
            spans = numbering.spans_of_uids(key.numbers.resolve(numbering.uids[-1] if numbering.uids else 0))
        else:
            spans = numbering.spans_of_numbers(key.numbers.resolve(len(numbering)))
        inside = set(positions_in(spans))
        return [at for at in positions if at in inside]

    async def _by_pieces(self, test: _Test, positions: Sequence[int]) -> Sequence[int]:
        ids = self._numbering.message_ids
        found: list[int] = []
        for start in range(0, len(positions), PIECES_AT_ONCE):
            chosen = positions[start : start + PIECES_AT_ONCE]
            pieces = await self._backing.library.pieces([ids[at] for at in chosen])
            found += [at for at in chosen if (each := pieces.get(ids[at])) is not None and test(each)]
        return found

    async def _all_modseqs(self) -> dict[int, int]:
        if self._modseqs is None:
            folder_id = self._selected.folder_id
            self._modseqs = await self._backing.database.read(modseqs_of, folder_id, 1, self._selected.uidnext)
        return self._modseqs


class _Dated(Protocol):
    """What the keys on size and dates look at."""

    size_octets: int
    received_at: datetime
    sent_at: datetime | None


class _Test(Protocol):
    def __call__(self, message: _Dated, /) -> bool: ...


def _test_of(key: keys.LargerThan | keys.SmallerThan | keys.Received | keys.Sent) -> _Test:
    match key:
        case keys.LargerThan(octets):
            return lambda message: message.size_octets > octets
        case keys.SmallerThan(octets):
            return lambda message: message.size_octets < octets
    day, span = key.day, key.span
    compare = {Span.BEFORE: lt, Span.SINCE: ge, Span.ON: lambda one, other: one == other}[span]
    if isinstance(key, keys.Received):
        return lambda message: compare(message.received_at.date(), day)  # in its own zone, as INTERNALDATE tells it
    # A message without a readable Date is taken as sent when it came, as Dovecot does.
    return lambda message: compare((message.sent_at or message.received_at).date(), day)


def _without(positions: Sequence[int], taken: Sequence[int]) -> Sequence[int]:
    gone = set(taken)
    return [at for at in positions if at not in gone]


def cost(key: SearchKey) -> int:
    """What comes first: 0 is in the session's memory, 1 is one small query, 2 reads headers, 3 reads everything."""
    match key:
        case keys.And():
            return max(map(cost, key.keys))
        case keys.Or():
            return max(cost(key.one), cost(key.other))
        case keys.Not():
            return cost(key.key)
        case keys.LargerThan() | keys.SmallerThan() | keys.Received() | keys.Sent() | keys.ChangedSince():
            return 1
        case keys.InHeader():
            return 2
        case keys.InBody() | keys.InText():
            return 3
    return 0
