"""The resolver's memory."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.defer import Deferred, gatherResults

from shared.database.database import Database
from shared.database.errors import StoreUnavailable
from shared.folders.errors import QuotaExceeded
from shared.mail.addresses import add_address
from shared.mail.domains import ensure_domain
from shared.mail.errors import AddressNotFound, BadAddress, DomainNotLocal
from shared.mail.lookup import look_up
from shared.mail.resolve import Resolver
from shared.testing.builders import DOMAIN, a_member, members


def split(address: str) -> tuple[str, str]:
    local_part, _, domain = address.partition("@")
    return local_part, domain


class Watched:
    """A Database that counts what it is asked, and fails when told to."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.asked: list[int] = []
        self.away = False

    async def read(self, operation: Any, addresses: Any, *more: Any) -> Any:
        assert operation is look_up
        self.asked.append(len(addresses))
        if self.away:
            raise StoreUnavailable
        return await self._database.read(operation, addresses, *more)


async def test_what_was_asked_lately_is_remembered(database: Database) -> None:
    await database.transact(a_member, "alice")
    watched, now = Watched(database), 0.0
    resolver = Resolver(watched, DOMAIN, seconds=lambda: now)  # type: ignore[arg-type]
    first = await resolver.resolve("alice", "example.org")
    assert await resolver.resolve("ALICE", "example.org") == first
    for _ in range(2):
        with pytest.raises(AddressNotFound):
            await resolver.resolve("nobody", "example.org")
    assert watched.asked == [1, 1]
    now = 9.9
    assert await resolver.resolve("alice", "example.org") == first
    assert watched.asked == [1, 1]
    now = 10.0
    await resolver.resolve("alice", "example.org")
    resolver.forget()
    await resolver.resolve("alice", "example.org")
    assert watched.asked == [1, 1, 1, 1]


async def test_whoever_is_added_is_found_within_a_second_even_when_nobody_announces_it(database: Database) -> None:
    alice = await database.transact(a_member, "alice")
    now = 0.0
    resolver = Resolver(database, DOMAIN, seconds=lambda: now)
    for address, fact in (("new@example.org", AddressNotFound), ("new@example.net", DomainNotLocal)):
        with pytest.raises(fact):
            await resolver.resolve(*split(address))
    await database.transact(ensure_domain, "example.net")
    for address in ("new@example.org", "new@example.net"):
        await database.transact(add_address, alice, address)
    now = 1.0
    for address in ("new@example.org", "new@example.net"):
        assert [target.account_id for target in await resolver.resolve(*split(address))] == [alice.id]


async def test_what_many_ask_meanwhile_is_one_query(database: Database) -> None:
    await database.transact(members, "alice", "bob", "carol")
    watched = Watched(database)
    resolver = Resolver(watched, DOMAIN)  # type: ignore[arg-type]
    names = ["alice", "bob", "carol", "alice", "nobody", "bob"] * 5
    asking = [Deferred.fromCoroutine(resolver.resolve_all([(name, DOMAIN)])) for name in names]
    outcomes = await gatherResults(asking)
    assert [isinstance(outcome, tuple) for (outcome,) in outcomes] == [name != "nobody" for name in names]
    assert watched.asked == [1, 3]


async def test_all_of_a_list_is_asked_at_once(database: Database) -> None:
    await database.transact(members, "alice", "bob")
    watched = Watched(database)
    resolver = Resolver(watched, DOMAIN)  # type: ignore[arg-type]
    outcomes = await resolver.resolve_all(
        [("alice", DOMAIN), ("x", "elsewhere.example"), ("not", "an address"), ("bob", DOMAIN)]
    )
    assert [type(outcome) for outcome in outcomes] == [tuple, DomainNotLocal, BadAddress, tuple]
    assert watched.asked == [3]


