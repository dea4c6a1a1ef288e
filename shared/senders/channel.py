"""News of the rules about senders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from shared.events.channel import Channel, look_again

SENDER_RULES: Channel[SenderRulesChanged] = look_again("senders")  # watched as EVERYTHING, told nothing more


@dataclass(frozen=True, slots=True)
class SenderRulesChanged:
    """A rule about senders is new or gone: read them all again."""

    channel: ClassVar[Channel[Any]] = SENDER_RULES
