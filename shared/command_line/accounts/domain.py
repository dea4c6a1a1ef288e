"""`agora domain`: the domains that mail is kept for."""

from __future__ import annotations

import click

from shared.administration import domains
from shared.command_line.stack.domain_keys import new_keys
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import json_option, print_json, show_listing
from shared.outbound.mta_sts.settings import StsSettings
from shared.runtime.settings import read_settings


@click.group()
def command() -> None:
    """Domains: mail for them is taken and kept here, mail for others is refused.

    AGORA_MAIL_DOMAIN is there from the start; new accounts get their first address in it.
    """


@command.command()
@state_option
@click.argument("name")
def add(directory: StateDirectory, name: str) -> None:
    """Keep mail for the domain NAME from now on, and sign what leaves in its name by keys of its own (DKIM)."""
    with plain_errors():
        settings = settings_for(directory)
        keys, without = new_keys(settings, name)
        spelling = Store(settings).transact(domains.add, name, keys)
    click.echo(f"Mail for {spelling} is kept here. Addresses in it: agora address add LOCAL@{spelling} ACCOUNT")
    if keys:
        click.echo(f"What to publish in DNS: agora domain dns {spelling}")
    if without is not None:
        click.echo(f"There are no keys to sign its mail with: {without}")


@command.command()
@state_option
@click.argument("name")
@json_option
def dns(directory: StateDirectory, name: str, as_json: bool) -> None:
    """Show the DNS records for the domain NAME: MX, SPF, DKIM, DMARC, and where programs find the doors.

    With AGORA_MAIL_TLS_POLICY also that it has a policy about TLS (MTA-STS), where that is, and who gets the reports.
    """
    with plain_errors():
        settings = settings_for(directory)
        policy = read_settings(StsSettings).mail_tls_policy
        records = Store(settings).read(domains.dns, name, settings.hostname, settings.all_public_ports(), policy)
    if as_json:
        print_json([record._asdict() for record in records])
        return
    for record in records:
        click.echo(record.line)


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
