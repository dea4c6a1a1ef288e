"""The groups of a server (RFC 3977 §7.6.3)."""

from __future__ import annotations

from dataclasses import dataclass

from shared.command_line.news.client.errors import RefusedByServer
from shared.command_line.news.client.session import NewsSession
from shared.command_line.terminal.printable import printable

_NO_SUCH_VARIANT = (500, 501, 503)
_LIST_OCTETS = 16 << 20  # the 110,000 groups of the whole Usenet are 5 MiB


@dataclass(frozen=True, slots=True)
class Group:
    """A line of LIST ACTIVE; `last` is less than `first` where there is no article."""

    name: str
    first: int
    last: int
    posting: str  # y, n, m; =other.group


def list_groups(session: NewsSession) -> list[Group]:
    """All groups, by name; lines that are none of LIST ACTIVE are passed over."""
    try:
        lines = session.ask_for_block("LIST ACTIVE", 215, most_octets=_LIST_OCTETS)
    except RefusedByServer as refused:
        if refused.code not in _NO_SUCH_VARIANT:
            raise
        lines = session.ask_for_block("LIST", 215, most_octets=_LIST_OCTETS)
    groups = {group.name: group for line in lines if (group := _read(line)) is not None}
    return [groups[name] for name in sorted(groups)]


def _read(line: bytes) -> Group | None:
    words = line.split()
    if len(words) < 4 or not (words[1].isdigit() and words[2].isdigit()):
        return None
    name, posting = (printable(word.decode("utf-8", "replace")) for word in (words[0], words[3]))
    return Group(name, int(words[2]), int(words[1]), posting)
