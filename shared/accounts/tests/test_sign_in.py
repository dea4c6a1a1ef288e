"""Signing in with a password, an app password or APOP, on the real database and Redis."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Coroutine
from datetime import timedelta
from ipaddress import ip_network
from itertools import product
from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred, gatherResults
from twisted.spread.pb import respond

from shared.accounts import redis_tallies
from shared.accounts.account import Account
from shared.accounts.add_app_password import add_app_password
from shared.accounts.change_account import disable_account
from shared.accounts.clear_lockout import clear_lockout
from shared.accounts.create_account import create_account
from shared.accounts.delete_account import delete_account
from shared.accounts.errors import (
    AccountDisabled,
    BadCredentials,
    LockedOut,
    NotMadeForApop,
    NotMadeForPb,
    WrongProtocol,
)
from shared.accounts.list_lockouts import list_lockouts
from shared.accounts.lock_out import LockOutRules
from shared.accounts.password_exchanges import name_that_acts_for_itself
from shared.accounts.redis_tallies import RedisTallies
from shared.accounts.remove_app_password import remove_app_password
from shared.accounts.set_password import set_password
from shared.accounts.sign_in import SignIn
from shared.accounts.tests.conftest import PASSWORD
from shared.database.database import Database
from shared.database.errors import StoreUnavailable
from shared.events.embedded import EmbeddedRedis
from shared.events.redis import RedisConnection
from shared.testing.builders import SignInSettings, verifiers_of
from shared.testing.reactor import running_reactor

PATIENCE_SECONDS = 0.5  # the product's; tests wait longer where Redis does not hang
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.1"
RULES = LockOutRules()


async def outcome_of(attempt: Coroutine[Any, Any, Account]) -> object:
    """The account, or the kind of failure."""
    try:
        return await attempt
    except Exception as failure:
        return type(failure)


def together(*attempts: Coroutine[Any, Any, Account]) -> Deferred[list[object]]:
    return gatherResults([Deferred.fromCoroutine(outcome_of(attempt)) for attempt in attempts])


async def test_right_password_gives_the_account(sign_in: SignIn, alice: Account) -> None:
    for name in ("alice", "ALICE", "alice@example.org", "Alice@Example.ORG"):
        assert await sign_in.with_password(name, PASSWORD, "imap", HOME) == alice


async def test_wrong_names_and_passwords_fail_alike(sign_in: SignIn, alice: Account) -> None:
    for name in ("alice", "bob", "alice@example.com", "alice@", "", "al\0ice", "x" * 1000, "\ud800"):
        with pytest.raises(BadCredentials) as failure:
            await sign_in.with_password(name, "coffee" if name == "alice" else PASSWORD, "imap", HOME)
        assert type(failure.value) is BadCredentials
        assert not failure.value.args


async def test_impossible_passwords_are_wrong_passwords(sign_in: SignIn, alice: Account) -> None:
    for password in ("", "\0", "x" * 5000, "\ud800", "tea at four "):
        with pytest.raises(BadCredentials):
            await sign_in.with_password("alice", password, "imap", HOME)


async def test_unknown_name_costs_what_a_wrong_password_costs(sign_in: SignIn, alice: Account) -> None:
    costs: dict[str, float] = {}
    tries = product(("coffee", "cocoa"), ("alice", "bob", "alice@example.com"))
    for password, name in tries:  # the cheaper of two, as garbage may be collected in one
        start = time.process_time()  # of all threads: what others do on this machine does not disturb it
        with pytest.raises(BadCredentials):
            await sign_in.with_password(name, password, "imap", HOME)
        costs[name] = min(costs.get(name, 60), time.process_time() - start)
    assert min(costs.values()) > max(costs.values()) / 3
    assert min(costs.values()) > 0.03  # argon2 ran each time


async def test_remembered_password_costs_no_argon2(sign_in: SignIn, alice: Account) -> None:
    await sign_in.with_password("alice", PASSWORD, "imap", HOME)
    costs = []
    for _ in range(9):
        start = time.process_time()
        await sign_in.with_password("alice", PASSWORD, "smtp", ELSEWHERE)
        costs.append(time.process_time() - start)
    assert sorted(costs)[2] < 0.01


async def test_changed_password_is_forgotten_at_once(sign_in: SignIn, alice: Account, database: Database) -> None:
    await sign_in.with_password("alice", PASSWORD, "imap", HOME)
    await database.transact(set_password, alice.id, verifiers_of("coffee at five"))
    with pytest.raises(BadCredentials):
        await sign_in.with_password("alice", PASSWORD, "imap", HOME)
    assert await sign_in.with_password("alice", "coffee at five", "imap", HOME) == alice


async def test_disabled_account_is_refused_although_remembered(
    sign_in: SignIn, alice: Account, database: Database
) -> None:
    await sign_in.with_password("alice", PASSWORD, "imap", HOME)
    await database.transact(disable_account, alice.id)
    with pytest.raises(AccountDisabled):
        await sign_in.with_password("alice", PASSWORD, "imap", HOME)
    with pytest.raises(BadCredentials):  # who does not know the password does not learn that it is disabled
        await sign_in.with_password("alice", "coffee", "imap", HOME)


async def test_account_made_anew_under_an_old_name_is_another_one(
    sign_in: SignIn, alice: Account, database: Database
) -> None:
    await sign_in.with_password("alice", PASSWORD, "imap", HOME)
    await database.transact(delete_account, alice.id)
    await database.transact(create_account, "alice")
    with pytest.raises(BadCredentials):
        await sign_in.with_password("alice", PASSWORD, "imap", HOME)


async def test_app_password_is_good_where_it_was_made_for(sign_in: SignIn, alice: Account, database: Database) -> None:
    phone, secret = await database.transact(add_app_password, alice.id, "phone", ["imap", "smtp"])
    assert await sign_in.with_password("alice", secret, "imap", HOME) == alice
    assert await sign_in.with_password("alice", secret.replace("-", ""), "smtp", HOME) == alice
    with pytest.raises(WrongProtocol):
        await sign_in.with_password("alice", secret, "pop3", HOME)
    assert await sign_in.with_password("alice", PASSWORD, "pop3", HOME) == alice
    await database.transact(remove_app_password, alice.id, phone.id)
    with pytest.raises(BadCredentials):
        await sign_in.with_password("alice", secret, "imap", HOME)


async def test_the_main_password_is_told_from_app_passwords(
    sign_in: SignIn, alice: Account, database: Database
) -> None:
    _, secret = await database.transact(add_app_password, alice.id, "laptop")
    assert await sign_in.with_main_password("alice", PASSWORD, HOME, "web", "again") == alice
    with pytest.raises(BadCredentials):
        await sign_in.with_main_password("alice", secret, HOME, "web", "again")


async def test_app_password_without_protocols_is_good_everywhere(
    sign_in: SignIn, alice: Account, database: Database
) -> None:
    _, secret = await database.transact(add_app_password, alice.id, "laptop")
    for protocol in ("imap", "pop3", "web"):
        assert await sign_in.with_password("alice", secret, protocol, HOME) == alice


async def test_apop_works_with_the_app_passwords_made_for_it(
    sign_in: SignIn, alice: Account, database: Database
) -> None:
    banner = "<1896.697170952@example.org>"
    _, clock = await database.transact(add_app_password, alice.id, "clock", ["pop3"], for_apop=True)
    _, phone = await database.transact(add_app_password, alice.id, "phone", ["pop3"])

    def digest(secret: str, banner: str = banner) -> str:
        return hashlib.md5((banner + secret).encode()).hexdigest()

    assert await sign_in.with_apop("alice@example.org", digest(clock), banner, HOME) == alice
    assert await sign_in.with_apop("alice", digest(clock).upper(), banner, HOME) == alice
    for wrong in (digest(phone), digest(PASSWORD), digest(clock, "<another@example.org>"), "", "é"):
        with pytest.raises(BadCredentials):
            await sign_in.with_apop("alice", wrong, banner, HOME)
    with pytest.raises(BadCredentials):
        await sign_in.with_apop("bob", digest(clock), banner, HOME)
    await database.transact(disable_account, alice.id)
    with pytest.raises(AccountDisabled):
        await sign_in.with_apop("alice", digest(clock), banner, HOME)


async def test_connections_opened_at_once_share_one_argon2(sign_in: SignIn, alice: Account) -> None:
    start = time.process_time()
    many = [sign_in.with_password("alice", PASSWORD, "imap", f"192.0.2.{number}") for number in range(100)]
    assert await together(*many) == [alice] * 100
    assert time.process_time() - start < 4  # 100 would be some 10 s


async def test_who_hangs_up_does_not_end_the_proof_for_others(sign_in: SignIn, alice: Account) -> None:
    first, second = (Deferred.fromCoroutine(sign_in.with_password("alice", PASSWORD, "imap", HOME)) for _ in range(2))
    first.addErrback(lambda failure: failure.trap(CancelledError))
    first.cancel()
    assert await second == alice


async def test_failures_count_over_all_doors_and_processes(
    database: Database, redis: RedisConnection, alice: Account
) -> None:
    processes = [SignIn(database, redis, running_reactor(), SignInSettings()) for _ in range(2)]
    for number in range(RULES.failures_per_pair):
        with pytest.raises(BadCredentials):
            await processes[number % 2].with_password("alice", "guess", ["imap", "pop3", "smtp"][number % 3], HOME)
    for process in processes:
        with pytest.raises(LockedOut) as refusal:
            await process.with_password("alice", PASSWORD, "imap", HOME)
        assert timedelta(0) < refusal.value.retry_after <= RULES.shortest_lock
    assert await processes[0].with_password("alice", PASSWORD, "imap", ELSEWHERE) == alice


async def test_lockout_is_visible_and_clearable(sign_in: SignIn, redis: RedisConnection, alice: Account) -> None:
    tallies = RedisTallies(redis, running_reactor())
    began = time.monotonic()
    for _ in range(RULES.failures_per_pair):
        await outcome_of(sign_in.with_password("alice", "guess", "imap", "2001:db8::1"))
    [lockout] = await list_lockouts(tallies, running_reactor())
    assert (lockout.account, lockout.network) == ("alice", "2001:db8::/64")
    took = timedelta(seconds=time.monotonic() - began + 1)  # the end is kept in whole seconds
    assert RULES.shortest_lock - took <= lockout.remaining <= RULES.shortest_lock
    assert await clear_lockout(tallies, account="bob") == 0
    assert await clear_lockout(tallies, account="Alice", host="2001:db8::2") == 1
    assert await list_lockouts(tallies, running_reactor()) == []
    assert await sign_in.with_password("alice", PASSWORD, "imap", "2001:db8::1") == alice


async def test_locked_address_is_cleared_by_address(sign_in: SignIn, redis: RedisConnection, alice: Account) -> None:
    tallies = RedisTallies(redis, running_reactor())
    for number in range(RULES.failures_per_network):
        await outcome_of(sign_in.with_apop(f"name{number}", "", "<banner>", HOME))
    assert await outcome_of(sign_in.with_password("alice", PASSWORD, "imap", HOME)) is LockedOut
    [lockout] = await list_lockouts(tallies, running_reactor())
    assert (lockout.account, lockout.network) == (None, HOME)
    assert await clear_lockout(tallies, host=HOME) == 1
    assert await sign_in.with_password("alice", PASSWORD, "imap", HOME) == alice


async def test_trusted_network_is_never_locked(database: Database, redis: RedisConnection, alice: Account) -> None:
    sign_in = SignIn(database, redis, running_reactor(), SignInSettings([ip_network("192.0.2.0/24")]))
    await database.transact(add_app_password, alice.id, "clock", for_apop=True)
    for _ in range(2 * RULES.failures_per_network):
        assert await outcome_of(sign_in.with_apop("alice", "", "<banner>", HOME)) is BadCredentials
    assert await sign_in.with_password("alice", PASSWORD, "imap", HOME) == alice


async def test_wrong_protocol_and_disabled_are_not_guesses(sign_in: SignIn, alice: Account, database: Database) -> None:
    _, secret = await database.transact(add_app_password, alice.id, "phone", ["imap"])
    await database.transact(disable_account, alice.id)
    for _ in range(2 * RULES.failures_per_network):
        assert await outcome_of(sign_in.with_password("alice", secret, "pop3", HOME)) is WrongProtocol
        assert await outcome_of(sign_in.with_password("alice", secret, "imap", HOME)) is AccountDisabled


async def test_counting_goes_on_without_redis(
    sign_in: SignIn, redis: RedisConnection, redis_server: EmbeddedRedis, alice: Account, database: Database
) -> None:
    await database.transact(add_app_password, alice.id, "clock", for_apop=True)
    for number in range(RULES.failures_per_pair):
        if number == RULES.failures_per_pair // 2:
            redis_server.stop()
        assert await outcome_of(sign_in.with_apop("alice", "", "<banner>", HOME)) is BadCredentials
    assert await outcome_of(sign_in.with_password("alice", PASSWORD, "imap", HOME)) is LockedOut
    assert await sign_in.with_password("alice", PASSWORD, "imap", ELSEWHERE) == alice


async def test_nobody_waits_for_a_redis_that_hangs(
    sign_in: SignIn,
    redis: RedisConnection,
    redis_server: EmbeddedRedis,
    alice: Account,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(redis_tallies, "PATIENCE_SECONDS", PATIENCE_SECONDS)
    await redis.command("CLIENT", "PAUSE", 30_000, "ALL")
    start = time.monotonic()
    assert await sign_in.with_password("alice", PASSWORD, "imap", HOME) == alice
    assert await sign_in.with_password("alice", PASSWORD, "imap", HOME) == alice
    assert time.monotonic() - start < 15  # two passwords, on a machine that does other things, too
    redis_server.stop()


async def test_store_away_is_said_and_not_counted(redis: RedisConnection, database_url: str, alice: Account) -> None:
    away = Database(running_reactor(), database_url)
    sign_in = SignIn(away, redis, running_reactor(), SignInSettings())
    await away.close()
    for _ in range(2 * RULES.failures_per_network):
        with pytest.raises(StoreUnavailable):
            await sign_in.with_password("alice", PASSWORD, "imap", HOME)
    assert await list_lockouts(RedisTallies(redis, running_reactor()), running_reactor()) == []


async def test_apop_without_a_password_made_for_it_is_no_guess(
    sign_in: SignIn, alice: Account, database: Database
) -> None:
    for _ in range(50):  # a program that prefers APOP, and has the right password
        with pytest.raises(NotMadeForApop):
            await sign_in.with_apop("alice", "c4c9334bac560ecc979e58001b3e22fb", "<1@example.org>", HOME)
    assert await sign_in.with_password("alice", PASSWORD, "pop3", HOME) == alice


async def test_perspective_broker_works_with_the_app_passwords_made_for_it(
    sign_in: SignIn, alice: Account, database: Database
) -> None:
    challenge = b"\x00\xffchallenge"
    _, bot = await database.transact(add_app_password, alice.id, "bot", ["pb"])
    _, phone = await database.transact(add_app_password, alice.id, "phone", ["imap"])
    _, clock = await database.transact(add_app_password, alice.id, "clock", ["pop3"], for_apop=True)
    right = respond(challenge, bot.encode())
    assert await sign_in.with_pb_response("alice", challenge, right, HOME) == alice
    assert await sign_in.with_password("alice", bot, "pb", HOME) == alice
    for wrong in (phone, clock, PASSWORD, ""):
        response = respond(challenge, wrong.encode())
        assert await outcome_of(sign_in.with_pb_response("alice", challenge, response, HOME)) is BadCredentials
    for response in (right[:-1], b"", right.hex().encode(), respond(b"another", bot.encode())):
        assert await outcome_of(sign_in.with_pb_response("alice", challenge, response, HOME)) is BadCredentials
    assert await outcome_of(sign_in.with_apop("alice", bot, "<1@example.org>", HOME)) is BadCredentials
    await database.transact(disable_account, alice.id)
    assert await outcome_of(sign_in.with_pb_response("alice", challenge, right, HOME)) is AccountDisabled


async def test_wrong_responses_of_perspective_broker_lock_out(
    sign_in: SignIn, alice: Account, database: Database
) -> None:
    await database.transact(add_app_password, alice.id, "bot", ["pb"])
    outcomes = [
        await outcome_of(sign_in.with_pb_response("alice", b"c", b"r%d" % number, ELSEWHERE))
        for number in range(RULES.failures_per_pair + 1)
    ]
    assert outcomes[-1] is LockedOut


async def test_perspective_broker_without_a_password_made_for_it_is_no_guess(
    sign_in: SignIn, alice: Account, database: Database
) -> None:
    await database.transact(add_app_password, alice.id, "clock", ["pop3"], for_apop=True)
    for _ in range(RULES.failures_per_pair + 1):
        response = respond(b"challenge", PASSWORD.encode())
        assert await outcome_of(sign_in.with_pb_response("alice", b"challenge", response, HOME)) is NotMadeForPb
    assert await outcome_of(sign_in.with_pb_response("bob", b"challenge", b"", HOME)) is BadCredentials


def test_an_account_acts_for_itself_in_either_spelling() -> None:
    assert name_that_acts_for_itself("", "alice") == "alice"
    assert name_that_acts_for_itself("alice", "alice") == "alice"
    assert name_that_acts_for_itself("alice@example.org", "alice") == "alice@example.org"
    assert name_that_acts_for_itself("alice", "Alice@example.org") == "Alice@example.org"
    for acts_for, name in (("bob", "alice"), ("alice@example.com", "alice@example.org"), ("\0", "alice")):
        with pytest.raises(BadCredentials):
            name_that_acts_for_itself(acts_for, name)


async def test_an_account_acts_for_itself_at_our_domains_only(sign_in: SignIn, alice: Account) -> None:
    async def plain(acts_for: str) -> object:
        response = f"{acts_for}\0alice\0{PASSWORD}".encode()
        return await sign_in.exchange("PLAIN", "imap", HOME).answer(response)

    assert await plain("alice@example.org") == alice
    with pytest.raises(BadCredentials):
        await plain("alice@elsewhere.example")
