"""`agora user lockouts` and `unlock`: accounts and networks with too many wrong passwords, and the end of lock-outs."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import click

from shared.accounts.redis_tallies import RedisTallies
from shared.accounts.tallies import Tallies, TalliesAway
from shared.administration import lockouts as operations
from shared.command_line.announce import connected, redis_url
from shared.command_line.in_reactor import in_reactor
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import plain_errors, settings_for
from shared.command_line.terminal.output import fail, json_option, print_json, show_listing
from shared.command_line.terminal.quantities import counted
from shared.events.redis import RedisAway, RedisConnection

Result = TypeVar("Result")


@click.command()
@state_option
@json_option
def lockouts(directory: StateDirectory, as_json: bool) -> None:
    """Show the accounts and networks that are locked out after too many wrong passwords, and how long it lasts."""
    found = _with_tallies(directory, operations.list_lockouts)
    rows = [
        {
            "account": lockout.account or "every account not used from there",
            "address": lockout.network,
            "seconds_left": round(lockout.remaining.total_seconds()),
        }
        for lockout in found
    ]
    show_listing(rows, as_json, nothing="Nobody is locked out.")


@click.command()
@state_option
@click.argument("name", required=False)
@click.option("--address", "host", metavar="HOST", help="Only failures from this network address.")
@json_option
def unlock(directory: StateDirectory, name: str | None, host: str | None, as_json: bool) -> None:
    """End the lock-outs of NAME, of a network address, or (with neither) of all."""
    with plain_errors():
        ended = _with_tallies(directory, lambda tallies, _reactor: operations.unlock(tallies, name, host))
    if as_json:
        print_json({"ended": ended})
        return
    click.echo(f"{counted(ended, 'lock-out')} ended.")


def _with_tallies(directory: StateDirectory, work: Callable[[Tallies, Any], Coroutine[Any, Any, Result]]) -> Result:
    settings = settings_for(directory)

    async def connect_and_work(reactor: Any) -> Result:
        connection = RedisConnection(reactor, redis_url(settings))
        try:
            await connected(reactor, connection)
            return await work(RedisTallies(connection, reactor), reactor)
        finally:
            await connection.close()

    try:
        return in_reactor(connect_and_work)
    except (RedisAway, TalliesAway) as error:
        fail(f"lock-outs are counted in Redis, which does not answer: {error}")
