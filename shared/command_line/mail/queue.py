"""`agora queue`: mail on its way to other servers."""

from __future__ import annotations

from typing import Any

import click

from shared.administration import queue
from shared.administration.queue import QueueLine, QueueRecipient
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import json_option, print_json, show_listing
from shared.command_line.terminal.quantities import counted


@click.group()
def command() -> None:
    """Mail on its way to other servers: what waits, why, and until when.

    ID is the queue id that the sender's program was told (`250 … taken as ID`); `agora logs --message ID` shows all
    attempts.
    """


@command.command("list")
@state_option
@click.option("--account", help="Only what this account sends.")
@click.option("--domain", help="Only what is for this domain.")
@json_option
def list_all(directory: StateDirectory, account: str | None, domain: str | None, as_json: bool) -> None:
    """Show the messages that wait, the oldest first."""
    with plain_errors():
        lines = Store(settings_for(directory)).read(queue.list_queue, account, domain)
    show_listing([_row(line) for line in lines], as_json, nothing="The queue is empty.")


@command.command()
@state_option
@click.argument("message", metavar="ID")
@json_option
def show(directory: StateDirectory, message: str, as_json: bool) -> None:
    """Show the recipients that do not have message ID yet, and what their servers said."""
    with plain_errors():
        line, recipients = Store(settings_for(directory)).read(queue.show_queued, message)
    rows = [_recipient(each) for each in recipients]
    if as_json:
        print_json({**_row(line), "recipients": rows})
        return
    click.echo(f"{line.id} from <{line.sender}>, {line.octets} octets, queued at {line.queued_at:%Y-%m-%d %H:%M} UTC\n")
    show_listing(rows, as_json=False)


@command.command()
@state_option
@click.argument("message", metavar="ID", required=False)
@click.option("--domain", help="Only what is for this domain.")
@json_option
def retry(directory: StateDirectory, message: str | None, domain: str | None, as_json: bool) -> None:
    """Try message ID now, or all messages that are not held."""
    with plain_errors():
        found = Store(settings_for(directory)).transact(queue.retry_queued, message, domain)
    _tell(as_json, {"recipients": found}, f"{counted(found, 'recipient')} will be tried now.")


@command.command()
@state_option
@click.argument("message", metavar="ID")
@json_option
def hold(directory: StateDirectory, message: str, as_json: bool) -> None:
    """Keep message ID in the queue until it is released."""
    with plain_errors():
        found = Store(settings_for(directory)).transact(queue.hold_queued, message)
    _tell(as_json, {"recipients": found}, f"{message} is held: {counted(found, 'recipient')}.")


@command.command()
@state_option
@click.argument("which", metavar="ID|ACCOUNT")
@json_option
def release(directory: StateDirectory, which: str, as_json: bool) -> None:
    """Send message ID that is held, or let ACCOUNT send again that is on hold, with all that it has in the queue."""
    with plain_errors():
        released = Store(settings_for(directory)).transact(queue.release_queued, which)
    what = f"{which} may send again" if released.account else f"{which} is released"
    _tell(as_json, released._asdict(), f"{what}: {counted(released.recipients, 'recipient')} will be tried now.")


@command.command()
@state_option
@click.argument("message", metavar="ID")
@json_option
def drop(directory: StateDirectory, message: str, as_json: bool) -> None:
    """Take message ID out of the queue. Nobody is told, neither its sender nor its recipients."""
    with plain_errors():
        Store(settings_for(directory)).transact(queue.drop_queued, message)
    _tell(as_json, {"dropped": message}, f"{message} is dropped.")


def _tell(as_json: bool, fields: dict[str, Any], sentence: str) -> None:
    if as_json:
        print_json(fields)
    else:
        click.echo(sentence)


def _row(line: QueueLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "state": "held" if line.held else "sending" if line.sending else "waiting",
        "account": line.account or None,
        "from": line.sender or "<>",
        "to": line.domains,
        "recipients": line.recipients,
        "octets": line.octets,
        "queued": line.queued_at,
        "attempts": line.attempts,
        "next_attempt": line.next_attempt_at,
        "last_reply": line.last_reply or None,
    }


def _recipient(each: QueueRecipient) -> dict[str, Any]:
    return {
        "to": each.address,
        "state": "held" if each.held else "sending" if each.sending else "waiting",
        "attempts": each.attempts,
        "last_attempt": each.last_attempt_at,
        "next_attempt": None if each.held else each.next_attempt_at,
        "host": each.last_host or None,
        "last_reply": each.last_reply or None,
    }
