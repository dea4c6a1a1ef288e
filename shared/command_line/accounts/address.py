"""`agora address`: addresses, and the accounts and addresses elsewhere that they lead to."""

from __future__ import annotations

import click

from shared.administration import addresses
from shared.command_line.goes_out import NOT_SENT, goes_out
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import json_option, show_listing
from shared.mail.lookup import EVERYBODY


@click.group()
def command() -> None:
    """Addresses, and the accounts and addresses elsewhere that they lead to.

    Every account has NAME@DOMAIN from the start, and NAME+FOLDER@DOMAIN goes straight into a folder. An address may
    lead to several accounts, and to addresses at other servers. postmaster and abuse lead to every admin until they
    are added here. '*@DOMAIN' receives the mail for all other addresses of the domain.
    """


@command.command()
@state_option
@click.argument("address", required=False)
@click.argument("name", required=False)
@click.option(
    "--all",
    "everybody",
    is_flag=True,
    help="Add an address in AGORA_MAIL_DOMAIN for every account that has none there.",
)
def add(directory: StateDirectory, address: str | None, name: str | None, everybody: bool) -> None:
    """Deliver mail for ADDRESS to NAME, besides the accounts that it reaches already.

    NAME is an account, or an address at another server, as bob@elsewhere.test, that the mail is forwarded to.

    With --all instead, after AGORA_MAIL_DOMAIN was changed: add NAME@AGORA_MAIL_DOMAIN for each account that has no
    address there.
    """
    if everybody:
        if address is not None:
            raise click.UsageError("--all takes no address.")
        _add_for_all(directory)
        return
    if address is None or name is None:
        raise click.UsageError("ADDRESS and NAME are needed, or --all.")
    _add(directory, address, name)


def _add(directory: StateDirectory, address: str, name: str) -> None:
    with plain_errors():
        elsewhere = Store(settings_for(directory)).transact(addresses.add, address, name)
    if elsewhere is not None:
        click.echo(f"Mail for {address} is forwarded to {name}.")
        if not goes_out(elsewhere):
            click.echo(NOT_SENT.format(elsewhere))
        return
    if address.startswith(f"{EVERYBODY}@"):
        domain = address.removeprefix(f"{EVERYBODY}@")
        click.echo(f"Mail for every address of {domain} that leads nowhere else reaches {name}.")
    else:
        click.echo(f"Mail for {address} reaches {name}.")


def _add_for_all(directory: StateDirectory) -> None:
    with plain_errors():
        store = Store(settings_for(directory))
        domain = store.settings.mail_domain
        added = store.transact(addresses.add_missing, domain)
    click.echo(f"Addresses added in {domain}: {added}")


@command.command("list")
@state_option
@click.argument("name", required=False)
@json_option
def list_all(directory: StateDirectory, name: str | None, as_json: bool) -> None:
    """Show all addresses, or those of NAME; those that lead to other servers come last."""
    with plain_errors():
        lines = Store(settings_for(directory)).transact(addresses.list_all, name)
    show_listing([line._asdict() for line in lines], as_json, nothing="No addresses.")


@command.command()
@state_option
@click.argument("address")
@click.argument("name", required=False)
def delete(directory: StateDirectory, address: str, name: str | None) -> None:
    """Stop delivering mail for ADDRESS to NAME, or (without NAME) to anybody."""
    with plain_errors():
        Store(settings_for(directory)).transact(addresses.delete, address, name)
    click.echo(f"Mail for {address} no longer reaches {name or 'anybody'}.")
