"""The channel of the queue: something was queued, or is to be tried now; the runners look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from shared.events.channel import Channel, look_again

QUEUE: Channel[QueueChanged] = look_again("outbound-queue")  # watched as EVERYTHING


@dataclass(frozen=True, slots=True)
class QueueChanged:
    """There is something in the queue that may be sent at once."""

    channel: ClassVar[Channel[Any]] = QUEUE
