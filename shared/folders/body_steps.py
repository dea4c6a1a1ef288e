"""A message of any size in steps, for protocols that send its lines."""

from __future__ import annotations

from collections.abc import AsyncIterator

from shared.database.database import Database
from shared.folders.bodies import load_range

STEP_OCTETS = 1 << 20


async def body_steps(database: Database, message_id: int, size: int, start: int = 0) -> AsyncIterator[bytes]:
    """The octets from `start` on. A line's end at a step's end waits for what follows it: no step ends within one.

    Raises MessageNotFound, StoreUnavailable, StatementTimedOut.
    """
    carried = b""
    for at in range(start, max(size, start + 1), STEP_OCTETS):
        end = min(size, at + STEP_OCTETS)
        octets = carried + await database.read(load_range, message_id, at, end)
        waiting = octets.rfind(b"\r", max(0, len(octets) - 2)) if end < size else -1
        octets, carried = (octets, b"") if waiting < 0 else (octets[:waiting], octets[waiting:])
        yield octets
