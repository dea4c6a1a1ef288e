"""`agora trace`: one message, from the connection that it came by to the mailboxes and rooms that it is in."""

from __future__ import annotations

from collections.abc import Sequence

import click

from shared.administration import find_traced
from shared.administration import trace as operations
from shared.administration.trace import TraceStep
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import fail, json_option, show_listing
from shared.command_line.terminal.surroundings import surroundings


@click.command()
@state_option
@click.argument("message", metavar="MESSAGE-ID|QUEUE-ID")
@json_option
def command(directory: StateDirectory, message: str, as_json: bool) -> None:
    """Show what became of a message: how it came, checks, rooms, mailboxes, numbers, copies, digests, attempts to send.

    A queue id is what `250 … taken as ID` says. Messages that were refused were never kept: `agora logs --message ID`
    has their lines.
    """
    around = surroundings()
    viewer = None if around is None else around.user
    steps: Sequence[TraceStep] = ()
    with plain_errors():
        store = Store(settings_for(directory))
        newest = store.read(find_traced.newest_message)
        upper: int | None = newest
        while upper is not None and not steps and newest - upper < find_traced.MOST_LOOKED_AT:
            steps, upper = store.read(operations.trace, message, upper, viewer)
    if not steps:
        fail(f"there is no such message{'' if viewer is None else ' that you may see'}, or it is too old")
    several = len({step.message for step in steps}) > 1
    rows = [
        {**({"message": step.message} if several or as_json else {}), "at": step.at, "step": step.step,
         "details": step.details}
        for step in steps
    ]  # fmt: skip
    show_listing(rows, as_json)
