"""The progress of a command that takes long: a bar on a terminal, nothing where the output is piped.

Over SSH a command does not know whether its standard error is shown to somebody: there it is a line for each tenth.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import click
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from shared.command_line.terminal.output import console
from shared.command_line.terminal.surroundings import surroundings
from shared.octets import format_octets

Advance = Callable[[int, int | None], object]  # how much is done, and of how much, as far as that is known


@contextlib.contextmanager
def progress_bar(what: str, *, octets: bool = False) -> Iterator[Advance]:
    """Within the block each call moves the bar; it is gone afterwards."""
    screen = console(to_stderr=True)
    if not screen.is_terminal:
        yield (lambda done, total: None) if surroundings() is None else _Tenths(what, octets)
        return
    counted = (DownloadColumn(binary_units=True), TransferSpeedColumn()) if octets else (MofNCompleteColumn(),)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), *counted, TimeRemainingColumn())
    with Progress(*columns, console=screen, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(
            task, completed=done, total=None if total is None else max(done, total)
        )


class _Tenths:
    """Writes eleven lines at most."""

    def __init__(self, what: str, octets: bool) -> None:
        self._what = what
        self._octets = octets
        self._next = 0

    def __call__(self, done: int, total: int | None) -> None:
        if not total or (tenths := min(10 * done // total, 10)) < self._next:
            return
        self._next = tenths + 1
        amount = format_octets(total) if self._octets else str(total)
        click.echo(f"{self._what}: {10 * tenths} % of about {amount}", err=True)
