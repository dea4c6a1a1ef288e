"""`agora proxy limits`: how much an account may use of the proxy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

import click

from shared.access.limits.account_access import AccountAccess
from shared.administration import proxy_limits
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import fail, json_option, print_json, show_listing
from shared.command_line.terminal.quantities import OCTETS
from shared.octets import format_octets

EVERYBODY = "everybody"
everybody_option = click.option(
    "--everybody", is_flag=True, help="The limits of all accounts that have none of their own."
)


class LimitType(click.ParamType[Any]):
    """A number above zero as the one item of a tuple; `none` is (None,), for no limit."""

    def __init__(self, name: str, number: Callable[[str], float]) -> None:
        self.name = name
        self._number = number

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> tuple[Any]:
        if not isinstance(value, str) or value.lower() == "none":
            return value if isinstance(value, tuple) else (None,)
        try:
            number = self._number(value)
        except ValueError:
            number = 0
        if not 0 < number < 2**31:  # infinity and NaN are neither
            self.fail(f"{value!r} is not a number above zero, or none", param, context)
        return (number,)


class VolumeType(click.ParamType[Any]):
    """The same for octets. 0 is refused: it would be a block whose reply says "tomorrow"."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> tuple[Any]:
        octets = value[0] if isinstance(value, tuple) else OCTETS.convert(value, param, context)
        if octets == 0:
            self.fail(
                "0 octets a day would let nothing through; to keep an account out: "
                "agora proxy rules block '*' --account NAME",
                param,
                context,
            )
        if octets is not None and octets >= 2**63 - 1:
            self.fail(f"{value!r} is more than can be counted", param, context)
        return (octets,)


@click.group()
def limits() -> None:
    """Limits of accounts. Requests without an account, from AGORA_HTTP_PROXY_OPEN_NETWORKS, are not limited."""


@limits.command("list")
@state_option
@json_option
def list_all(directory: StateDirectory, as_json: bool) -> None:
    """Show everybody's limits, and those of accounts that have their own."""
    with plain_errors():
        lines = Store(settings_for(directory)).transact(proxy_limits.list_limits)
    if as_json:
        print_json([{"account": line.account, **asdict(line.access)} for line in lines])
    else:
        show_listing([{"account": line.account or EVERYBODY, **_shown(line.access)} for line in lines], as_json=False)


@limits.command("set")
@state_option
@click.argument("name", required=False)
@everybody_option
@click.option("--rate", type=LimitType("number", float), help="Requests a second, or none.")
@click.option(
    "--burst",
    type=LimitType("number", int),
    help="Requests that may come at once after a pause (default: 2 s of the rate).",
)
@click.option("--volume", type=VolumeType(), help="Octets a day (UTC), both ways: 500MiB, 2GiB, or none.")
@click.option("--connections", type=LimitType("number", int), help="Requests and tunnels at the same time, or none.")
@click.option("--words/--no-words", default=None, help="Whether the account's pages are counted in the word report.")
def change(
    directory: StateDirectory,
    name: str | None,
    everybody: bool,
    words: bool | None,
    rate: tuple[float | None] | None,
    burst: tuple[int | None] | None,
    volume: tuple[int | None] | None,
    connections: tuple[int | None] | None,
) -> None:
    """Change limits of NAME, or of everybody; those that are not given stay.

    Rate and connections are counted by each copy of the proxy for itself, octets over all copies.
    """
    given = {"requests_per_second": rate, "burst": burst, "octets_per_day": volume, "connections": connections}
    chosen: dict[str, Any] = {field: value[0] for field, value in given.items() if value is not None}
    if words is not None:
        chosen["counts_words"] = words
    if not chosen:
        fail("say what to change: --rate, --burst, --volume, --connections, --words or --no-words", status=2)
    _check_whose(name, everybody)
    with plain_errors():
        before, after = Store(settings_for(directory)).transact(proxy_limits.change, name, chosen)
    click.echo(f"The limits of {name or EVERYBODY}:")
    _show_changes(before, after, chosen)
    if after.burst is not None and after.requests_per_second is None:
        click.echo("A burst counts together with a rate only, and there is no rate.")


@limits.command()
@state_option
@click.argument("name", required=False)
@everybody_option
def clear(directory: StateDirectory, name: str | None, everybody: bool) -> None:
    """Remove the limits of NAME, which has everybody's then; or remove everybody's."""
    _check_whose(name, everybody)
    with plain_errors():
        before, after = Store(settings_for(directory)).transact(proxy_limits.clear, name)
    click.echo(f"{name} has everybody's limits." if name else "There are no limits but those of single accounts.")
    _show_changes(before, after)


def _check_whose(name: str | None, everybody: bool) -> None:
    if (name is None) != everybody:
        fail("say whose limits: an account's NAME, or --everybody", status=2)


def _shown(access: AccountAccess) -> Mapping[str, str]:
    """Each limit in words. A rate brings a burst of 2 s, and without one there is nothing that a burst would limit."""
    rate, connections = access.requests_per_second, access.connections
    return {
        "requests_per_second": "no limit" if rate is None else f"{rate:g}",
        "burst": "no limit" if rate is None else f"{access.most_at_once:g}",
        "octets_per_day": format_octets(access.octets_per_day),
        "connections": "no limit" if connections is None else f"{connections}",
        "counts_words": "yes" if access.counts_words else "no",
    }


def _show_changes(before: AccountAccess, after: AccountAccess, chosen: Iterable[str] = ()) -> None:
    """A line for each limit that is another now, or was `chosen`."""
    was = _shown(before)
    for field, now in _shown(after).items():
        if now != was[field] or field in chosen:
            click.echo(f"  {field.replace('_', ' ')}: {now} (before: {was[field]})")
