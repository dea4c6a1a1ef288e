"""`agora user forward`: addresses elsewhere that an account has its mail sent on to."""

from __future__ import annotations

import click

from shared.administration import own_forwards
from shared.clock import utc_now
from shared.command_line.changes import who_runs
from shared.command_line.goes_out import NOT_SENT, goes_out
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import json_option, print_json, show_listing
from shared.command_line.terminal.printable import printable
from shared.command_line.terminal.surroundings import surroundings
from shared.outbound.own_forwards.letters import ForwardChange
from shared.outbound.own_forwards.own_forward import OwnForward
from shared.runtime.settings import ServiceSettings, WrongSetting, read_settings
from shared.runtime.site_settings import SiteSettings


@click.group("forward")
def forward() -> None:
    """Mail sent on to addresses elsewhere, as its owner wants.

    The address is asked first, and nothing is sent on before it confirms. Whatever changes is told to the account by
    mail. `agora address add` leads an address elsewhere without asking.
    """


@forward.command()
@state_option
@click.argument("name")
@click.argument("address")
@json_option
def add(directory: StateDirectory, name: str, address: str, as_json: bool) -> None:
    """Have mail of NAME sent on to ADDRESS at another server, which is asked by mail whether it wants that."""
    settings = settings_for(directory)
    with plain_errors():
        made = Store(settings).transact(own_forwards.add, name, address, _change(settings))
    if as_json:
        print_json(_row(made))
        return
    click.echo(f"{printable(made.target)} is asked by mail. Nothing is sent on before it confirms, within three days.")
    if not goes_out(made.domain):
        click.echo(NOT_SENT.format(made.domain))


@forward.command("list")
@state_option
@click.argument("name")
@json_option
def list_all(directory: StateDirectory, name: str, as_json: bool) -> None:
    """Show where mail of NAME is sent on to, what waits for confirmation, and whether a copy is kept."""
    with plain_errors():
        found = Store(settings_for(directory)).transact(own_forwards.list_all, name)
    rows = [{**_row(each), "copy": found.keeps_copy} for each in found.forwards]
    show_listing(rows, as_json, nothing=f"Mail of {name} is not sent on.")


@forward.command()
@state_option
@click.argument("name")
@click.argument("address")
def delete(directory: StateDirectory, name: str, address: str) -> None:
    """Have no mail of NAME sent on to ADDRESS any more, or end the question to it."""
    settings = settings_for(directory)
    with plain_errors():
        Store(settings).transact(own_forwards.delete, name, address, _change(settings))
    click.echo(f"Mail of {name} is not sent on to {printable(address)} any more.")


@forward.command("copy")
@state_option
@click.argument("name")
@click.argument("kept", type=click.Choice(["on", "off"]))
def keep_copy(directory: StateDirectory, name: str, kept: str) -> None:
    """Say whether what is sent on is kept in the mailbox of NAME, too; at first it is."""
    settings, keeps = settings_for(directory), kept == "on"
    with plain_errors():
        Store(settings).transact(own_forwards.keep_copy, name, _change(settings), keeps_copy=keeps)
    click.echo(f"What is sent on for {name} is {'kept here, too' if keeps else 'not kept here'}.")


def _row(each: OwnForward) -> dict[str, object]:
    state = "waiting for confirmation" if each.confirmed_at is None else "confirmed"
    return {"address": each.target, "state": state, "since": each.confirmed_at or each.asked_at}


def _change(settings: ServiceSettings) -> ForwardChange:
    around = surroundings()
    by = f"{who_runs()}, on the server's command line" if around is None else f"{around.user}, over SSH"
    return ForwardChange(by, settings.mail_domain, utc_now(), _web_url(settings))


def _web_url(settings: ServiceSettings) -> str:
    """Of the site; "" where it is not known here, and then the question has no link."""
    if isinstance(settings, SiteSettings):
        return settings.web_url.rstrip("/")
    try:
        return read_settings(SiteSettings).web_url.rstrip("/")
    except WrongSetting:
        return ""
