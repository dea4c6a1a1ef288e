"""The SASL exchanges as the doors drive them, on the real database and Redis."""

from __future__ import annotations

import pytest

from shared.accounts import scram
from shared.accounts.account import Account
from shared.accounts.add_app_password import add_app_password
from shared.accounts.change_account import disable_account
from shared.accounts.errors import AccountDisabled, BadCredentials, LockedOut, SaslProtocolError
from shared.accounts.lock_out import LockOutRules
from shared.accounts.sasl import LONGEST_RESPONSE_OCTETS, MECHANISMS
from shared.accounts.set_password import set_password
from shared.accounts.sign_in import SignIn
from shared.accounts.tests.conftest import PASSWORD
from shared.accounts.tests.scram_client import ScramClient
from shared.accounts.verifiers import derive_verifiers
from shared.database.database import Database

HOME = "192.0.2.1"


async def converse(sign_in: SignIn, mechanism: str, *responses: bytes | None) -> Account:
    """The account after all `responses`, each but the last answered by a challenge."""
    exchange = sign_in.exchange(mechanism, "imap", HOME)
    for response in responses[:-1]:
        assert isinstance(await exchange.step(response), bytes)
    account = await exchange.step(responses[-1])
    assert isinstance(account, Account)
    return account


async def scram_sign_in(sign_in: SignIn, client: ScramClient, initial: bool = True) -> Account:
    exchange = sign_in.exchange("SCRAM-SHA-256", "imap", HOME)
    if not initial:
        assert await exchange.step(None) == b""
    server_first = await exchange.step(client.first())
    assert isinstance(server_first, bytes)
    assert await exchange.step(client.final(server_first)) == client.expected_signature
    account = await exchange.step(b"")
    assert isinstance(account, Account)
    return account


async def test_plain_signs_in(sign_in: SignIn, alice: Account) -> None:
    assert await converse(sign_in, "PLAIN", b"\0alice\0tea at four") == alice
    assert await converse(sign_in, "PLAIN", None, b"\0alice\0tea at four") == alice
    assert await converse(sign_in, "PLAIN", b"Alice\0alice\0tea at four") == alice
    assert await converse(sign_in, "PLAIN", b"\0alice@example.org\0tea at four") == alice


async def test_plain_that_is_none(sign_in: SignIn) -> None:
    for response in (
        b"",
        b"alice",
        b"\0alice",
        b"\0alice\0",
        b"\0\0tea at four",
        b"\0alice\0tea\0four",
        b"\0alice\0\xff",
        b"\0alice\0" + b"x" * LONGEST_RESPONSE_OCTETS,
    ):
        with pytest.raises(SaslProtocolError):
            await converse(sign_in, "PLAIN", response)


async def test_plain_refused(sign_in: SignIn, alice: Account) -> None:
    for response in (b"bob\0alice\0tea at four", b"\0alice\0coffee", b"\0bob\0tea at four"):
        with pytest.raises(BadCredentials):
            await converse(sign_in, "PLAIN", response)


async def test_login_signs_in(sign_in: SignIn, alice: Account) -> None:
    assert await converse(sign_in, "LOGIN", None, b"alice", b"tea at four") == alice
    assert await converse(sign_in, "LOGIN", b"alice@example.org", b"tea at four") == alice


async def test_login_asks_in_the_words_that_clients_look_for(sign_in: SignIn) -> None:
    exchange = sign_in.exchange("LOGIN", "smtp", HOME)
    assert await exchange.step(None) == b"Username:"
    assert await exchange.step(b"alice") == b"Password:"
    with pytest.raises(BadCredentials):
        await exchange.step(b"tea")


async def test_scram_signs_in_and_proves_the_server(sign_in: SignIn, alice: Account) -> None:
    for gs2 in (b"n,,", b"y,,", b"n,a=alice,"):
        for initial in (True, False):
            assert await scram_sign_in(sign_in, ScramClient("alice", PASSWORD, gs2=gs2), initial) == alice
    assert await scram_sign_in(sign_in, ScramClient("alice@example.org", PASSWORD)) == alice


