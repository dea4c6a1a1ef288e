"""`agora down`: stop the stack."""

from __future__ import annotations

import os
import signal
import time
from datetime import timedelta

import click

from shared.command_line.stack.supervisor.orphans import end_orphans, orphans
from shared.command_line.state_directory import StateDirectory, start_time
from shared.command_line.state_option import state_option
from shared.command_line.terminal.output import fail

# Services 15 s, Redis 15 s, PostgreSQL 60 s at the worst: programs.py and monitor.py.
PATIENCE = timedelta(seconds=100)


@click.command()
@state_option
def command(directory: StateDirectory) -> None:
    """Stop the stack that runs in DIR: services first, then Redis, then PostgreSQL. Nothing is left behind."""
    stop(directory)


def stop(directory: StateDirectory) -> None:
    """Return when nothing of the stack runs any more; says what was done."""
    begun = time.monotonic()
    pid = directory.supervisor()
    if pid is None:
        if orphans(directory):
            end_orphans(directory)
            click.echo("The supervisor was gone; the programs that it had left behind are stopped.")
            return
        click.echo(f"No stack is running in {directory.path}.")
        return
    started = start_time(pid)
    os.kill(pid, signal.SIGTERM)
    while directory.supervisor() == pid or (started is not None and start_time(pid) == started):
        if time.monotonic() - begun > PATIENCE.total_seconds():
            fail(f"the supervisor ({pid}) does not stop; see {directory.supervisor_log}")
        time.sleep(0.05)
    click.echo(f"Everything is stopped after {time.monotonic() - begun:.1f} s.")
