"""`agora undelete`: expunged messages come back."""

from __future__ import annotations

from datetime import datetime

import click

from shared.administration import undelete
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.moment import MomentType
from shared.command_line.terminal.output import json_option, print_json


@click.command()
@state_option
@click.argument("user")
@click.argument("folder", required=False)
@click.option(
    "--since",
    type=MomentType(),
    default="30d",
    show_default=True,
    metavar="DATE",
    help="What was expunged since 2026-11-01, 2026-11-01T12:30 (this machine's time), or in the last 7d, 2h, 30m.",
)
@json_option
def command(directory: StateDirectory, user: str, folder: str | None, since: datetime, as_json: bool) -> None:
    """Bring back what the account USER has expunged from FOLDER, or from all its folders.

    Messages come back where they were, under new numbers. Expunged messages are kept for 30 days
    (AGORA_EXPUNGED_KEPT). What was moved is left where it is, and a folder that was deleted is gone with its messages.
    """
    with plain_errors():
        came = Store(settings_for(directory)).transact(undelete.bring_back, user, folder, since)
    if as_json:
        print_json(came)
        return
    for name, messages in came.items():
        click.echo(f"{messages} messages are back in {name}.")
    if not came:
        click.echo("There is nothing to bring back.")
