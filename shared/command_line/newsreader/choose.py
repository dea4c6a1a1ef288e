"""Which articles of a group are meant: all, the last ones, those since a moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from shared.command_line.newsreader.server import NewsServer, Refused

# NEWNEWS costs a server much, and many do not offer it (INN then says 480): the dates in the overviews decide.
NOT_OFFERED = (480, 500, 502, 503)
_DATE = 3  # its place in a line of OVER


def choose(server: NewsServer, group: str, last: int | None, since: datetime | None) -> Sequence[str]:
    """What ARTICLE is asked for, one after the other: numbers, or Message-IDs. The group is selected then."""
    _, count, low, high, *_ = server.ask(f"GROUP {group}").split()
    if count == "0" and int(high) < int(low):
        return []
    chosen = _numbers(server, group, low, high) if since is None else _since(server, group, low, high, since)
    return chosen if last is None else chosen[-last:] if last else []


def _numbers(server: NewsServer, group: str, low: str, high: str) -> Sequence[str]:
    try:
        return [line.split()[0].decode() for line in server.lines(f"LISTGROUP {group}") if line]
    except Refused:
        return [str(number) for number in range(int(low), int(high) + 1)]


def _since(server: NewsServer, group: str, low: str, high: str, since: datetime) -> Sequence[str]:
    moment = since.astimezone(UTC)
    try:
        return [line.decode() for line in server.lines(f"NEWNEWS {group} {moment:%Y%m%d %H%M%S} GMT")]
    except Refused as refused:
        if refused.code not in NOT_OFFERED:
            raise
    fields = [line.split(b"\t") for line in server.lines(f"XOVER {low}-{high}")]
    return [each[0].decode() for each in fields if len(each) > _DATE and _is_since(each[_DATE], moment)]


def _is_since(date: bytes, moment: datetime) -> bool:
    try:
        sent = parsedate_to_datetime(date.decode("ascii", "replace"))
    except (ValueError, TypeError):
        return False
    return (sent if sent.tzinfo is not None else sent.replace(tzinfo=UTC)) >= moment
