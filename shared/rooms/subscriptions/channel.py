"""The channel of subscriptions by mail: those who send posts look which rooms have subscribers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from shared.events.channel import Channel, look_again

SUBSCRIBERS: Channel[SubscribersChanged] = look_again("room-subscribers")  # watched as EVERYTHING


@dataclass(frozen=True, slots=True)
class SubscribersChanged:
    """Somebody has subscribed to a room by mail, or has ended or changed a subscription."""

    channel: ClassVar[Channel[Any]] = SUBSCRIBERS
