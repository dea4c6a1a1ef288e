"""Documents are fetched, redirects followed, and none of it leads where nothing may be fetched from."""

from __future__ import annotations

import gzip
import zlib

import pytest

from shared.reach import fetch_errors
from shared.reach.tests.fetching import ALLOWED, answer, by_path, fetch, redirect, then_silent
from shared.testing.closed_port import closed_port
from shared.testing.eventually import eventually
from shared.testing.origins import answering, origin

PAGE = b"tea at four" * 100


def test_a_document_comes_with_its_status_fields_and_address() -> None:
    answers = {"/feed?a=1": answer(PAGE, "ETag: 1", "Vary: a", "Vary: b")}
    with origin(by_path(answers), ALLOWED) as web:
        fetched = fetch(f"http://Allowed.example:{web.port}/feed?a=1#there", headers={"If-None-Match": '"0"'})
    assert (fetched.status, fetched.body, fetched.moved_to) == (200, PAGE, None)
    assert (fetched.headers["etag"], fetched.headers["vary"]) == ("1", "a, b")
    assert fetched.url == f"http://allowed.example:{web.port}/feed?a=1"
    fields = web.heads[0].lower().split(b"\r\n")
    assert b'if-none-match: "0"' in fields
    assert f"host: allowed.example:{web.port}".encode() in fields
    assert b"accept-encoding: gzip, deflate" in fields
    assert b"user-agent: agora" in fields


@pytest.mark.parametrize("status", ["304 Not Modified", "404 Not Found", "410 Gone", "503 Busy", "302 Nowhere"])
def test_every_status_is_an_answer(status: str) -> None:
    told = f"HTTP/1.1 {status}\r\nRetry-After: 60\r\nConnection: close\r\n\r\n".encode()
    with origin(answering(told), ALLOWED) as web:
        fetched = fetch(f"http://{web.authority}/")
    assert (fetched.status, fetched.headers["retry-after"]) == (int(status[:3]), "60")


def test_interim_responses_are_passed_over() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" * 3
    with origin(answering(early + answer(PAGE)), ALLOWED) as web:
        assert fetch(f"http://{web.authority}/").body == PAGE


@pytest.mark.parametrize(
    ("coding", "octets"),
    [
        ("gzip", gzip.compress(PAGE, mtime=0)),
        ("x-gzip", gzip.compress(PAGE, mtime=0)),
        ("GZIP", gzip.compress(PAGE[:50], mtime=0) + gzip.compress(PAGE[50:], mtime=0)),
        ("gzip", gzip.compress(PAGE, mtime=0) + b"rubbish"),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", zlib.compress(PAGE)[2:-4]),
        ("identity", PAGE),
    ],
)
def test_compression_is_undone(coding: str, octets: bytes) -> None:
    with origin(answering(answer(octets, f"Content-Encoding: {coding}")), ALLOWED) as web:
        assert fetch(f"http://{web.authority}/").body == PAGE


def test_a_body_that_comes_octet_by_octet_is_whole() -> None:
    packed = gzip.compress(PAGE, mtime=0)
    chunks = b"".join(b"1\r\n%c\r\n" % each for each in packed) + b"0\r\n\r\n"
    told = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
    with origin(answering(told), ALLOWED) as web:
        assert fetch(f"http://{web.authority}/").body == PAGE


def test_redirects_are_followed_and_only_those_for_good_are_a_new_address() -> None:
    answers = {
        "/old": redirect("/older/../new", 301),
        "/new": answer(PAGE),
        "/once": redirect("new", 302),
        "/first": redirect("/once", 308),
        "/there": redirect("//allowed.example/", 307),
    }
    with origin(by_path(answers), ALLOWED) as web:
        base = f"http://{web.authority}"
        moved, once, first = (fetch(base + path) for path in ("/old", "/once", "/first"))
    assert (moved.url, moved.moved_to, moved.body) == (f"{base}/new", f"{base}/new", PAGE)
    assert (once.url, once.moved_to) == (f"{base}/new", None)
    assert (first.url, first.moved_to) == (f"{base}/new", None)


def test_redirects_in_a_circle_end_and_so_does_a_long_chain() -> None:
    answers = {"/a": redirect("/b"), "/b": redirect("/a"), **{f"/{n}": redirect(f"/{n + 1}") for n in range(6)}}
    answers["/6"] = answer(PAGE)
    with origin(by_path(answers), ALLOWED) as web:
        base = f"http://{web.authority}"
        with pytest.raises(fetch_errors.TooManyRedirects):
            fetch(f"{base}/a")
        assert len(web.heads) == 6
        with pytest.raises(fetch_errors.TooManyRedirects):
            fetch(f"{base}/0")
        assert fetch(f"{base}/1").body == PAGE
        with pytest.raises(fetch_errors.TooManyRedirects):
            fetch(f"{base}/5", redirects=0)


