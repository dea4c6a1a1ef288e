"""`agora session`: who is connected by every door of every copy; a session is ended, or its lines are shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import click

from shared.administration import sessions as operations
from shared.command_line.look_until import look_until
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import fail, json_option, show_listing
from shared.command_line.terminal.printable import printable
from shared.command_line.terminal.quantities import DURATION
from shared.command_line.terminal.surroundings import surroundings

LINES_AGAIN = timedelta(milliseconds=250)
STILL_HERE = timedelta(seconds=5)
ANSWERING = timedelta(seconds=2)  # beyond the poll interval: how long a busy copy may take


@click.group()
def command() -> None:
    """Sessions: who is connected, by which door, since when. Members see and end their own."""


@command.command("list")
@state_option
@click.option("--account", metavar="NAME", help="Only those of this account.")
@json_option
def list_all(directory: StateDirectory, account: str | None, as_json: bool) -> None:
    """Show the sessions of all copies, the oldest first; octets are those from the client and to it."""
    own = _own_account()
    if own is not None and account not in (None, own):
        fail("you may do this for your own account only")
    with plain_errors():
        store = Store(settings_for(directory))
        question = store.transact(operations.ask_for_all, own or account)
        told = _wait(store, question, lambda told: not told.missing)
        store.transact(operations.end, question)
    rows = [
        {**session, "since": datetime.fromisoformat(session["since"]), "account": session["account"] or None}
        for session in told.sessions
    ]
    show_listing(rows, as_json, nothing="No sessions.")
    if told.left_out:
        click.echo(f"{told.left_out} more sessions are not shown: --account shows those of one account", err=True)
    for copy in told.missing:
        click.echo(f"no answer from {copy}", err=True)


@command.command("end")
@state_option
@click.argument("session", metavar="ID")
def end(directory: StateDirectory, session: str) -> None:
    """End a session: its command is finished, its client hears the protocol's last words; after 30 s it is cut off."""
    with plain_errors():
        store = Store(settings_for(directory))
        question = store.transact(operations.ask_to_end, session, _own_account())
        _found(store, question, session)
        store.transact(operations.end, question)
    click.echo(f"{session} is ended.")


@command.command("watch")
@state_option
@click.argument("session", metavar="ID")
@click.option("--for", "watched", type=DURATION, default="5m", show_default=True, help="How long, an hour at most.")
def watch(directory: StateDirectory, session: str, watched: timedelta) -> None:
    """Show what a session says, `C: ` its client and `S: ` the server, with milliseconds.

    By SMTP, IMAP, POP3 and NNTP. Passwords, literals and messages are shown as their sizes.
    """
    with plain_errors():
        store = Store(settings_for(directory))
        question = store.transact(operations.ask_to_watch, session, watched)
        try:
            _found(store, question, session)
            click.echo(f"{session} is shown from here on.", err=True)
            _show(store, question, time.monotonic() + watched.total_seconds())
        finally:
            store.transact(operations.end, question)


def _show(store: Store, question: int, end: float) -> None:
    position, over, noted = 0, False, time.monotonic()
    while not over and time.monotonic() < end:
        if time.monotonic() - noted > STILL_HERE.total_seconds():
            store.transact(operations.go_on, question, position)
            noted = time.monotonic()
        position, lines, over = store.read(operations.lines, question, position)
        for line in lines:
            click.echo(printable(line))
        if not lines and not over:
            time.sleep(LINES_AGAIN.total_seconds())
    if over:
        click.echo("The session is over.", err=True)


def _found(store: Store, question: int, session: str) -> None:
    told = _wait(store, question, lambda told: operations.is_found(told, session))
    if not operations.is_found(told, session):
        fail(f"no answer from {', '.join(told.missing)}; no other copy has the session {session}")


def _wait(store: Store, question: int, is_enough: Callable[[Any], bool]) -> operations.SessionAnswers:
    """The answers, once they are enough or time is up."""
    patience = store.settings.poll_interval + ANSWERING
    told: operations.SessionAnswers = look_until(lambda: store.read(operations.answers, question), is_enough, patience)
    return told


def _own_account() -> str | None:
    """The account of a member, who may see no other; None for administrators."""
    around = surroundings()
    return None if around is None or around.is_admin else around.user
