"""`agora service`: which listeners are open at every copy; stop them, start them, restart a service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import click

from shared.administration import services as operations
from shared.command_line.changes import who_runs
from shared.command_line.look_until import look_until
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import fail, json_option, show_listing
from shared.command_line.terminal.surroundings import surroundings
from shared.doors import find_door

FOLLOWING = timedelta(seconds=5)  # beyond the poll interval: how long a busy copy may take
RESTARTING = timedelta(seconds=60)  # a drain of 10 s, and up to 30 s until it is started again
_NOT_YET = "not yet done at {}; a copy that does not answer is forgotten after 45 s"


@click.group()
def command() -> None:
    """The services' listeners: which are open, stop them and start them while the services go on; restart a service.

    A listener is SERVICE/NAME: mail_access/imap, wiki/http, ssh_admin/ssh.
    """


@command.command("list")
@state_option
@click.argument("name", metavar="[SERVICE[/LISTENER]]", required=False)
@json_option
def list_all(directory: StateDirectory, name: str | None, as_json: bool) -> None:
    """Show each listener as it is wanted, and as it is at every copy."""
    with plain_errors():
        lines = Store(settings_for(directory), announces=False).read(operations.list_all, name)
    show_listing([_row(line, as_json) for line in lines], as_json)


@command.command("stop")
@state_option
@click.argument("name", metavar="SERVICE[/LISTENER]")
def stop(directory: StateDirectory, name: str) -> None:
    """Stop a listener of a service, or all of them, at every copy, also those started later.

    New clients are refused; those who are connected get 30 s to finish. Returns when all copies have done it.
    """
    around = surroundings()
    with plain_errors():
        store = Store(settings_for(directory))
        stopped = store.transact(operations.stop, name, who_runs(), None if around is None else around.door)
        patience = store.settings.poll_interval + FOLLOWING
        if late := look_until(lambda: store.read(operations.laggards, stopped), lambda late: not late, patience):
            fail(_NOT_YET.format(", ".join(late)))
    click.echo("\n".join(f"{each} is stopped." for each in stopped))


@command.command("start")
@state_option
@click.argument("name", metavar="SERVICE[/LISTENER]")
def start(directory: StateDirectory, name: str) -> None:
    """Start a listener that was stopped, or all of a service. Returns when all copies have done it.

    Fails where no process of the service is there to do it: it is started all the same as soon as one is.
    """
    with plain_errors():
        store = Store(settings_for(directory))
        started = store.transact(operations.start, name)
        patience = store.settings.poll_interval + FOLLOWING
        now = look_until(
            lambda: store.read(operations.look_at_start, started), lambda now: not now.away + now.late, patience
        )
        if now.away:
            service = now.away[0]
            fail(f"no process of {service} is seen: `agora status` says why; {name} is opened as soon as one is there")
        if now.late:
            fail(_NOT_YET.format(", ".join(now.late)))
    click.echo("\n".join(f"{each} is {'started' if each in now.open else 'off, by the settings'}." for each in started))


@command.command("restart")
@state_option
@click.argument("service")
def restart(directory: StateDirectory, service: str) -> None:
    """Have all processes of a service end after their drain, and be started again by what started them.

    Refused where nothing would: see AGORA_SUPERVISED. Returns when as many are there again.
    """
    with plain_errors():
        store = Store(settings_for(directory))
        before = store.read(operations.ages, service)
        asked = store.transact(operations.restart, service, who_runs())
        if (around := surroundings()) is not None and find_door(around.door).service == service:
            click.echo(f"{service} restarts, and this connection ends.")
            return

        def is_back(ages: Mapping[str, datetime]) -> bool:
            return len(ages) >= len(before) and all(began > asked for began in ages.values())

        if not is_back(look_until(lambda: store.read(operations.ages, service), is_back, RESTARTING)):
            fail(f"{service} is not there again after {RESTARTING.seconds} s")
    click.echo(f"{service} is restarted.")


def _row(line: operations.ListenerLine, as_json: bool) -> Mapping[str, Any]:
    stopped = line.stopped
    if as_json:
        return {
            "listener": str(line.listener),
            "wanted": "started" if stopped is None else "stopped",
            "stopped_by": None if stopped is None else stopped.by,
            "since": None if stopped is None else stopped.since,
            "copies": [copy._asdict() for copy in line.copies],
        }
    return {
        "listener": str(line.listener),
        "wanted": "started" if stopped is None else str(stopped),
        "copies": [f"{copy.name} {copy.state}" for copy in line.copies] or "no copy is seen",
        "held": next((copy.held for copy in line.copies if copy.held), None),
    }
