"""`agora user app-password`: a password per program, which the account's owner can take back."""

from __future__ import annotations

from dataclasses import asdict

import click

from shared.accounts.app_password import PROTOCOLS
from shared.administration import app_passwords
from shared.command_line.output import json_option, print_json, show_listing
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for


@click.group("app-password")
def app_password() -> None:
    """App passwords: made by Agora, one per program, good for some protocols only."""


@app_password.command()
@state_option
@click.argument("name")
@click.argument("label")
@click.option(
    "--protocol",
    "protocols",
    type=click.Choice(sorted(PROTOCOLS)),
    multiple=True,
    help="Where it is good; may be given several times (default: everywhere).",
)
@click.option("--apop", is_flag=True, help="POP3's APOP works with it; the secret itself is then kept in the database.")
@json_option
def add(
    directory: StateDirectory, name: str, label: str, protocols: tuple[str, ...], apop: bool, as_json: bool
) -> None:
    """Make one for NAME, and show it: once. LABEL says which program has it: "phone", "backup"."""
    with plain_errors():
        store = Store(settings_for(directory))
        made, secret = store.transact(app_passwords.add, name, label, protocols, for_apop=apop)
    if as_json:
        print_json({**asdict(made), "secret": secret})
        return
    click.echo(f"App password {made.id} of {name}, shown only now: {secret}")


@app_password.command("list")
@state_option
@click.argument("name")
@json_option
def list_all(directory: StateDirectory, name: str, as_json: bool) -> None:
    """Show the app passwords of NAME, without their secrets."""
    with plain_errors():
        found = Store(settings_for(directory)).transact(app_passwords.list_all, name)
    show_listing([asdict(each) for each in found], as_json, nothing=f"{name} has no app passwords.")


@app_password.command()
@state_option
@click.argument("name")
@click.argument("number", type=int)
def delete(directory: StateDirectory, name: str, number: int) -> None:
    """Take app password NUMBER of NAME back."""
    with plain_errors():
        Store(settings_for(directory)).transact(app_passwords.delete, name, number)
    click.echo(f"App password {number} of {name} is refused from now on.")
