"""Requests and responses go through as RFC 9110 and 9112 say, over real sockets."""

from __future__ import annotations

import socket
from datetime import timedelta
from ipaddress import ip_network

import pytest

from services.http_proxy.tests.clients import Client
from services.http_proxy.tests.members import storing
from services.http_proxy.tests.proxies import proxy, without_store
from shared.access.rules.rules import RuleKind, RuleRow
from shared.access.words.report_words import WordLine, report_words
from shared.clock import utc_day
from shared.database.database import Database
from shared.events.bus import Bus
from shared.reach.errors import HostNotFound
from shared.testing.addresses import Addresses
from shared.testing.builders import rules_of
from shared.testing.closed_port import closed_port
from shared.testing.eventually import eventually
from shared.testing.origins import OK, Origin, Visit, always, answering, origin
from shared.testing.reactor import wait_for
from shared.testing.undisturbed import undisturbed


def test_connections_are_kept_on_both_sides() -> None:
    with origin(always(OK)) as web, proxy() as running:
        with Client(running.port) as client:
            for number in range(5):
                client.get(f"http://{web.authority}/{number}")
                answer = client.answer()
                assert (answer.status, answer.body) == (200, b"ok")
                assert answer.field(b"via") == [b"1.1 agora-test"]
        with Client(running.port) as client:
            client.get(f"http://{web.authority}/other-client")
            assert client.answer().body == b"ok"
        assert web.connections == 1
        assert [head.split()[1] for head in web.heads] == [b"/0", b"/1", b"/2", b"/3", b"/4", b"/other-client"]
        counts = running.counts
        eventually(lambda: counts.statuses == {200: 6}, "six requests were counted")
        assert (counts.octets_in, counts.octets_out) == (0, 12)


def test_pipelined_requests_are_answered_in_order() -> None:
    def echo_path(web: Origin, visit: Visit) -> None:
        while head := visit.read_head():
            path = head.split()[1]
            visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(path), path))

    with origin(echo_path) as web, proxy() as running, Client(running.port) as client:
        request = f"GET http://{web.authority}/%d HTTP/1.1\r\nHost: x\r\n\r\n"
        bad = f"GET http://{web.authority}/ HTTP/1.1\r\n\r\n"
        client.send("".join(request % number for number in range(50)).encode() + bad.encode())
        assert [client.answer().body for _ in range(50)] == [b"/%d" % number for number in range(50)]
        assert client.answer().status == 400
        assert client.is_closed()


@pytest.mark.parametrize("cut", range(1, 120, 7))
def test_a_request_cut_anywhere_is_the_same(cut: int) -> None:
    def echo(web: Origin, visit: Visit) -> None:
        web.heads.append(visit.read_head())
        visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + visit.read(5))

    with origin(echo) as web, proxy() as running, Client(running.port) as client:
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        request = f"\r\nPOST http://{web.authority}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello".encode()
        client.send(request[:cut])
        client.send(request[cut:])
        assert client.answer().body == b"hello"
        assert b"Content-Length: 5\r\n" in web.heads[0]


def test_chunked_bodies_and_trailers_pass_both_ways() -> None:
    def echo(web: Origin, visit: Visit) -> None:
        visit.read_head()
        body = visit.read_until(b"\r\n\r\n")
        visit.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)

    with origin(echo) as web, proxy() as running, Client(running.port) as client:
        client.send(
            f"POST http://{web.authority}/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
            + b"5;x=y\r\nhello\r\n3\r\n..."
        )
        client.send(b"\r\n0\r\nX-Sum: 7\r\n\r\n")
        answer = client.answer()
        assert (answer.body, answer.trailers) == (b"hello...", b"X-Sum: 7\r\n")


