"""News of the manhole: a line, an answer, or the end of a console. Processes and shells look for their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from shared.events.channel import Channel, look_again

MANHOLE_USED: Channel[ManholeUsed] = look_again("manhole")  # watched as EVERYTHING


@dataclass(frozen=True, slots=True)
class ManholeUsed:
    """Something is new in a manhole."""

    channel: ClassVar[Channel[Any]] = MANHOLE_USED
