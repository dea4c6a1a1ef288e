"""Messages that two readers may understand differently are refused by name, on both sides, and never passed on.

Each row is sent to a real proxy before a real origin; the reply is exact. RFC 9112 §11.2.
"""

from __future__ import annotations

import pytest

from services.http_proxy.fields import MOST_FIELD_LINES, MOST_HEAD_OCTETS
from services.http_proxy.response_head import MOST_RESPONSE_LINES
from services.http_proxy.tests.clients import Client
from services.http_proxy.tests.proxies import proxy
from shared.testing.eventually import eventually
from shared.testing.origins import OK, always, answering, origin

HOST = b"Host: {}\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
POST = b"POST http://{}/ HTTP/1.1\r\nHost: {}\r\n"
GET = b"GET http://{}/ HTTP/1.1\r\nHost: {}\r\n"
SMUGGLED = b"0\r\n\r\nGET http://{}/smuggled HTTP/1.1\r\nHost: {}\r\n\r\n"

REQUESTS = {
    # How long the body is
    "length and chunked": (POST + b"Content-Length: 5\r\n" + CHUNKED + b"\r\n" + SMUGGLED, 400),
    "chunked and length": (POST + CHUNKED + b"Content-Length: 5\r\n\r\n" + SMUGGLED, 400),
    "two lengths": (POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", 400),
    "twice the same length": (POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400),
    "a list of lengths": (POST + b"Content-Length: 5, 5\r\n\r\nhello", 400),
    "a signed length": (POST + b"Content-Length: +5\r\n\r\nhello", 400),
    "a negative length": (POST + b"Content-Length: -5\r\n\r\nhello", 400),
    "a length with a space": (POST + b"Content-Length: 1 2\r\n\r\nhello", 400),
    "a length in hexadecimal": (POST + b"Content-Length: 0x5\r\n\r\nhello", 400),
    "a length with an underscore": (POST + b"Content-Length: 1_0\r\n\r\nhello", 400),
    "an empty length": (POST + b"Content-Length:\r\n\r\nhello", 400),
    "a length in other digits": (POST + b"Content-Length: \xd9\xa5\r\n\r\nhello", 400),
    "a length beyond 64 bits": (POST + b"Content-Length: 99999999999999999999\r\n\r\nhello", 400),
    "chunked twice": (POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n" + SMUGGLED, 400),
    "two lines of codings": (POST + CHUNKED + b"Transfer-Encoding: identity\r\n\r\n" + SMUGGLED, 400),
    "chunked not last": (POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n" + SMUGGLED, 400),
    "identity": (POST + b"Transfer-Encoding: identity\r\n\r\n" + SMUGGLED, 400),
    "a coding that only looks like chunked": (POST + b"Transfer-Encoding: xchunked\r\n\r\n" + SMUGGLED, 501),
    "gzip before chunked": (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + SMUGGLED, 501),
    "chunked in quotes": (POST + b'Transfer-Encoding: "chunked"\r\n\r\n' + SMUGGLED, 400),
    "chunked with a vertical tab": (POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n" + SMUGGLED, 400),
    "chunked from HTTP/1.0": (b"POST http://{}/ HTTP/1.0\r\n" + HOST + CHUNKED + b"\r\n" + SMUGGLED, 400),
    "a length in disguise": (POST + b"Content-Length: 5\r\nContent_Length: 0\r\n\r\nhello", 400),
    "only a length in disguise": (POST + b"CONTENT_LENGTH: 5\r\n\r\nhello", 400),
    "chunked in disguise": (POST + b"Content-Length: 5\r\nTransfer_Encoding: chunked\r\n\r\nhello", 400),
    "TRACE with a body": (b"TRACE http://{}/ HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\n\r\nx", 400),
    # How lines end, and where names do
    "a folded line": (GET + b"X: a\r\n b\r\n\r\n", 400),
    "a folded first line": (b"GET http://{}/ HTTP/1.1\r\n X: a\r\n" + HOST + b"\r\n", 400),
    "a line that ends in LF": (GET + b"X: a\nContent-Length: 5\r\n\r\n", 400),
    "a head of lines that end in LF": (b"GET http://{}/ HTTP/1.1\nHost: {}\n\n", 400),
    "a CR in a value": (GET + b"X: a\rContent-Length: 5\r\n\r\n", 400),
    "a CR before the name": (GET + b"\rContent-Length: 5\r\n\r\n", 400),
    "NUL in a value": (GET + b"X: a\x00b\r\n\r\n", 400),
    "NUL in a name": (GET + b"X\x00: a\r\n\r\n", 400),
    "DEL in a value": (GET + b"X: \x7f\r\n\r\n", 400),
    "a space before the colon": (POST + b"Content-Length : 5\r\n\r\nhello", 400),
    "a tab before the colon": (POST + b"Transfer-Encoding\t: chunked\r\n\r\n" + SMUGGLED, 400),
    "an empty name": (GET + b": a\r\n\r\n", 400),
    "no colon": (GET + b"nothing\r\n\r\n", 400),
    "a name that is no token": (GET + b"X(y): a\r\n\r\n", 400),
    "a name in UTF-8": (GET + b"X\xc3\xa9: a\r\n\r\n", 400),
    # The first line
    "two spaces": (b"GET  http://{}/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a tab": (b"GET\thttp://{}/\tHTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a space in the target": (b"GET http://{}/a b HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a space behind": (b"GET http://{}/ HTTP/1.1 \r\n" + HOST + b"\r\n", 400),
    "no version": (b"GET http://{}/\r\n" + HOST + b"\r\n", 400),
    "HTTP/2.0": (b"GET http://{}/ HTTP/2.0\r\n" + HOST + b"\r\n", 505),
    "HTTP/1.10": (b"GET http://{}/ HTTP/1.10\r\n" + HOST + b"\r\n", 505),
    "http/1.1": (b"GET http://{}/ http/1.1\r\n" + HOST + b"\r\n", 400),
    "a method that is no token": (b"G(T http://{}/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "an endless method": (b"A" * 65 + b" http://{}/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "the HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    # The target and Host
    "a backslash in the user": (b"GET http://127.0.0.1\\@{}/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "two users": (b"GET http://a@b@{}/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "CONNECT with a user": (b"CONNECT a:b@{} HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "an empty host": (b"GET http:///x HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "another scheme": (b"GET ftp://{}/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "https without a tunnel": (b"GET https://{}/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a port too large": (b"GET http://127.0.0.1:65536/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "port 0": (b"GET http://127.0.0.1:0/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a port with a sign": (b"GET http://127.0.0.1:+80/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a host with %": (b"GET http://127.0.0.1%2580/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a backslash in the host": (b"GET http://127.0.0.1\\@x/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "CONNECT without port": (b"CONNECT 127.0.0.1 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "CONNECT to a URL": (b"CONNECT http://{}/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "no Host": (b"GET http://{}/ HTTP/1.1\r\n\r\n", 400),
    "two Hosts": (b"GET http://{}/ HTTP/1.1\r\n" + HOST + HOST + b"\r\n", 400),
    "two different Hosts": (b"GET http://{}/ HTTP/1.1\r\n" + HOST + b"Host: x\r\n\r\n", 400),
    "a Host with a path": (b"GET http://{}/ HTTP/1.1\r\nHost: x/y\r\n\r\n", 400),
    "a Host with a user": (b"GET http://{}/ HTTP/1.1\r\nHost: a@x\r\n\r\n", 400),
    "a list of Hosts": (b"GET http://{}/ HTTP/1.1\r\nHost: x, y\r\n\r\n", 400),
    "two credentials": (GET + b"Proxy-Authorization: Basic YQ==\r\n" * 2 + b"\r\n", 400),
    # Too much
    "too many fields": (GET + b"X: a\r\n" * (MOST_FIELD_LINES + 1) + b"\r\n", 431),
    "a huge field": (GET + b"X: " + b"a" * MOST_HEAD_OCTETS + b"\r\n\r\n", 431),
    "an endless head": (GET + b"X: " + b"a" * (2 * MOST_HEAD_OCTETS), 431),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
}


@pytest.mark.parametrize(("octets", "status"), REQUESTS.values(), ids=REQUESTS.keys())
def test_ambiguous_requests_are_refused(octets: bytes, status: int) -> None:
    with origin(always(OK)) as web, proxy() as running, Client(running.port) as client:
        client.send(octets.replace(b"{}", web.authority.encode()))
        answer = client.answer()
        assert answer.status == status
        assert answer.field(b"connection") == [b"close"]
        assert client.is_closed()
        assert web.heads == []


CHUNKED_BODIES = {
    "no CRLF behind a chunk": b"3\r\nabcX",
    "a size with 0x": b"0x3\r\nabc\r\n0\r\n\r\n",
    "a negative size": b"-3\r\nabc\r\n0\r\n\r\n",
    "a size beyond 64 bits": b"10000000000000003\r\nabc\r\n0\r\n\r\n",
    "bare LF": b"3\nabc\n0\n\n",
    "a flood of extensions": b"3;" + b"x" * 2000 + b"\r\nabc\r\n0\r\n\r\n",
    "a folded trailer": b"0\r\nA: b\r\n c\r\n\r\n",
}


@pytest.mark.parametrize("body", CHUNKED_BODIES.values(), ids=CHUNKED_BODIES.keys())
def test_broken_chunks_end_the_request(body: bytes) -> None:
    with origin(always(b"")) as web, proxy() as running, Client(running.port) as client:
        client.send(POST.replace(b"{}", web.authority.encode()) + CHUNKED + b"\r\n" + body)
        assert client.answer().status == 400
        assert client.is_closed()


def test_what_goes_on_is_said_in_one_way() -> None:
    """Odd but lawful spellings come out in the plain one, and Host is the target's (RFC 9112 §3.2.2)."""
    with origin(always(OK)) as web, proxy() as running, Client(running.port) as client:
        authority = web.authority.encode()
        client.send(
            b"POST HTTP://" + authority + b"?q HTTP/1.1\r\nhOST: elsewhere.example\r\nTRANSFER-encoding:\t CHUNKED \r\n"
            b"Connection: X-Secret, keep-alive\r\nX-Secret: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\nTrailer: X-Sum\r\n"
            b"Proxy-Connection: keep-alive\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\nX-Kept: 2\r\n\r\n"
            b"3;ext=1\r\nabc\r\n0\r\nX-Sum: 9\r\nContent-Length: 4\r\n\r\n"
        )
        assert client.answer().body == b"ok"
        eventually(lambda: len(web.heads) == 2, "the end of the request comes, maybe after the answer")
        assert web.heads == [
            b"POST /?q HTTP/1.1\r\nHost: " + authority + b"\r\nX-Kept: 2\r\nTransfer-Encoding: chunked\r\n"
            b"Via: 1.1 agora-test\r\n\r\n",
            b"3\r\nabc\r\n0\r\nX-Sum: 9\r\n\r\n",
        ]


def test_fields_that_end_here_do_not_pass_with_underscores() -> None:
    """CGI and WSGI make one variable of `Proxy_Authorization` and Proxy-Authorization."""
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent_Length: 9\r\nX_Kept: 1\r\nKeep_Alive: 5\r\n\r\nok"
    with origin(always(reply)) as web, proxy() as running, Client(running.port) as client:
        authority = web.authority.encode()
        client.send(
            GET.replace(b"{}", authority) + b"Host_: x\r\nProxy_Authorization: Basic x\r\n"
            b"Proxy_Connection: close\r\nMax_Forwards: 1\r\nX_Kept: 1\r\n\r\n"
        )
        answer = client.answer()
        assert web.heads == [
            b"GET / HTTP/1.1\r\nHost: " + authority + b"\r\nHost_: x\r\nX_Kept: 1\r\nVia: 1.1 agora-test\r\n\r\n"
        ]
        assert answer.body == b"ok"
        assert b"_Length" not in answer.head
        assert b"Keep_Alive" not in answer.head
        assert answer.field(b"x_kept") == [b"1"]


RESPONSES = {
    "length and chunked": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + CHUNKED + b"\r\n0\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    "a list of two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nok",
    "a list with an empty length": b"HTTP/1.1 200 OK\r\nContent-Length: 2,\r\n\r\nok",
    "length and chunked, read kindly": b"HTTP/1.1 200 OK\nContent-Length: 2\nTransfer-Encoding : chunked\n\n0",
    "a signed length": b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
    "a negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok",
    "chunked twice": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "chunked not last": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "gzip before chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunked from HTTP/1.0": b"HTTP/1.0 200 OK\r\n" + CHUNKED + b"\r\n0\r\n\r\n",
    "a folded first line": b"HTTP/1.1 200 OK\r\n X: a\r\nContent-Length: 2\r\n\r\nok",
    "a CR in a value": b"HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 2\r\n\r\nok",
    "NUL in a value": b"HTTP/1.1 200 OK\r\nX: \x00\r\nContent-Length: 2\r\n\r\nok",
    "an empty name": b"HTTP/1.1 200 OK\r\n: 2\r\n\r\nok",
    "no colon": b"HTTP/1.1 200 OK\r\nnothing\r\n\r\nok",
    "a status of two digits": b"HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok",
    "a status of four digits": b"HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok",
    "HTTP/2": b"HTTP/2 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "HTTP/0.9": b"<html>hello</html>\r\n\r\n",
    "SSH": b"SSH-2.0-OpenSSH_9.2\r\n",
    "too many fields": b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * (MOST_RESPONSE_LINES + 1) + b"\r\n",
    "an endless head": b"HTTP/1.1 200 OK\r\nX: " + b"a" * (2 * MOST_HEAD_OCTETS),
    "a flood of interim responses": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000,
    "an upgrade that nobody asked for": b"HTTP/1.1 101 Go\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
    "an origin that asks for the proxy's password": (
        b'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n'
    ),
}


@pytest.mark.parametrize("octets", RESPONSES.values(), ids=RESPONSES.keys())
def test_ambiguous_responses_are_refused(octets: bytes) -> None:
    with origin(answering(octets)) as web, proxy() as running, Client(running.port) as client:
        client.get(f"http://{web.authority}/", "Connection: close")
        answer = client.answer()
        while answer.status == 103:
            answer = client.answer()
        assert answer.status == 502
        assert octets[:60] not in answer.body
        assert client.is_closed()
        eventually(lambda: len(running.parts.pool) == 0, "the connection is not kept")


def test_octets_behind_a_response_answer_nobody() -> None:
    poison = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
    with origin(always(OK + poison)) as web, proxy() as running, Client(running.port) as client:
        for _ in range(3):
            client.get(f"http://{web.authority}/")
            assert client.answer().body == b"ok"
        assert web.connections == 3
