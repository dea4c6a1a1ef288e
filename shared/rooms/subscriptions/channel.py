"""The channel of subscriptions by mail: those who send posts look which rooms have subscribers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from shared.events.channel import EVERYTHING, Channel


def _write(_events: Iterable[SubscribersChanged]) -> bytes:
    return b"changed"


def _read(_message: bytes) -> Iterator[tuple[int, int]]:
    yield EVERYTHING, 0


SUBSCRIBERS: Channel[SubscribersChanged] = Channel("room-subscribers", _write, _read)  # watched as EVERYTHING


@dataclass(frozen=True, slots=True)
class SubscribersChanged:
    """An account has subscribed to a room by mail, or has ended or changed its subscription."""

    channel: ClassVar[Channel[Any]] = SUBSCRIBERS
