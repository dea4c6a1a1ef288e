"""Every door of a stack, really connected to: its greeting, and how long that took."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from shared.command_line.service_places import ServicePlaces
from shared.command_line.stack.door_greeting import read_greeting
from shared.command_line.terminal.output import show_listing
from shared.doors import DOORS, DoorPort


def show_greetings(places: ServicePlaces, *, as_json: bool) -> int:
    """Show a line for each door, in the order of the list; returns the exit status, 1 if one does not answer.

    A door that is not on a TCP port is shown as such, and is no failure.
    """
    with ThreadPoolExecutor(len(DOORS)) as threads:
        rows = list(threads.map(lambda door: _row(door, places), DOORS))
    show_listing(rows, as_json)
    return 1 if any(row["answers"] is False for row in rows) else 0


def _row(door: DoorPort, places: ServicePlaces) -> Mapping[str, Any]:
    if (where := places.doors.get(door.name)) is None:
        return {"door": door.title, "where": "not on a TCP port", "answers": None, "ms": None, "greeting": None}
    begun = time.monotonic()
    try:
        greeting = read_greeting(door, where)
        answers = greeting != ""
    except OSError as error:
        greeting, answers = error.strerror or str(error), False
    took = round((time.monotonic() - begun) * 1000, 1)
    return {"door": door.title, "where": f"{where[0]}:{where[1]}", "answers": answers, "ms": took, "greeting": greeting}