@pytest.mark.parametrize("coding", ["Content-Length: 8000000", "Transfer-Encoding: chunked"])
@undisturbed
def test_long_bodies_come_through_whole_and_the_connection_goes_on(coding: str) -> None:
    body = bytes(range(256)) * 31250

    def echo(web: Origin, visit: Visit) -> None:
        while head := visit.read_head():
            received = visit.read(8_000_000) if b"Length" in head else unchunked(visit)
            visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(received) + received)

    with origin(echo) as web, proxy() as running, Client(running.port) as client:
        for _ in range(3):
            client.send(f"POST http://{web.authority}/ HTTP/1.1\r\nHost: x\r\n{coding}\r\n\r\n".encode())
            client.send(body if "Length" in coding else b"7A1200\r\n" + body + b"\r\n0\r\n\r\n")
            assert client.answer().body == body
        assert web.connections == 1


def unchunked(visit: Visit) -> bytes:
    body = b""
    while size := int(visit.read_until(b"\r\n"), 16):
        body += visit.read(size + 2)[:-2]
    visit.read(2)
    return body


def test_old_clients_get_no_chunks() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntea\r\n0\r\n\r\n"
    with origin(always(chunked)) as web, proxy() as running, Client(running.port) as client:
        client.get(f"http://{web.authority}/", version="1.0")
        answer = client.answer()
        assert (answer.field(b"transfer-encoding"), answer.field(b"connection")) == ([], [b"close"])
        assert answer.body == b"tea"


def test_a_body_that_ends_with_the_connection_is_chunked_for_who_stays() -> None:
    with (
        origin(answering(b"HTTP/1.0 200 OK\r\n\r\ntea at four")) as web,
        proxy() as running,
        Client(running.port) as client,
    ):
        for _ in range(2):
            client.get(f"http://{web.authority}/")
            answer = client.answer()
            assert (answer.field(b"transfer-encoding"), answer.body) == ([b"chunked"], b"tea at four")
            assert answer.field(b"via") == [b"1.0 agora-test"]


@pytest.mark.parametrize(
    ("method", "head"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("DELETE", b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"),
    ],
)
def test_responses_without_a_body_end_with_their_head(method: str, head: bytes) -> None:
    with origin(always(head)) as web, proxy() as running, Client(running.port) as client:
        for _ in range(2):
            client.get(f"http://{web.authority}/", method=method)
            answer = client.answer(method)
            assert answer.field(b"content-length") == ([b"1000"] if b"1000" in head else [])
        assert web.connections == 1


def test_continue_is_the_origins_to_say() -> None:
    def behave(web: Origin, visit: Visit) -> None:
        web.heads.append(visit.read_head())
        visit.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + visit.read(5))

    with origin(behave) as web, proxy() as running, Client(running.port) as client:
        client.send(
            f"POST http://{web.authority}/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
            "Content-Length: 5\r\n\r\n".encode()
        )
        assert client.answer().status == 100
        client.send(b"hello")
        assert client.answer().body == b"hello"
        assert b"Expect: 100-continue\r\n" in web.heads[0]


