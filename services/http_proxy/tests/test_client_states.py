"""The states of a client's connection follow what is read from it, over real sockets."""

from __future__ import annotations

import threading

from services.http_proxy.client_state import ClientState
from services.http_proxy.tests.clients import Client
from services.http_proxy.tests.proxies import Running, proxy
from shared.testing.eventually import eventually
from shared.testing.origins import OK, Origin, Visit, origin
from shared.testing.reactor import call_in_reactor


def comes_to(running: Running, state: ClientState) -> None:
    """Wait until the only connection is in `state`."""

    def states() -> list[ClientState]:
        return [each.state for each in running.factory.conversations()]

    eventually(lambda: call_in_reactor(states) == [state], f"it is {state}")


def test_a_request_with_a_body_goes_from_idle_to_idle() -> None:
    may_answer = threading.Event()

    def read_and_wait(web: Origin, visit: Visit) -> None:
        while visit.read_head():
            visit.read(3)
            may_answer.wait(20)
            visit.send(OK)

    with origin(read_and_wait) as web, proxy() as running, Client(running.port) as client:
        comes_to(running, ClientState.IDLE)
        head = f"POST http://{web.authority}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n".encode()
        client.send(head[:9])
        comes_to(running, ClientState.HEAD)
        client.send(head[9:] + b"t")
        comes_to(running, ClientState.BODY)
        client.send(b"ea")
        comes_to(running, ClientState.SERVING)
        client.send(head + b"tea" + head[:9])  # waits for its turn
        may_answer.set()
        assert [client.answer().body for _ in range(2)] == [b"ok", b"ok"]
        comes_to(running, ClientState.HEAD)
        client.send(head[9:] + b"tea")
        assert client.answer().body == b"ok"
        comes_to(running, ClientState.IDLE)


def test_a_tunnel_has_a_state_of_its_own() -> None:
    with (
        origin(lambda web, visit: visit.send(visit.read(3))) as web,
        proxy() as running,
        Client(running.port) as client,
    ):
        client.send(f"CONNECT {web.authority} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert client.answer("CONNECT").status == 200
        comes_to(running, ClientState.TUNNEL)
        client.send(b"GET")
        assert client.rest() == b"GET"


def test_what_is_no_request_is_answered_and_the_rest_ignored() -> None:
    with proxy() as running, Client(running.port) as client:
        client.send(b"EHLO me\r\n\r\n")
        comes_to(running, ClientState.CLOSING)
        client.send(b"GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n")
        assert client.answer().status == 400
        assert client.rest() == b""


def test_a_connection_arrives_until_its_proxy_header_is_here() -> None:
    with proxy(trusted_proxies=["127.0.0.0/8"]) as running, Client(running.port) as client:
        client.send(b"PROXY TCP4 127.0.0.9 ")
        comes_to(running, ClientState.ARRIVING)
        client.send(b"192.0.2.2 1 3128\r\n")
        comes_to(running, ClientState.IDLE)
