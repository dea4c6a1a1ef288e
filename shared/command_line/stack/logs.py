"""`agora logs`: what the programs wrote."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import click

from shared.activity.line import read_line
from shared.command_line.stack.log_lines import Filter, bare_time, merged
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.terminal.output import fail
from shared.doors import DOORS

LOOK_AGAIN = timedelta(milliseconds=200)
INTERRUPTED = 130  # 128 + SIGINT, as a shell would say it


@click.command()
@state_option
@click.argument("service", required=False)
@click.option("--follow", "-f", is_flag=True, help="Go on to show what is written from now on.")
@click.option(
    "--lines",
    "-n",
    type=click.IntRange(min=0),
    default=50,
    show_default=True,
    help="How many lines of each log to show first.",
)
@click.option("--message", metavar="ID", default="", help="The line of the message that was `taken as ID`.")
@click.option(
    "--account", metavar="NAME", default="", help="Lines about what NAME did, and about mail from and to NAME."
)
@click.option(
    "--door",
    metavar="DOOR",
    type=click.Choice([door.name for door in DOORS]),
    default=None,
    help="Lines about this door: smtp, submission, imaps …",
)
@click.option("--errors", is_flag=True, help="Errors with their tracebacks, since the stack was started.")
def command(
    directory: StateDirectory,
    service: str | None,
    follow: bool,
    lines: int,
    message: str,
    account: str,
    door: str | None,
    errors: bool,
) -> None:
    """Show what the programs of the stack in DIR wrote: all of them, or SERVICE only.

    SERVICE is a name that `agora status` shows, `supervisor`, or `admin` (commands that changed something).

    --message, --account and --door look through all log files that are kept, and show the last --lines of what they
    find, by time.
    """
    logs = {path.stem: path for path in sorted(directory.logs.glob("*.log")) if path != directory.errors_file}
    if not logs:
        fail(
            f"there are no logs in {directory.path}: {directory.hint('up --detach')} starts a stack, which writes them"
        )
    if service is not None and service not in logs:
        fail(f"there is no log of {service}; there are: {', '.join(logs)}")
    chosen = logs if service is None else {service: logs[service]}
    wanted = Filter(message, account.partition("@")[0], door or "", errors)
    width = max(map(len, chosen), default=0) if service is None else 0
    ends = {name: path.stat().st_size for name, path in chosen.items()}  # what is written from now on is to be followed
    if wanted.asks:
        _print_wanted(directory, chosen, wanted, lines, width)
    else:
        last = {name: _last_lines(path, ends[name], lines) for name, path in chosen.items()}
        for name in chosen:
            _print(name, width, last[name])
        if lines and not any(last.values()):
            click.echo(f"Nothing is in {_logs_of(chosen)} so far.", err=True)
    if follow:
        try:
            _follow(chosen, ends, width, wanted)
        except KeyboardInterrupt:  # Ctrl-C is how following ends, and no failure
            sys.exit(INTERRUPTED)


def _print_wanted(
    directory: StateDirectory, chosen: Mapping[str, Path], wanted: Filter, lines: int, width: int
) -> None:
    found = merged(chosen, wanted)
    period = ""
    if wanted.errors and (record := directory.running()) is not None:  # earlier ones are in errors.log.1 and so on
        since = bare_time(record.since)
        found = (entry for entry in found if entry.time >= since)
        period = f" since the stack was started ({record.since})"
    last = deque(found, lines)
    for entry in last:
        _print(entry.program, width, entry.lines)
    if not last and lines:
        what = "no error" if wanted.errors else "no line"
        matching = " that matches these options" if wanted != Filter(errors=True) else ""
        click.echo(f"There is {what}{matching} in {_logs_of(chosen)}{period}.", err=True)


def _logs_of(chosen: Mapping[str, Path]) -> str:
    """The words for the logs that were read."""
    return f"the log of {next(iter(chosen))}" if len(chosen) == 1 else "the logs"


def _last_lines(path: Path, end: int, count: int) -> list[str]:
    with path.open("rb") as file:
        return file.read(end).decode(errors="replace").splitlines()[-count:] if count else []


def _follow(chosen: Mapping[str, Path], ends: dict[str, int], width: int, wanted: Filter) -> None:
    """Until KeyboardInterrupt, from `ends` on. A file that shrank was rotated, and is read from its beginning."""
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
                    _print(name, width, _wanted_of(whole.decode(errors="replace").splitlines(), wanted))
        time.sleep(LOOK_AGAIN.total_seconds())


def _wanted_of(lines: Sequence[str], wanted: Filter) -> Iterator[str]:
    """The lines that are shown; an indented line belongs to the one before it."""
    taken = not wanted.asks
    for line in lines:
        if wanted.asks and not line.startswith(" "):
            taken = wanted.may_take(line) and wanted.takes(read_line(line))
        if taken:
            yield line


def _print(name: str, width: int, lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(f"{name:<{width}} | {line}" if width else line)
    sys.stdout.flush()
