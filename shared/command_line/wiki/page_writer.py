"""`--as ACCOUNT`: for whom a command about pages reads or writes."""

from __future__ import annotations

import click

from shared.command_line.terminal.output import fail
from shared.command_line.terminal.surroundings import surroundings

as_option = click.option(
    "--as", "account", metavar="ACCOUNT", help="Who reads or writes (default: who is signed in, else the first admin)."
)


def who(account: str | None) -> str | None:
    """Who reads or writes. Over SSH that is who has signed in."""
    around = surroundings()
    if around is None:
        return account
    if account is not None and account != around.user:
        fail("over SSH you write as yourself")
    return around.user
