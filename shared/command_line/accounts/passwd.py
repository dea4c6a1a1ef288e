"""`agora passwd`: members change their own password, by the current one."""

from __future__ import annotations

import sys

import click

from shared.accounts.errors import BadCredentials
from shared.accounts.verifiers import derive_verifiers
from shared.administration import own_password
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import fail
from shared.command_line.terminal.passwords import ask_hidden, read_password

WRONG = "this is not the password, or no account of this name may sign in"


@click.command()
@state_option
@click.argument("name")
@click.option(
    "--password-stdin", is_flag=True, help="Read the current and the new password from two lines of the standard input."
)
@click.option("--weak", is_flag=True, help="Accept a short or common password.")
def command(directory: StateDirectory, name: str, password_stdin: bool, weak: bool) -> None:
    """Change the password of NAME: asks for the current one, then for the new one. App passwords stay as they are.

    For members who have a shell that reaches the store. Wrong passwords lock nothing here. An operator needs no current
    password: agora user set-password NAME.
    """
    with plain_errors():
        store = Store(settings_for(directory))
        current = _read_current(password_stdin)
        known = store.transact(own_password.credentials_of, name)
        if known is None or not own_password.is_password_of(known, current):
            fail(WRONG)
        verifiers = derive_verifiers(read_password(password_stdin, "New password"), may_be_weak=weak)
        try:
            store.transact(own_password.change, known, verifiers)
        except BadCredentials:
            fail(WRONG)
    click.echo(f"{known.account.name} has a new password.")


def _read_current(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        fail("there is no terminal to ask for the passwords: use --password-stdin")
    return ask_hidden("Current password")
