"""`agora user app-password`: a password per program, which the account's owner can take back."""

from __future__ import annotations

from dataclasses import asdict

import click

from shared.accounts.add_app_password import add_app_password
from shared.accounts.app_password import PROTOCOLS, AppPassword
from shared.accounts.find_account import find_account
from shared.accounts.list_app_passwords import list_app_passwords
from shared.accounts.remove_app_password import remove_app_password
from shared.command_line.output import json_option, print_json, show_listing
from shared.command_line.place import Place
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.database.transaction import Transaction
from shared.events.events import AccountChanged


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
def add(place: Place, name: str, label: str, protocols: tuple[str, ...], apop: bool, as_json: bool) -> None:
    """Make one for NAME, and show it: once. LABEL says which program has it: "phone", "backup"."""

    def work(tx: Transaction) -> tuple[int, AppPassword, str]:
        account = find_account(tx, name)
        return account.id, *add_app_password(tx, account.id, label, protocols, for_apop=apop)

    with plain_errors():
        store = Store(settings_for(place))
        account_id, made, secret = store.transact(work)
        store.announce([AccountChanged(account_id)])
    if as_json:
        print_json({**asdict(made), "secret": secret})
        return
    click.echo(f"App password {made.id} of {name}, shown only now: {secret}")


@app_password.command("list")
@state_option
@click.argument("name")
@json_option
def list_all(place: Place, name: str, as_json: bool) -> None:
    """Show the app passwords of NAME, without their secrets."""
    with plain_errors():
        found = Store(settings_for(place)).transact(lambda tx: list_app_passwords(tx, find_account(tx, name).id))
    show_listing([asdict(each) for each in found], as_json, nothing=f"{name} has no app passwords.")


@app_password.command()
@state_option
@click.argument("name")
@click.argument("number", type=int)
def delete(place: Place, name: str, number: int) -> None:
    """Take app password NUMBER of NAME back."""

    def work(tx: Transaction) -> int:
        account = find_account(tx, name)
        remove_app_password(tx, account.id, number)
        return account.id

    with plain_errors():
        store = Store(settings_for(place))
        store.announce([AccountChanged(store.transact(work))])
    click.echo(f"App password {number} of {name} is refused from now on.")