async def test_scram_refuses_a_wrong_password(sign_in: SignIn, alice: Account) -> None:
    with pytest.raises(BadCredentials):
        await scram_sign_in(sign_in, ScramClient("alice", "coffee"))


async def test_scram_is_for_the_password_only(sign_in: SignIn, alice: Account, database: Database) -> None:
    _, secret = await database.transact(add_app_password, alice.id, "phone")
    with pytest.raises(BadCredentials):
        await scram_sign_in(sign_in, ScramClient("alice", secret))


async def test_scram_does_not_show_which_names_exist(sign_in: SignIn, alice: Account) -> None:
    def shape(server_first: bytes | Account) -> tuple[list[bytes], list[int], bytes]:
        assert isinstance(server_first, bytes)
        fields = server_first.split(b",")
        return [field[:2] for field in fields], [len(field) for field in fields], fields[2]

    shown = {
        name: [
            await sign_in.exchange("SCRAM-SHA-256", "imap", HOME).step(ScramClient(name, "").first()) for _ in range(2)
        ]
        for name in ("alice", "bob", "alice@example.com")
    }
    assert len({str(shape(first)) for both in shown.values() for first in both}) == 1
    for first, again in shown.values():
        assert isinstance(first, bytes)
        assert isinstance(again, bytes)
        assert first.split(b",")[1] == again.split(b",")[1]  # the salt
        assert first.split(b",")[0] != again.split(b",")[0]  # the nonce
    with pytest.raises(BadCredentials):
        await scram_sign_in(sign_in, ScramClient("bob", PASSWORD))


async def test_scram_looks_again_before_it_lets_in(sign_in: SignIn, alice: Account, database: Database) -> None:
    client = ScramClient("alice", PASSWORD)
    changed, disabled = (sign_in.exchange("scram-sha-256", "imap", HOME) for _ in range(2))
    first = await changed.step(client.first())
    assert isinstance(first, bytes)
    await database.transact(set_password, alice.id, derive_verifiers(PASSWORD))  # of another salt
    with pytest.raises(BadCredentials):
        await changed.step(client.final(first))
    first = await disabled.step(client.first())
    assert isinstance(first, bytes)
    await database.transact(disable_account, alice.id)
    with pytest.raises(AccountDisabled):
        await disabled.step(client.final(first))


async def test_scram_failures_lock_out(sign_in: SignIn, alice: Account) -> None:
    for _ in range(LockOutRules().failures_per_pair):
        exchange = sign_in.exchange("SCRAM-SHA-256", "imap", HOME)
        client = ScramClient("alice", "")
        first = await exchange.step(client.first())
        assert isinstance(first, bytes)
        wrong = client.final(first.replace(f"i={scram.ITERATIONS}".encode(), b"i=1"))
        with pytest.raises(BadCredentials):
            await exchange.step(wrong)
    with pytest.raises(LockedOut):
        await sign_in.exchange("SCRAM-SHA-256", "imap", HOME).step(ScramClient("alice", PASSWORD).first())


async def test_scram_that_is_none(sign_in: SignIn, alice: Account) -> None:
    for responses in ([b"p=tls-exporter,,n=alice,r=x"], [b"n,,n=alice,r=x", b""], [b"n,,n=alice,r=x", b"*"]):
        with pytest.raises(SaslProtocolError):
            await converse(sign_in, "SCRAM-SHA-256", *responses)
    with pytest.raises(BadCredentials):
        await converse(sign_in, "SCRAM-SHA-256", b"n,a=bob,n=alice,r=x", b"")


async def test_scram_last_answer_is_empty(sign_in: SignIn, alice: Account) -> None:
    exchange = sign_in.exchange("SCRAM-SHA-256", "imap", HOME)
    client = ScramClient("alice", PASSWORD)
    first = await exchange.step(client.first())
    assert isinstance(first, bytes)
    await exchange.step(client.final(first))
    with pytest.raises(SaslProtocolError):
        await exchange.step(b"more")


def test_every_mechanism_that_is_named_is_there(sign_in: SignIn) -> None:
    for mechanism in MECHANISMS:
        sign_in.exchange(mechanism.lower(), "imap", HOME)
    with pytest.raises(SaslProtocolError):
        sign_in.exchange("CRAM-MD5", "imap", HOME)
