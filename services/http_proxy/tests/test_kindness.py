"""Responses and targets of requests that browsers and Squid take are taken, and written anew."""

from __future__ import annotations

import base64

import pytest

from services.http_proxy.errors import BadTarget, BadTargetHost, BadTargetPort, BadTargetUser, UnknownScheme
from services.http_proxy.fields import MOST_HEAD_OCTETS
from services.http_proxy.request_target import absolute_target, connect_target
from services.http_proxy.response_buffer import plain_head
from services.http_proxy.tests.clients import Client
from services.http_proxy.tests.proxies import proxy
from shared.errors import DomainError
from shared.testing.fastest import processor_seconds
from shared.testing.origins import OK, always, origin

RESPONSES = {
    "twice the same length": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: a b\r\nContent-Length: 2\r\n\r\nok",
    "a list of the same length": b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\nX: a b\r\n\r\nok",
    "a folded line": b"HTTP/1.1 200 OK\r\nX: a\r\n\t b\r\nContent-Length: 2\r\n\r\nok",
    "a line that ends in LF": b"HTTP/1.1 200 OK\r\nX: a b\nContent-Length: 2\r\n\r\nok",
    "a head of lines that end in LF": b"HTTP/1.1 200 OK\nX: a b\nContent-Length: 2\n\nok",
    "a head that ends in LF CR LF": b"HTTP/1.1 200 OK\r\nX: a b\r\nContent-Length: 2\n\r\nok",
    "LF, and CR LF twice in the body": b"HTTP/1.1 200 OK\nX: a b\nContent-Length: 6\n\nok\r\n\r\n",
    "a space before the colon": b"HTTP/1.1 200 OK\r\nX \t: a b\r\nContent-Length : 2\r\n\r\nok",
    "many fields": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: a b\r\n" + b"Y: z\r\n" * 500 + b"\r\nok",
}  # fmt: skip
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2"  # how those begin that can be understood in one way only


@pytest.mark.parametrize("octets", RESPONSES.values(), ids=RESPONSES.keys())
def test_responses_are_read_as_browsers_do_and_written_anew(octets: bytes) -> None:
    with origin(always(octets)) as web, proxy() as running, Client(running.port) as client:
        for _ in range(2):
            client.get(f"http://{web.authority}/")
            answer = client.answer()
            assert (answer.status, answer.body.strip()) == (200, b"ok")
            assert answer.field(b"x") == [b"a b"]
            assert len(answer.field(b"content-length")) == 1
            assert b"\n" not in answer.head.replace(b"\r\n", b"")
        assert web.connections == (1 if octets.startswith(PLAIN) else 2)  # nobody else is served by a doubtful one


@pytest.mark.parametrize("said", [b"Content-Length: 38", b"Transfer-Encoding: chunked", b"Content-Length: 1\r\nX: y"])
@pytest.mark.parametrize("status", [b"204 No Content", b"103 Early Hints"])
def test_a_head_without_a_body_ends_the_response_whatever_it_says(status: bytes, said: bytes) -> None:
    """RFC 9112 §6.3 rule 1. What comes behind it is nobody else's answer."""
    behind = OK if status[:1] == b"1" else b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
    octets = b"HTTP/1.1 " + status + b"\r\n" + said + b"\r\n\r\n" + behind
    with origin(always(octets)) as web, proxy() as running, Client(running.port) as client:
        for _ in range(2):
            client.get(f"http://{web.authority}/")
            answer = client.answer()
            assert answer.status == int(status[:3])
            assert answer.field(b"content-length") + answer.field(b"transfer-encoding") == []
            if answer.status == 103:
                assert client.answer().body == b"ok"
        assert web.connections == 2


def test_reading_an_odd_head_takes_linear_time() -> None:
    def seconds(lines: int) -> float:
        head = b"HTTP/1.1 200 OK\r\nX: a\r\n" + b" b\r\n" * lines + b"\r\n"
        return processor_seconds(lambda: plain_head(head))

    assert seconds(MOST_HEAD_OCTETS // 4) < 40 * seconds(MOST_HEAD_OCTETS // 40)


@pytest.mark.parametrize(
    ("target", "line"),
    [
        ("/?q=ü", "GET /?q=%C3%BC"),
        ("/ü/\xe9", "GET /%C3%BC/%C3%A9"),
        ("/#top", "GET /"),
        ("?q=1#top", "GET /?q=1"),
        ("/a%20b", "GET /a%20b"),
    ],
)
def test_odd_targets_go_on_in_the_plain_spelling(target: str, line: str) -> None:
    with origin(always(OK)) as web, proxy() as running, Client(running.port) as client:
        client.send(f"GET http://{web.authority}{target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert client.answer().status == 200
        assert web.heads[0].startswith(f"{line} HTTP/1.1\r\n".encode())


def test_user_and_password_in_the_target_become_authorization() -> None:
    def sent(userinfo: str, *fields: str) -> list[bytes]:
        client.send(
            "\r\n".join([f"GET http://{userinfo}@{web.authority}/ HTTP/1.1", "Host: x", *fields, "", ""]).encode()
        )
        assert client.answer().status == 200
        lines = web.heads[-1].split(b"\r\n")
        assert lines[0] == b"GET / HTTP/1.1"
        return [line.split()[-1] for line in lines if line.startswith(b"Authorization: ")]

    with origin(always(OK)) as web, proxy() as running, Client(running.port) as client:
        assert sent("bob:tea") == [base64.b64encode(b"bob:tea")]
        assert sent("b%3Ab:t%0d%0Aea") == [base64.b64encode(b"b:b:t\r\nea")]
        assert sent("bob") == [base64.b64encode(b"bob:")]
        assert sent("") == []
        assert sent("bob:tea", "Authorization: Bearer x") == [b"x"]


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        (b"https://a.example/", UnknownScheme),
        (b"ftp://a.example/", UnknownScheme),
        (b"a.example/", BadTarget),
        (b"http:/a.example", BadTarget),
        (b"http://a_b c.example/", BadTargetHost),
        (b"http://a%2eexample/", BadTargetHost),
        (b"http://xn--\xff/", BadTargetHost),
        (b"http://a.example:x/", BadTargetPort),
        (b"http://a.example:0/", BadTargetPort),
        (b"http://a.example:65536/", BadTargetPort),
        (b"http://a:b\\@a.example/", BadTargetUser),
        (b"http://a:b<@a.example/", BadTargetUser),
    ],
)
def test_what_is_refused_says_which_part(target: bytes, kind: type[DomainError]) -> None:
    with pytest.raises(BadTarget) as refused:
        absolute_target(target)
    assert type(refused.value) is kind


def test_connect_needs_a_port() -> None:
    assert connect_target(b"[2001:DB8::1]:443") == ("2001:db8::1", 443, b"[2001:db8::1]:443")
    for target, kind in ((b"a.example", BadTargetPort), (b"a@b:443", BadTargetHost), (b"a.example:0", BadTargetPort)):
        with pytest.raises(BadTarget) as refused:
            connect_target(target)
        assert type(refused.value) is kind


def test_host_names_in_utf_8_are_put_into_a_labels() -> None:
    found = absolute_target("http://Bücher.example:8080/ü".encode())
    assert (found.host, found.port, found.authority) == ("xn--bcher-kva.example", 8080, b"xn--bcher-kva.example:8080")
    assert found.path == b"/%C3%BC"
