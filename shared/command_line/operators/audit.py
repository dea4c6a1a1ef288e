"""`agora audit`: the commands that were run over SSH, and what administrators changed on the web."""

from __future__ import annotations

from dataclasses import asdict

import click

from shared.administration import audit
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import json_option, show_listing

MOST_LINES = 10_000


@click.group()
def command() -> None:
    """The audit of commands over SSH and of changes on the web: who ran what, from where, when, and how it ended."""


@command.command("list")
@state_option
@click.option("--account", metavar="NAME", help="Only those of this account.")
@click.option(
    "--last",
    "most",
    type=click.IntRange(1, MOST_LINES),
    default=50,
    show_default=True,
    help="How many, the newest first.",
)
@json_option
def list_all(directory: StateDirectory, account: str | None, most: int, as_json: bool) -> None:
    """Show the newest commands. One without a status is running, or its process died before it ended."""
    with plain_errors():
        lines = Store(settings_for(directory)).read(audit.list_lines, account, most)
    rows = [asdict(line) for line in lines]
    if not as_json:
        for row in rows:
            del row["number"], row["ended_at"]
    show_listing(rows, as_json, nothing="No commands.")
