"""`agora proxy limits`: how much an account may use of the way out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import click

from shared.access.list_limits import list_limits
from shared.access.set_limits import clear_limits, set_limits
from shared.accounts.find_account import find_account
from shared.command_line.output import fail, json_option, show_listing
from shared.command_line.place import Place
from shared.command_line.quantities import OCTETS
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.database.transaction import Transaction
from shared.events.events import AccessChanged
from shared.octets import format_octets

EVERYBODY = "everybody"
everybody_option = click.option("--everybody", is_flag=True, help="Of all accounts that have none of their own.")


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
            self.fail(f"{value!r} is no number above zero, nor none", param, context)
        return (number,)


class VolumeType(click.ParamType[Any]):
    """The same for octets, which may be 0."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> tuple[Any]:
        octets = value[0] if isinstance(value, tuple) else OCTETS.convert(value, param, context)
        if octets is not None and octets >= 2**63 - 1:
            self.fail(f"{value!r} is more than can be counted", param, context)
        return (octets,)


@click.group()
def limits() -> None:
    """Limits of accounts. Whoever does not sign in has none, and may be kept out by the proxy's settings."""


@limits.command("list")
@state_option
@json_option
def list_all(place: Place, as_json: bool) -> None:
    """Show everybody's limits, and those of accounts that have their own."""
    with plain_errors():
        lines = Store(settings_for(place)).transact(list_limits)
    rows: list[dict[str, Any]] = [{"account": line.account, **asdict(line.access)} for line in lines]
    if not as_json:
        for row in rows:
            row["account"] = row["account"] or EVERYBODY
            row["octets_per_day"] = format_octets(row["octets_per_day"])
            for name in ("requests_per_second", "burst", "connections"):
                row[name] = "no limit" if row[name] is None else f"{row[name]:g}"
    show_listing(rows, as_json)


@limits.command("set")
@state_option
@click.argument("name", required=False)
@everybody_option
@click.option("--rate", type=LimitType("number", float), help="Requests a second, or none.")
@click.option(
    "--burst", type=LimitType("number", int), help="Requests at once after a pause (default: 2 s of the rate)."
)
@click.option("--volume", type=VolumeType(), help="Octets a day (UTC), both ways: 500MiB, 2GiB, or none.")
@click.option("--connections", type=LimitType("number", int), help="Requests and tunnels at the same time, or none.")
@click.option("--words/--no-words", default=None, help="Whether pages that it reads are in the word report.")
def change(
    place: Place,
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
    _change(place, name, everybody, lambda tx, account_id: set_limits(tx, account_id, chosen))
    click.echo(f"The limits of {name or EVERYBODY} are changed.")


@limits.command()
@state_option
@click.argument("name", required=False)
@everybody_option
def clear(place: Place, name: str | None, everybody: bool) -> None:
    """Let NAME have everybody's limits, or everybody none."""
    _change(place, name, everybody, clear_limits)
    click.echo(f"{name} has everybody's limits." if name else "There are no limits but those of single accounts.")


def _change(
    place: Place,
    name: str | None,
    everybody: bool,
    change: Callable[[Transaction, int | None], Sequence[AccessChanged]],
) -> None:
    if (name is None) != everybody:
        fail("say whose limits: an account's NAME, or --everybody", status=2)
    with plain_errors():
        store = Store(settings_for(place))
        store.announce(store.transact(lambda tx: change(tx, None if name is None else find_account(tx, name).id)))
