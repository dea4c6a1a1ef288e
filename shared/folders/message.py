"""A message on its way into the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from mmap import mmap

from shared.messages.render import Rendered


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message as it will be kept, with every header field that Agora adds already on top."""

    octets: bytes | mmap
    received_at: datetime  # aware; its zone is kept, in whole minutes
    rendered: Rendered
