"""A message on its way into the store."""

from __future__ import annotations

from datetime import datetime
from mmap import mmap
from typing import NamedTuple

from shared.messages.render import Rendered


class NewMessage(NamedTuple):
    """A message as it will be kept, with every header field that Agora adds already on top."""

    octets: bytes | mmap
    received_at: datetime  # aware; its zone is kept, in whole minutes
    rendered: Rendered
