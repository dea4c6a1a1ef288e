"""News of the proxy's rules and limits: the number of their newest revision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from shared.events.channel import EVERYTHING, Channel


def _write(events: Iterable[AccessChanged]) -> bytes:
    return b"%d" % max(event.revision for event in events)


def _read(message: bytes) -> Iterator[tuple[int, int]]:
    if message.isdigit():
        yield EVERYTHING, int(message)


ACCESS: Channel[AccessChanged] = Channel("access", _write, _read)  # watched as EVERYTHING, told the revision


@dataclass(frozen=True, slots=True)
class AccessChanged:
    """The proxy's rules, or an account's limits there, are others since the revision before this one."""

    channel: ClassVar[Channel[Any]] = ACCESS

    revision: int
