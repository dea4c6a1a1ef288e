"""`agora backup`: everything that the store keeps, as one file."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import click
import psycopg2

from shared.administration.backup import back_up
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.terminal.output import fail
from shared.command_line.terminal.progress import progress_bar
from shared.command_line.terminal.surroundings import surroundings
from shared.command_line.upkeep.store_alone import store_url
from shared.command_line.version import version
from shared.database.backup.errors import BackupUnderWay
from shared.octets import format_octets

STDOUT = "-"
TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h


@click.command()
@state_option
@click.argument("file", default=STDOUT, type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
def command(directory: StateDirectory, file: str, force: bool) -> None:
    """Write everything that the store keeps into FILE, for `agora restore`; none or `-` is the standard output.

    The stack goes on meanwhile, and nothing waits: FILE has the state of one moment. A FILE that is there is complete.
    It holds all mail and the verifiers of all passwords, and can be read by you alone. The stack's key, the
    certificates and the settings are files of their own, and are not in it.
    """
    begun = time.monotonic()
    on_interrupt = (lambda end: None) if (around := surroundings()) is None else around.on_interrupt
    try:
        with store_url(directory) as url, _target(file, force) as target, progress_bar("Backup", octets=True) as move:
            written = back_up(url, target, version(), move, on_interrupt)
    except BackupUnderWay as error:
        fail(str(error), status=TRY_AGAIN)
    except psycopg2.Error as error:
        reason = str(error).strip().partition("\n")[0]
        fail(f"{'this backup is not whole' if file == STDOUT else f'{file} is not written'}: PostgreSQL: {reason}")
    size = "" if file == STDOUT else f", {format_octets(Path(file).stat().st_size)}"
    seconds = time.monotonic() - begun
    click.echo(
        f"{written.messages} messages and everything else of {written.taken_at:%Y-%m-%d %H:%M:%S} UTC are in "
        f"{'the standard output' if file == STDOUT else file}{size} ({seconds:.1f} s).",
        err=file == STDOUT,
    )


@contextlib.contextmanager
def _target(name: str, force: bool) -> Iterator[IO[bytes]]:
    """The file under another name until it is complete and on the disk."""
    if name == STDOUT:
        if sys.stdout.isatty():
            fail(f"a backup is nothing for a terminal: {_way_out()}")
        yield sys.stdout.buffer
        return
    file = Path(name)
    if file.exists() and not force:
        fail(f"{file} is there already: choose another name, or --force")
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        unfinished.rename(file)
    finally:
        unfinished.unlink(missing_ok=True)


def _way_out() -> str:
    """What to do instead, here or over SSH."""
    if (around := surroundings()) is None:
        return "name a file, or send it through a pipe"
    port = around.settings.public_port(around.door)
    here = f"{f'-p {port} ' if port else ''}{around.user}@{around.settings.hostname}"
    return f"on your own machine, `ssh {here} backup > FILE` writes it to a file"
