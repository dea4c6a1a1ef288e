"""`agora proxy`: the HTTP proxy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import click

from shared.access.rules.rules import Mode
from shared.administration.readiness import ask
from shared.administration.status import Summary, proxy_today
from shared.command_line.proxy.limits import limits
from shared.command_line.proxy.report import report
from shared.command_line.proxy.rules import rules
from shared.command_line.service_places import ServicePlaces, service_places
from shared.command_line.stack.show_stack import report_line
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import json_option, print_json
from shared.command_line.terminal.quantities import counted
from shared.doors import DOORS
from shared.octets import format_octets

SERVICE = "http_proxy"
MODES: Mapping[Mode, str] = {
    Mode.OPEN: "Everything may be reached that no rule blocks.",
    Mode.LISTED: "Only what a rule allows may be reached.",
}


@click.group()
def command() -> None:
    """The HTTP proxy: rules for what may be reached, limits of accounts, reports of its use."""


command.add_command(rules)
command.add_command(limits)
command.add_command(report)


@command.command()
@state_option
@json_option
def status(directory: StateDirectory, as_json: bool) -> None:
    """Show whether the proxy is ready, its rules, and its use today (UTC)."""
    with plain_errors():
        summary = Store(settings_for(directory)).transact(proxy_today)
    places = service_places(directory)
    doors = _doors(places)
    condition = "not known: no stack of this machine is running" if places is None else _condition(directory, places)
    if as_json:
        print_json({"condition": condition, "doors": doors, **asdict(summary)})
        return
    click.echo(f"The proxy is {condition}.")
    for door in doors:
        click.echo(f"  {door['door']}: {door['where']}")
    for line in _lines(summary):
        click.echo(line)
    if places is not None and (where := report_line(places)) is not None:
        click.echo(where)


def _doors(places: ServicePlaces | None) -> Sequence[Mapping[str, Any]]:
    found = {} if places is None else places.doors
    return [
        {"door": door.title, "where": "{}:{}".format(*found[door.name])}
        for door in DOORS
        if door.service == SERVICE and door.name in found
    ]


def _condition(directory: StateDirectory, places: ServicePlaces) -> str:
    record = directory.running()
    process = None if record is None else record.processes.get(SERVICE)
    if record is not None and (process is None or process.pid is None):
        return "down"
    return ask(places.health[SERVICE]).condition if SERVICE in places.health else "running"


def _lines(summary: Summary) -> Sequence[str]:
    return (
        f"{MODES[summary.mode]} Rules: {summary.rules} made by hand,"
        f" {summary.listed_rules} in {counted(summary.lists, 'imported list')}.",
        f"Accounts with limits of their own: {summary.limited_accounts}.",
        f"Today: {counted(summary.requests, 'request')} by {counted(summary.accounts, 'account')},"
        f" {format_octets(summary.octets_in)} sent, {format_octets(summary.octets_out)} received.",
    )