async def test_of_a_domain_elsewhere_one_address_is_asked_in_a_second(database: Database) -> None:
    watched, now = Watched(database), 0.0
    resolver = Resolver(watched, DOMAIN, seconds=lambda: now)  # type: ignore[arg-type]
    for name in ("ann", "ben", "cleo"):
        with pytest.raises(DomainNotLocal):
            await resolver.resolve(name, "elsewhere.example")
    assert watched.asked == [1]
    resolver.forget()
    with pytest.raises(DomainNotLocal):
        await resolver.resolve("ann", "elsewhere.example")
    now = 1.0
    with pytest.raises(DomainNotLocal):
        await resolver.resolve("ben", "elsewhere.example")
    assert watched.asked == [1, 1, 1]


async def test_a_store_that_is_away_is_told_to_all_and_not_remembered(database: Database) -> None:
    await database.transact(a_member, "alice")
    watched = Watched(database)
    resolver = Resolver(watched, DOMAIN)  # type: ignore[arg-type]
    watched.away = True
    with pytest.raises(StoreUnavailable):
        await resolver.resolve_all([("alice", DOMAIN), ("bob", DOMAIN)])
    watched.away = False
    assert await resolver.resolve("alice", "example.org")


async def test_an_answer_from_before_a_change_is_not_remembered(database: Database) -> None:
    await database.transact(a_member, "alice")
    watched = Watched(database)
    resolver = Resolver(watched, DOMAIN)  # type: ignore[arg-type]
    asking = Deferred.fromCoroutine(resolver.resolve("alice", "example.org"))
    resolver.forget()
    await asking
    await resolver.resolve("alice", "example.org")
    assert watched.asked == [1, 1]


async def test_the_hosts_own_literals_are_the_default_domain(database: Database) -> None:
    await database.transact(a_member, "alice")
    resolver = Resolver(database, DOMAIN, literals=["[192.0.2.1]"])
    assert await resolver.resolve("alice", "[192.0.2.1]") == await resolver.resolve("alice", "example.org")
    with pytest.raises(DomainNotLocal):
        await resolver.resolve("alice", "[192.0.2.2]")


async def test_a_full_mailbox_is_told_before_the_message_comes(database: Database) -> None:
    full = await database.transact(a_member, "full", quota_octets=1000)
    bob = await database.transact(a_member, "bob")
    for account in (full, bob):
        await database.transact(add_address, account, "team@example.org")
    resolver = Resolver(database, DOMAIN)
    assert await resolver.resolve("full", "example.org", 1000)
    with pytest.raises(QuotaExceeded):
        await resolver.resolve("full", "example.org", 1001)
    assert [target.account_id for target in await resolver.resolve("team", "example.org", 1001)] == [bob.id]


@pytest.mark.parametrize(
    ("local_part", "domain", "fact"),
    [
        ("alice@example.org", DOMAIN, AddressNotFound),  # "alice@example.org"@example.org is a name of its own
        ("alice", "", BadAddress),
        ("", DOMAIN, BadAddress),
        ("al\0ice", DOMAIN, BadAddress),
        ("al\nice", DOMAIN, BadAddress),
        ("a" * 513, DOMAIN, BadAddress),
        ("alice", "exam ple.org", BadAddress),
        ("alice", "a" * 256, BadAddress),
    ],
)
async def test_values_are_no_texts_and_are_checked_all_the_same(
    database: Database, local_part: str, domain: str, fact: type[Exception]
) -> None:
    await database.transact(a_member, "alice")
    with pytest.raises(fact):
        await Resolver(database, DOMAIN).resolve(local_part, domain)


async def test_what_is_forgotten_of_one_address_is_asked_again(database: Database) -> None:
    await database.transact(members, "alice", "bob")
    watched = Watched(database)
    resolver = Resolver(watched, DOMAIN)  # type: ignore[arg-type]
    for name in ("alice", "bob"):
        await resolver.resolve(name, DOMAIN)
    resolver.forget_one("Alice", "EXAMPLE.org")
    for name in ("alice", "bob"):
        await resolver.resolve(name, DOMAIN)
    assert watched.asked == [1, 1, 1]
