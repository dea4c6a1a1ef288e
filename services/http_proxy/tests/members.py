"""A proxy for accounts in the tests: rules, limits, usage and words are those of a real store."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from twisted.internet.task import Clock

from services.http_proxy.tests.clients import Client
from services.http_proxy.tests.proxies import GateParts, Running, proxy
from services.http_proxy.watch import watch_accounts
from shared.access.limits.allowance import Allowance
from shared.access.limits.set_limits import set_limits
from shared.access.rulebook import Rulebook
from shared.access.usage.usage import Usage
from shared.access.words.words import Words
from shared.accounts.http_credentials import HttpCredentials
from shared.accounts.sign_in import SignIn
from shared.clock import utc_day
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.testing.builders import SignInSettings
from shared.testing.reactor import running_reactor, wait_for

PASSWORD = "tea: at fôur"


@contextmanager
def storing(database: Database, bus: Bus, **options: Any) -> Iterator[Running]:
    """A proxy as in `proxies.py`, whose rules and limits are the store's and whose usage is written there."""
    reactor = running_reactor()

    async def build() -> GateParts:
        rulebook = Rulebook(database, bus, reactor)
        await rulebook.start()
        day = utc_day()  # also when it is midnight
        usage = Usage(database, Clock(), today=lambda: day)  # written when a test looks at it
        words = Words(database, reactor, lambda account_id: False)
        return GateParts(rulebook, Allowance(rulebook, usage, reactor), usage, words)

    parts = wait_for(build)

    async def close() -> None:
        await parts.rulebook.close()
        await parts.words.close()

    try:
        with proxy(gate_parts=parts, **options) as running:
            yield running
    finally:
        wait_for(close)


@contextmanager
def guarded(database: Database, bus: Bus, **options: Any) -> Iterator[Running]:
    """A proxy that lets accounts in, and nobody else."""
    reactor = running_reactor()

    async def build() -> HttpCredentials:
        return HttpCredentials(SignIn(database, bus.redis, reactor, SignInSettings()), "proxy", reactor)

    credentials = wait_for(build)
    with storing(database, bus, credentials=credentials, **options) as running:

        async def watch() -> None:
            watch_accounts(bus, database, credentials, running.factory.conversations)

        wait_for(watch)
        yield running


def counted(running: Running, database: Database) -> Sequence[tuple[int, str, int, int, int, int]]:
    """The store's lines of usage: account (0: none), host, status, requests, octets from and to the client."""
    wait_for(running.gate_parts.usage.flush)
    return wait_for(lambda: database.read(_usage))


def _usage(tx: Transaction) -> Sequence[tuple[int, str, int, int, int, int]]:
    return tx.rows(
        "SELECT account_id, host, status, requests, octets_in, octets_out FROM usage ORDER BY account_id, host, status"
    )


def limit(running: Running, database: Database, account_id: int, limits: Mapping[str, float | int | None]) -> None:
    """Change an account's limits; the proxy knows them when this returns."""
    wait_for(lambda: database.transact(set_limits, account_id, limits))
    wait_for(running.gate_parts.rulebook.refresh)


def basic(name: str, password: str) -> str:
    """The field for a name and a password."""
    return "Proxy-Authorization: Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def status(client: Client, url: str, *fields: str) -> int:
    """The status of a GET."""
    client.get(url, *fields)
    return client.answer().status