def test_refusals_name_their_reason() -> None:
    gate_parts = without_store(rules_of([RuleRow(None, RuleKind.BLOCK, "blocked.example")]))
    resolver = Addresses({"gone.example": [()], "inside.example": [["10.0.0.1"]], "closed.example": [["127.0.0.1"]]})
    with (
        proxy(gate_parts=gate_parts, resolver=resolver, connect_ports=[443]) as running,
        Client(running.port) as client,
    ):

        def status(url: str, method: str = "GET") -> int:
            client.get(url, method=method)
            return client.answer(method).status

        assert status("http://www.blocked.example/") == 403
        assert status("http://gone.example/") == 502
        assert status("http://inside.example/") == 403
        with closed_port() as closed:
            assert status(f"http://closed.example:{closed}/") == 502
        assert status("http://10.0.0.1/") == 403
        assert status("http://169.254.169.254/latest/meta-data/") == 403
        assert status("http://[::ffff:10.0.0.1]/") == 403
        assert status("http://[fe80::1]/") == 403
        client.send(b"CONNECT closed.example:25 HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = client.answer()
        assert answer.status == 403
        assert HostNotFound.__name__.encode() not in answer.body
        eventually(lambda: running.counts.statuses == {403: 7, 502: 2}, "all were counted")


def test_a_name_that_is_bound_anew_leads_nowhere_inside() -> None:
    """DNS rebinding: the second answer is judged like the first, by the address that is connected to."""
    resolver = Addresses({"rebinds.example": [["127.0.0.2"], ["127.0.0.1"]]})
    with (
        origin(answering(OK), host="127.0.0.2") as web,
        proxy(resolver=resolver, networks=[ip_network("127.0.0.2/32")]) as running,
        Client(running.port) as client,
    ):
        client.get(f"http://rebinds.example:{web.port}/")
        assert client.answer().status == 200
        running.parts.connector.names._kept.drop("rebinds.example")  # a minute has passed
        client.get(f"http://rebinds.example:{web.port}/2")
        assert client.answer().status == 403
        assert len(resolver.asked) == 2


def test_ipv6_origins_and_names_with_several_addresses() -> None:
    with (
        origin(always(OK), host="::1") as web,
        proxy(resolver=Addresses({"both.example": [["127.0.0.77", "::1"]]})) as running,
        Client(running.port) as client,
    ):
        client.get(f"http://[::1]:{web.port}/")
        assert client.answer().body == b"ok"
        assert f"Host: [::1]:{web.port}\r\n".encode() in web.heads[0]
        client.get(f"http://both.example:{web.port}/")  # nobody listens at its first address
        assert client.answer().body == b"ok"


def test_loops_are_noticed() -> None:
    def is_self(address: str, port: int) -> bool:
        return port == 9

    with origin(always(OK)) as web, proxy(is_self=is_self) as running, Client(running.port) as client:
        client.get(f"http://{web.authority}/", "Via: 1.1 other, 1.0 agora-test (comment)")
        assert client.answer().status == 508
        client.get("http://127.0.0.1:9/")
        assert client.answer().status == 508
        client.get(f"http://{web.authority}/", "Via: 1.1 agora-testing")
        assert client.answer().status == 200
        assert web.heads[0].count(b"Via: ") == 2


def test_max_forwards_ends_here_or_goes_down() -> None:
    with origin(always(OK)) as web, proxy() as running, Client(running.port) as client:
        client.get(f"http://{web.authority}/", "Max-Forwards: 0", method="OPTIONS")
        assert client.answer().status == 204
        client.get(f"http://{web.authority}", "Max-Forwards: 3", method="OPTIONS")
        assert client.answer().status == 200
        assert web.heads[0].startswith(b"OPTIONS * HTTP/1.1\r\n")
        assert b"Max-Forwards: 2\r\n" in web.heads[0]


def test_the_proxy_itself_has_a_pac_file_and_nothing_else() -> None:
    with proxy() as running, Client(running.port) as client:
        client.send(b"GET /proxy.pac HTTP/1.1\r\nHost: proxy.example:3128\r\n\r\n")
        answer = client.answer()
        assert answer.field(b"content-type") == [b"application/x-ns-proxy-autoconfig"]
        assert b'return "PROXY proxy.example:3128";' in answer.body
        with Client(running.port) as old:
            old.send(b"GET /wpad.dat HTTP/1.0\r\n\r\n")
            assert f'return "PROXY 127.0.0.1:{running.port}";'.encode() in old.answer().body
        client.send(b"GET /other HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.answer().status == 404
        client.send(b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.answer().status == 204


def test_documents_are_read_along(database: Database, bus: Bus) -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntea\r\n0\r\n\r\n"
    with origin(answering(page)) as web, storing(database, bus) as running, Client(running.port) as client:
        client.get(f"http://{web.authority}/")
        assert client.answer().body == b"tea"
        words = running.gate_parts.words
        eventually(lambda: words.counts.counted == 1, "the page was read along")
        wait_for(words.flush)
        lines = wait_for(lambda: database.read(report_words, utc_day() - timedelta(days=1), utc_day()))
        assert lines == [WordLine("tea", times=1, pages=1)]
