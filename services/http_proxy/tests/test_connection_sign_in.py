"""An origin that signs in connections (NTLM, Negotiate) never takes one client for another. RFC 4559 §6."""

from __future__ import annotations

import base64
import socket
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from services.http_proxy.pinned import MOST_PINNED
from services.http_proxy.tests.clients import Answer, Client
from services.http_proxy.tests.proxies import proxy
from shared.testing.eventually import eventually
from shared.testing.origins import Origin, Visit, origin
from shared.testing.reactor import call_in_reactor

ALICE = "Authorization: NTLM " + base64.b64encode(b"alice").decode()
HELLO = "Authorization: NTLM " + base64.b64encode(b"hello").decode()


def greeting(challenge: bytes, accepted: bytes = b"") -> Callable[[Origin, Visit], None]:
    """An origin that greets by name whoever has signed in on the connection: hello, a challenge, then the name."""

    def behave(web: Origin, visit: Visit) -> None:
        name = b""
        while head := visit.read_head():
            web.heads.append(head)
            for line in head.split(b"\r\n"):
                if line.lower().startswith(b"authorization: "):
                    name = base64.b64decode(line.split()[2])
            if name in (b"", b"hello"):
                token = b" Y2hhbGxlbmdl" if name else b""
                visit.send(b"HTTP/1.1 401 Who\r\n" + challenge + token + b"\r\nContent-Length: 0\r\n\r\n")
            else:
                body = b"dear " + name
                visit.send(b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (accepted, len(body), body))

    return behave


def ask(client: Client, web: Origin, *fields: str) -> Answer:
    client.get(f"http://{web.authority}/", *fields)
    return client.answer()


def sign_in(client: Client, web: Origin) -> None:
    assert ask(client, web).status == 401
    challenged = ask(client, web, HELLO)
    assert b"Y2hhbGxlbmdl" in challenged.field(b"www-authenticate")[0]
    assert ask(client, web, ALICE).body == b"dear alice"


@pytest.mark.parametrize("challenge", [b"WWW-Authenticate: NTLM", b"www-authenticate: Basic realm=x, Negotiate"])
def test_a_connection_that_somebody_signed_in_on_serves_no_other_client(challenge: bytes) -> None:
    with origin(greeting(challenge)) as web, proxy() as running:
        with Client(running.port) as alice, Client(running.port) as bob:
            sign_in(alice, web)
            assert web.connections == 1
            assert ask(bob, web).status == 401
            assert ask(alice, web).body == b"dear alice"  # and she stays who she is without saying it again
            assert web.connections == 2
        eventually(lambda: running.factory.counts.open_now == 0, "both are gone")
        assert len(running.parts.pool) == 0
        with Client(running.port) as third:
            assert ask(third, web).status == 401
        assert web.connections == 3


def test_credentials_of_a_connection_pin_it_whatever_the_origin_answers() -> None:
    with origin(greeting(b"X: no challenge")) as web, proxy() as running, Client(running.port) as alice:
        assert ask(alice, web, ALICE).body == b"dear alice"
        with Client(running.port) as bob:
            assert ask(bob, web).status == 401
        assert web.connections == 2


@pytest.mark.parametrize("said", [b"Persistent-Auth: true\r\n", b"WWW-Authenticate: Negotiate oYG=\r\n"])
def test_what_the_origin_says_pins_it_whatever_the_scheme_was(said: bytes) -> None:
    with origin(greeting(b"X: y", said)) as web, proxy() as running, Client(running.port) as alice:
        assert ask(alice, web, ALICE.replace("NTLM", "Own")).body == b"dear alice"
        with Client(running.port) as bob:
            assert ask(bob, web).status == 401


def test_pinning_is_told_to_the_client_and_never_taken_from_the_origin() -> None:
    challenge = b"Proxy-Support: Elsewhere\r\nWWW-Authenticate: NTLM"
    with origin(greeting(challenge)) as web, proxy() as running, Client(running.port) as client:
        answer = ask(client, web)
        assert answer.field(b"proxy-support") == [b"Session-Based-Authentication"]
        assert answer.field(b"connection") == [b"Proxy-Support"]
        assert ask(client, web, "Connection: close").field(b"proxy-support") == []


def test_other_schemes_share_connections() -> None:
    with origin(greeting(b"WWW-Authenticate: Basic realm=NTLM")) as web, proxy() as running:
        for _ in range(3):
            with Client(running.port) as client:
                assert ask(client, web).status == 401
        assert web.connections == 1


def test_pinned_connections_of_one_client_are_few_and_end_with_their_origins() -> None:
    visits: list[Visit] = []

    def behave(web: Origin, visit: Visit) -> None:
        visits.append(visit)
        greeting(b"WWW-Authenticate: NTLM")(web, visit)

    with ExitStack() as sites, proxy() as running, Client(running.port) as client:
        for number in range(MOST_PINNED + 2):
            sign_in(client, sites.enter_context(origin(behave, host=f"127.0.0.{number + 1}")))
        (talk,) = call_in_reactor(lambda: list(running.factory.conversations()))
        eventually(lambda: len(talk.pinned or ()) == MOST_PINNED, "the last ones are kept")
        for visit in visits[-MOST_PINNED:]:
            visit.socket.shutdown(socket.SHUT_RDWR)
        eventually(lambda: len(talk.pinned) == 0, "origins that hang up are let go")
