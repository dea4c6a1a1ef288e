"""The articles to be fetched: the last ones of a group, or those since a moment."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from shared.command_line.news.client.errors import RefusedByServer, UnreadableAnswer
from shared.command_line.news.client.session import NewsSession

# No such command, no such variant, not for this client, not kept here. INN says 480 where NEWNEWS is switched off.
_NOT_SERVED = (480, 500, 501, 502, 503)
_SELECTED = re.compile(rb"211 (\d{1,18}) (\d{1,18}) (\d{1,18})(?: .*)?", re.S)
_NUMBER = re.compile(rb"\d{1,18}")
_MESSAGE_ID = re.compile(rb"<[!-=?-~]{1,248}>")  # RFC 3977 §3.6: 250 octets, printable ASCII
_OVERVIEW_PAGE = 1000  # numbers in one OVER: some 500 KB
_OVERVIEW_OCTETS = 16 << 20  # of such a page
_OVERVIEW_PAGES = 10_000  # ten million numbers; no group has more, and a server that says so would keep us for ever
_LIST_OCTETS = 16 << 20  # of NEWNEWS: 300,000 Message-IDs
_DATE_FIELD = 3  # RFC 3977 §8.3.2: number, Subject, From, Date


@dataclass(frozen=True, slots=True)
class ChosenNumbers:
    """A group as GROUP has it."""

    name: str
    count: int
    first: int
    last: int


def select(session: NewsSession, group: str) -> ChosenNumbers:
    """Make `group` the one that numbers are of. Raises RefusedByServer for one that is not there."""
    line = session.ask(f"GROUP {group}", 211)
    match = _SELECTED.fullmatch(line)
    if match is None:
        raise UnreadableAnswer("the server's reply to GROUP has no numbers")
    return ChosenNumbers(group, *map(int, match.groups()))


def last_articles(session: NewsSession, group: ChosenNumbers, most: int) -> Sequence[str]:
    """The numbers of the last articles that are there, `most` of them, oldest first."""
    if group.count == 0 or group.last < group.first:
        return []
    span = 2 * most  # numbers of cancelled and expired articles are not used again
    while True:
        low = max(group.first, group.last - span + 1)
        try:
            lines = session.ask_for_block(f"LISTGROUP {group.name} {low}-{group.last}", 211)
        except RefusedByServer as refused:
            if refused.code not in _NOT_SERVED:
                raise
            return [str(number) for number in range(max(group.first, group.last - most + 1), group.last + 1)]
        found = heapq.nlargest(most, (int(line) for line in lines if _NUMBER.fullmatch(line)))
        if len(found) == most or low <= group.first:
            return [str(number) for number in reversed(found)]
        span *= 10


def articles_since(session: NewsSession, group: ChosenNumbers, moment: datetime) -> Sequence[str]:
    """The articles that came since `moment`, as Message-IDs of NEWNEWS; where that is not served, as numbers of those
    whose Date is not before it."""
    at = moment.astimezone(UTC)
    try:
        lines = session.ask_for_block(f"NEWNEWS {group.name} {at:%Y%m%d %H%M%S} GMT", 230, most_octets=_LIST_OCTETS)
    except RefusedByServer as refused:
        if refused.code not in _NOT_SERVED:
            raise
        return [str(number) for number in _dated_since(session, group, at)]
    return [line.decode("ascii") for line in lines if _MESSAGE_ID.fullmatch(line)]


def _dated_since(session: NewsSession, group: ChosenNumbers, moment: datetime) -> Iterator[int]:
    """An article whose date cannot be read is one of them: it may be."""
    first = max(group.first, group.last - _OVERVIEW_PAGES * _OVERVIEW_PAGE + 1)
    for low in range(first, group.last + 1, _OVERVIEW_PAGE):
        for line in _overview(session, low, min(low + _OVERVIEW_PAGE - 1, group.last)):
            fields = line.split(b"\t")
            if _NUMBER.fullmatch(fields[0]):
                date = _date(fields[_DATE_FIELD]) if len(fields) > _DATE_FIELD else None
                if date is None or date >= moment:
                    yield int(fields[0])


def _overview(session: NewsSession, low: int, high: int) -> Iterator[bytes]:
    for verb in ("OVER", "XOVER"):
        try:
            yield from session.ask_for_block(f"{verb} {low}-{high}", 224, most_octets=_OVERVIEW_OCTETS)
        except RefusedByServer as refused:
            if refused.code in (420, 423):  # none in this range
                return
            if refused.code != 500 or verb == "XOVER":
                raise
        else:
            return


def _date(field: bytes) -> datetime | None:
    try:
        date = parsedate_to_datetime(field.decode("ascii", "replace"))
    except (ValueError, OverflowError, IndexError):
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
