"""The doors of a running stack as a table: where each is reached, and why there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from shared.command_line.service_places import ServicePlaces, local_places
from shared.command_line.state_directory import StackRecord
from shared.doors import DOORS, DoorPort, loopback_endpoint


def show_doors(screen: Console, record: StackRecord) -> None:
    """One line per door of a local stack: where a mail program finds it."""
    places = local_places(record)
    show_rows(screen, door_rows(places, record))
    if (line := report_line(places)) is not None:
        screen.print(f"\n{line}")


def door_rows(places: ServicePlaces, record: StackRecord | None = None) -> Sequence[Mapping[str, Any]]:
    """Every door with its title, where it is, and a note where that is not its default."""
    rows = []
    for door in DOORS:
        where = places.doors.get(door.name)
        rows.append(
            {
                "door": door.title,
                "where": "not on a TCP port" if where is None else f"{where[0]}:{where[1]}",
                "note": "" if record is None else _note(door, record),
            }
        )
    return rows


def report_line(places: ServicePlaces) -> str | None:
    """The line with the URL of the proxy's reports, if they are on a TCP port."""
    where = places.doors.get("http_proxy_report")
    return None if where is None else f"word and usage report: http://{where[0]}:{where[1]}/proxy/"


def show_rows(screen: Console, rows: Sequence[Mapping[str, Any]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2))
    table.add_column("door")
    table.add_column("where")
    table.add_column("")
    for row in rows:
        table.add_row(row["door"], row["where"], row["note"])
    screen.print(table)


def _note(door: DoorPort, record: StackRecord) -> str:
    port, endpoints = record.ports.get(door.name), record.environment.get(door.endpoints_setting, "")
    if port is None or endpoints != loopback_endpoint(port):
        return f"{door.endpoints_setting}={endpoints}"
    if record.environment.get(door.setting):
        return f"by {door.setting}"
    return "" if port == door.port else f"kept for this stack instead of {door.port}; {door.setting} chooses"
