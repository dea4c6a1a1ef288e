"""Shows a running stack: its doors."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from shared.command_line.doors import DOORS, LOOPBACK
from shared.command_line.place import StackRecord


def show_doors(screen: Console, record: StackRecord) -> None:
    """One line per door: where a mail program finds it."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2))
    table.add_column("door")
    table.add_column("where")
    for door in DOORS:
        table.add_row(door.title, f"{LOOPBACK}:{record.ports[door.name]}")
    screen.print(table)
