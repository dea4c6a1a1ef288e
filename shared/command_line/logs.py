"""`agora logs`: what the programs wrote."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import click

from shared.command_line.output import fail
from shared.command_line.place import Place
from shared.command_line.state_option import state_option

LOOK_AGAIN = timedelta(milliseconds=200)


@click.command()
@state_option
@click.argument("service", required=False)
@click.option("--follow", "-f", is_flag=True, help="Go on with what is written from now on.")
@click.option("--lines", "-n", default=50, show_default=True, help="How many lines of each to begin with.")
def command(place: Place, service: str | None, follow: bool, lines: int) -> None:
    """Show what the programs of the stack in DIR wrote: all of them, or SERVICE only.

    SERVICE is a name that `agora status` shows, or `supervisor`.
    """
    logs = {path.stem: path for path in sorted(place.logs.glob("*.log"))}
    if service is not None and service not in logs:
        fail(f"there is no log of {service}; there are: {', '.join(logs) or 'none yet'}")
    chosen = logs if service is None else {service: logs[service]}
    width = max(map(len, chosen), default=0) if service is None else 0
    for name, path in chosen.items():
        _print(name, width, _last_lines(path, lines))
    if follow:
        _follow(chosen, width)


def _last_lines(path: Path, count: int) -> list[str]:
    with path.open(errors="replace") as file:
        return file.read().splitlines()[-count:] if count else []


def _follow(chosen: dict[str, Path], width: int) -> None:
    """Until Ctrl-C. A file that shrank was rotated, and is read from its beginning."""
    ends = {name: path.stat().st_size for name, path in chosen.items()}
    while True:
        for name, path in chosen.items():
            if not path.exists():
                continue
            size = path.stat().st_size
            if size < ends[name]:
                ends[name] = 0
            if size > ends[name]:
                with path.open("rb") as file:
                    file.seek(ends[name])
                    whole = file.read().rpartition(b"\n")[0]
                if whole:
                    ends[name] += len(whole) + 1
                    _print(name, width, whole.decode(errors="replace").splitlines())
        time.sleep(LOOK_AGAIN.total_seconds())


def _print(name: str, width: int, lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(f"{name:<{width}} | {line}" if width else line)
    sys.stdout.flush()
