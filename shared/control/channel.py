"""News of service control, for all processes: look at what is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from shared.events.channel import Channel, look_again

SERVICES_CHANGED: Channel[ServicesChanged] = look_again("services")  # watched as EVERYTHING


@dataclass(frozen=True, slots=True)
class ServicesChanged:
    """Something else is wanted of the services than before."""

    channel: ClassVar[Channel[Any]] = SERVICES_CHANGED