def test_credentials_are_for_the_host_they_were_meant_for() -> None:
    private = {"Authorization": "Basic eDp5", "Cookie": "a=b", "If-None-Match": "1"}
    with origin(answering(answer(PAGE)), ALLOWED) as other:
        answers = {"/": redirect("/same"), "/same": redirect(f"http://{other.authority}/")}
        with origin(by_path(answers), ALLOWED) as web:
            assert fetch(f"http://{web.authority}/", headers=private).body == PAGE
    for head in web.heads:
        assert b"Authorization: Basic eDp5\r\n" in head
        assert b"Cookie: a=b\r\n" in head
    assert b"Authorization" not in other.heads[0]
    assert b"Cookie" not in other.heads[0]
    assert b"If-None-Match: 1\r\n" in other.heads[0]


INSIDE = [
    *("127.0.0.1", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:169.254.169.254]", "0.0.0.0", "[::]"),
    *("10.0.0.1", "192.168.1.1", "100.64.0.1", "[fd00::1]", "[fe80::1]", "[64:ff9b::7f00:1]", "inside.example"),
]
NO_HOST = ["2130706433", "0177.0.0.1", "0x7f.1", "127.1", "[fe80::1%25lo]", "x@127.0.0.1", "a%00b", "a..b"]


@pytest.mark.parametrize("host", INSIDE)
def test_nothing_is_fetched_from_inside_neither_at_first_nor_after_a_redirect(host: str) -> None:
    with origin(then_silent(), "127.0.0.1") as inside:
        target = f"http://{host}:{inside.port}/secret"
        with pytest.raises(fetch_errors.FetchRefused):
            fetch(target)
        with origin(by_path({"/": redirect(target)}), ALLOWED) as web, pytest.raises(fetch_errors.FetchRefused):
            fetch(f"http://{web.authority}/")
        assert inside.connections == 0


@pytest.mark.parametrize("host", NO_HOST)
def test_what_is_no_host_is_none_neither_at_first_nor_after_a_redirect(host: str) -> None:
    with pytest.raises(fetch_errors.AddressUnusable):
        fetch(f"http://{host}/", private=True)
    to_it = by_path({"/": redirect(f"http://{host}/")})
    with origin(to_it, ALLOWED) as web, pytest.raises(fetch_errors.AddressUnusable):
        fetch(f"http://{web.authority}/", private=True)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://allowed.example/", "gopher://127.0.0.1/", "data:,x"])
def test_a_redirect_leads_to_the_web_only(target: str) -> None:
    with origin(by_path({"/": redirect(target)}), ALLOWED) as web, pytest.raises(fetch_errors.AddressUnusable):
        fetch(f"http://{web.authority}/")


def test_of_a_hosts_addresses_only_those_are_connected_to_that_may_be_reached() -> None:
    with origin(answering(answer(PAGE)), ALLOWED) as web:
        assert fetch(f"http://both.example:{web.port}/").body == PAGE


def test_other_protocols_ports_are_not_asked() -> None:
    for port in (22, 25, 110, 143, 587, 993):
        with pytest.raises(fetch_errors.FetchRefused, match=f"port {port} is not one of the web"):
            fetch(f"http://allowed.example:{port}/")


def test_private_addresses_may_be_allowed_but_never_cloud_metadata() -> None:
    with origin(answering(answer(PAGE)), "127.0.0.1") as inside:
        assert fetch(f"http://inside.example:{inside.port}/", private=True).body == PAGE
    for host in ("169.254.169.254", "[::ffff:169.254.169.254]", "[fd00:ec2::254]"):
        with pytest.raises(fetch_errors.FetchRefused):
            fetch(f"http://{host}/", private=True)


def test_where_nobody_is_there_is_said() -> None:
    with closed_port(ALLOWED) as port, pytest.raises(fetch_errors.NotReachable, match="does not accept connections"):
        fetch(f"http://{ALLOWED}:{port}/")
    with pytest.raises(fetch_errors.NotReachable, match="there is no host of that name"):
        fetch("http://gone.example/")


def test_a_connection_is_closed_when_all_is_there() -> None:
    with origin(then_silent(answer(PAGE)), ALLOWED) as web:
        assert fetch(f"http://{web.authority}/").body == PAGE
        eventually(lambda: web.heads[1:] == [b"the client hung up"], "the client closes its side")
