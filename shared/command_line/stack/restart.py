"""`agora restart`: stop and start, all of the stack or one service of it."""

from __future__ import annotations

import os
import signal
import time
from datetime import timedelta

import click

from shared.administration.readiness import ask
from shared.command_line.look_until import look_until
from shared.command_line.service_places import local_places
from shared.command_line.stack.down import stop
from shared.command_line.stack.up import start_in_background
from shared.command_line.stack.wrong_settings import wrong_settings
from shared.command_line.state_directory import ProcessRecord, StackRecord, StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.terminal.output import fail
from shared.doors import SERVICES

# A service leaves within 10 s; one that lived for less than 5 s is started again up to 30 s later (monitor.py).
PATIENCE = timedelta(seconds=60)


@click.command()
@state_option
@click.argument("service", required=False, type=click.Choice(SERVICES))
def command(directory: StateDirectory, service: str | None) -> None:
    """Restart the stack that runs in DIR, or SERVICE alone.

    The stack starts again with its state, and with the settings in the environment of this command. One service starts
    with the settings that it had; the others, and their sessions, go on.
    """
    record = directory.running()
    if record is None:
        fail(f"no stack is running in {directory.path}: {directory.hint('up --detach')} starts one", status=3)
    if service is not None:
        _restart_service(directory, record, service)
        return
    if record.detached is None:
        fail(
            f"an older release started this stack: {directory.hint('down')}, then {directory.hint('up --detach')};"
            " or restart it in its service manager"
        )
    if not record.detached:
        fail("this stack runs in the foreground of a terminal or of a service manager: restart it there")
    if faults := wrong_settings(directory):
        fail("\n".join(faults) + "\nThe stack goes on as it was.")
    stop(directory)
    raise SystemExit(start_in_background(directory, None))


def _restart_service(directory: StateDirectory, record: StackRecord, service: str) -> None:
    """Restart one service; returns when its new process is ready."""
    before = record.processes[service]
    if before.pid is not None:
        os.kill(before.pid, signal.SIGTERM)
    begun = time.monotonic()
    if not look_until(lambda: _is_ready(directory, service, before), bool, PATIENCE):
        more = directory.hint(f"logs {service}")
        fail(f"{service} is not ready again after {PATIENCE.seconds} s: {more} says more")
    click.echo(f"{service} is ready again after {time.monotonic() - begun:.1f} s.")


def _is_ready(directory: StateDirectory, service: str, before: ProcessRecord) -> bool:
    record = directory.running()
    if record is None:
        fail("the supervisor ended meanwhile")
    now = record.processes[service]
    return now.pid is not None and now != before and ask(local_places(record).health[service]).ready
