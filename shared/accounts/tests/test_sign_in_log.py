"""Each attempt to sign in leaves one line, with words that stay and without anything secret."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent

from shared.accounts.account import Account
from shared.accounts.errors import SignInFailed
from shared.accounts.sasl import MECHANISMS
from shared.accounts.sign_in import SignIn
from shared.accounts.sign_in_log import LINES_A_MINUTE, FailureLines, outcome_of
from shared.accounts.tests.conftest import PASSWORD
from shared.accounts.tests.scram_client import ScramClient
from shared.activity.events import SignInAttempt, SignInOutcome
from shared.activity.line import as_text
from shared.activity.metrics import SIGN_INS
from shared.activity.network_lines import PERIOD_SECONDS
from shared.activity.record import recorded
from shared.database.database import Database
from shared.database.errors import StoreUnavailable
from shared.events.redis import RedisConnection
from shared.testing.builders import SignInSettings
from shared.testing.reactor import running_reactor

HOME = "192.0.2.1"


async def test_success_names_door_account_peer_and_method(sign_in: SignIn, alice: Account) -> None:
    with recorded() as events:
        await sign_in.with_password("Alice@example.org", PASSWORD, "imap", HOME, "imaps")
    assert events == [SignInAttempt(SignInOutcome.SIGNED_IN, "imaps", HOME, "alice", "password")]


async def test_every_mechanism_is_named(sign_in: SignIn, alice: Account) -> None:
    with recorded() as events:
        await sign_in.exchange("PLAIN", "smtp", HOME, "submission").step(b"\0alice\0" + PASSWORD.encode())
        login = sign_in.exchange("LOGIN", "smtp", HOME, "submission")
        await login.step(b"alice")
        await login.step(PASSWORD.encode())
        client = ScramClient("alice", PASSWORD)
        scram = sign_in.exchange("SCRAM-SHA-256", "smtp", HOME, "submission")
        challenge = await scram.step(client.first())
        assert isinstance(challenge, bytes)
        await scram.step(client.final(challenge))
    assert [(event.method, event.outcome) for event in events if isinstance(event, SignInAttempt)] == [
        (mechanism, SignInOutcome.SIGNED_IN) for mechanism in ("PLAIN", "LOGIN", "SCRAM-SHA-256")
    ]
    assert set(MECHANISMS) == {"PLAIN", "LOGIN", "SCRAM-SHA-256"}


async def test_failure_shows_a_name_that_an_account_may_have_and_no_other(sign_in: SignIn, alice: Account) -> None:
    with recorded() as events:
        for name in ("alice", "bob", "My Secret Passphrase!", "", "x" * 5000):
            with pytest.raises(SignInFailed):
                await sign_in.with_password(name, "coffee", "imap", HOME)
    assert [event.account for event in events if isinstance(event, SignInAttempt)] == ["alice", "bob", "", "", ""]
    assert {event.outcome for event in events if isinstance(event, SignInAttempt)} == {SignInOutcome.BAD_CREDENTIALS}
    assert not any("coffee" in as_text(event) or "Secret" in as_text(event) for event in events)


async def test_who_wants_to_act_for_somebody_else_leaves_a_line(sign_in: SignIn, alice: Account) -> None:
    with recorded() as events, pytest.raises(SignInFailed):
        await sign_in.exchange("PLAIN", "imap", HOME, "imaps").step(b"bob\0alice\0" + PASSWORD.encode())
    assert events == [SignInAttempt(SignInOutcome.BAD_CREDENTIALS, "imaps", HOME, "alice", "PLAIN")]


async def test_store_that_is_away_is_an_outcome(redis: RedisConnection, database_url: str, alice: Account) -> None:
    away = Database(running_reactor(), database_url)
    sign_in = SignIn(away, redis, running_reactor(), SignInSettings())
    await away.close()
    with recorded() as events, pytest.raises(StoreUnavailable):
        await sign_in.with_password("alice", PASSWORD, "imap", HOME)
    assert events == [SignInAttempt(SignInOutcome.STORE_AWAY, "imap", HOME, "alice", "password")]


async def test_a_network_that_goes_on_failing_has_ten_lines_a_minute(database: Database, alice: Account) -> None:
    clock = Clock()
    lines = FailureLines(clock)
    elsewhere = SignInAttempt(SignInOutcome.LOCKED_OUT, "imap", "192.0.2.2", "alice", "PLAIN")

    def attempts() -> Iterator[SignInAttempt]:
        for number in range(1000):
            yield elsewhere._replace(peer=f"2001:db8::{number + 1:x}")  # one network of 64 bits

    counted = SIGN_INS.counts.get(("imap", "locked_out"), 0)
    with recorded() as events, capturedLogs() as logs:
        for attempt in attempts():
            lines.record(attempt)
        lines.record(elsewhere)
        assert len(events) == LINES_A_MINUTE + 1
        clock.advance(PERIOD_SECONDS)
        lines.record(elsewhere._replace(peer="2001:db8::7"))
        assert len(events) == LINES_A_MINUTE + 2
        clock.advance(PERIOD_SECONDS)
    assert SIGN_INS.counts["imap", "locked_out"] == counted + 1002
    assert [formatEvent(event) for event in logs] == [
        "failed attempts to sign in of 2001:db8::/64 within a minute that have no line: 990"
    ]


async def test_those_who_are_locked_out_do_not_fill_the_log(sign_in: SignIn, alice: Account) -> None:
    with recorded() as events:
        for number in range(40):
            with pytest.raises(SignInFailed):
                await sign_in.with_password("alice", f"guess {number}", "imap", "198.51.100.9")
        await sign_in.with_password("alice", PASSWORD, "imap", HOME)
    outcomes = [event.outcome for event in events if isinstance(event, SignInAttempt)]
    assert outcomes == [*[SignInOutcome.BAD_CREDENTIALS] * LINES_A_MINUTE, SignInOutcome.SIGNED_IN]


def test_outcomes_are_words_and_not_the_names_of_classes() -> None:
    def kinds(of: type[SignInFailed]) -> list[type[SignInFailed]]:
        return [of, *(each for below in of.__subclasses__() for each in kinds(below))]

    for kind in kinds(SignInFailed):
        word = outcome_of(kind.__new__(kind)).value
        assert word == word.lower()
        assert word != kind.__name__
