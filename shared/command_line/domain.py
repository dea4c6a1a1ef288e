"""`agora domain`: the domains that mail is kept for."""

from __future__ import annotations

import click

from shared.administration import domains
from shared.command_line.output import json_option, show_listing
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for


@click.group()
def command() -> None:
    """Domains: mail for them is taken and kept here, mail for others is refused.

    AGORA_MAIL_DOMAIN is there from the start; new accounts get their first address in it.
    """


@command.command()
@state_option
@click.argument("name")
def add(directory: StateDirectory, name: str) -> None:
    """Keep mail for the domain NAME from now on."""
    with plain_errors():
        spelling = Store(settings_for(directory)).transact(domains.add, name)
    click.echo(f"Mail for {spelling} is kept here. Addresses in it: agora address add LOCAL@{spelling} ACCOUNT")


@command.command("list")
@state_option
@json_option
def list_all(directory: StateDirectory, as_json: bool) -> None:
    """Show all domains."""
    with plain_errors():
        names = Store(settings_for(directory)).transact(domains.list_domains)
    show_listing([{"domain": name} for name in names], as_json, nothing="No domains.")


@command.command()
@state_option
@click.argument("name")
def delete(directory: StateDirectory, name: str) -> None:
    """No longer keep mail for the domain NAME. Its addresses must be deleted first."""
    with plain_errors():
        Store(settings_for(directory)).transact(domains.delete, name)
    click.echo(f"Mail for {name} is refused from now on.")
