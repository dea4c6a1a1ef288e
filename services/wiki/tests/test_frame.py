"""Every answer of the site, whatever its path."""

from __future__ import annotations

import gzip
import re
import socket
from datetime import UTC, datetime, timedelta
from typing import Any

import brotli
import pytest

from services.wiki.routes import make_app
from services.wiki.site.access_log import combined_line
from services.wiki.site.dispatch import Dispatch
from services.wiki.site.request import WebRequest, WebSite
from services.wiki.tests.web import Browser, Web, basic
from shared.testing.reactor import running_reactor
from shared.testing.serving import serving


def test_every_answer_has_the_fields_of_security(web: Web) -> None:
    for got in (
        web.browser().get("/about"),
        web.browser().get("/no/such\\path"),
        web.browser().get("/static/style.css"),
    ):
        assert "default-src 'none'" in got.fields["content-security-policy"]
        assert "unsafe-inline" not in got.fields["content-security-policy"]
        assert "frame-ancestors 'none'" in got.fields["content-security-policy"]
        assert got.fields["x-content-type-options"] == "nosniff"
        assert got.fields["referrer-policy"] == "same-origin"
        assert "strict-transport-security" not in got.fields  # not over TLS


def test_head_is_get_without_its_body(web: Web) -> None:
    got, head = web.browser().get("/about"), web.browser().ask("HEAD", "/about")
    assert (head.status, head.body) == (200, b"")
    assert head.fields["content-length"] == got.fields["content-length"]


def test_a_method_that_a_path_has_not_is_405_with_those_that_it_has(web: Web) -> None:
    got = web.browser().ask("DELETE", "/sign-in")
    assert got.status == 405
    assert set(got.fields["allow"].split(", ")) == {"GET", "HEAD", "POST"}


def test_who_has_the_page_is_told_that_it_has_not_changed(web: Web) -> None:
    etag = web.browser().get("/about").fields["etag"]
    again = web.browser().get("/about", If_None_Match=f'"other", {etag}')
    assert (again.status, again.body) == (304, b"")
    assert again.fields["etag"] == etag


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_pages_are_compressed_for_who_takes_it(web: Web, coding: str) -> None:
    got = web.browser().get("/about", Accept_Encoding=f"{coding}, identity;q=0.5")
    assert got.fields["content-encoding"] == coding
    body = brotli.decompress(got.body) if coding == "br" else gzip.decompress(got.body)
    assert body == web.browser().get("/about").body


def test_a_program_that_takes_json_gets_a_problem_and_curl_a_line(web: Web) -> None:
    problem = web.browser().get("/static/no", Accept="application/json")
    assert (problem.status, problem.fields["content-type"]) == (404, "application/problem+json")
    line = web.script().get("/static/no")
    assert line.text == "There is nothing at this address.\n"
    assert "<h1>Not found</h1>" in web.browser().get("/static/no").text


@pytest.mark.parametrize(
    "path",
    [
        "/static/../settings.py", "/static/%2e%2e/settings.py", "/static/..%2fsettings.py", "/static//etc/passwd",
        "/static/%2fetc%2fpasswd", "/static/style.css%00", "/static/" + "a" * 9000, "/%ff", "/static/\\..\\x",
    ],
)  # fmt: skip
def test_tricks_with_paths_find_nothing(web: Web, path: str) -> None:
    got = web.script().get(path)
    assert got.status in (400, 404)
    assert b"class WikiSettings" not in got.body


def test_a_path_never_leads_to_another_host(web: Web) -> None:
    for path in ("//evil.example/", "//evil.example/about", "/%2fevil.example"):
        got = web.script().get(path)
        assert not got.fields.get("location", "/").startswith(("//", "http"))


def test_static_files_have_type_date_tag_and_ranges(web: Web) -> None:
    whole = web.script().get("/static/style.css")
    assert whole.fields["content-type"] == "text/css; charset=utf-8"
    assert whole.fields["last-modified"].endswith("GMT")
    part = web.script().get("/static/style.css", Range="bytes=10-19")
    assert (part.status, part.body) == (206, whole.body[10:20])
    assert part.fields["content-range"] == f"bytes 10-19/{len(whole.body)}"
    assert web.script().get("/static/style.css", Range="bytes=-5").body == whole.body[-5:]
    assert web.script().get("/static/style.css", Range="bytes=9999999-").status == 416
    assert web.script().get("/static/style.css", If_None_Match=whole.fields["etag"]).status == 304
    assert web.script().get("/static/style.css", If_Modified_Since=whole.fields["last-modified"]).status == 304
    versioned = web.script().get("/static/style.css?" + whole.fields["etag"].strip('"') + "=")
    assert "immutable" in versioned.fields["cache-control"]


def test_browsers_that_ask_for_an_icon_are_told_in_few_octets_that_there_is_none(web: Web) -> None:
    got = web.browser().get("/favicon.ico")
    assert (got.status, got.body, got.fields["cache-control"]) == (204, b"", "public, max-age=86400")


def test_a_body_that_is_too_large_is_413(web: Web) -> None:
    with socket.create_connection(("127.0.0.1", web.port), timeout=20) as client:
        client.sendall(b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\nabc")
        assert client.recv(100).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /about HTTP/1.1\r\n", b"400"),
        (b"GET /about HTTP/1.1\r\nHost: x\r\nHost: y\r\n", b"400"),
        (b"GET /about HTTP/1.0\r\nHost: x\r\nHost: y\r\n", b"400"),
        (b"GET /about HTTP/1.1\r\nHost: x\r\n", b"200"),
        (b"GET /about HTTP/1.0\r\n", b"200"),
    ],
)
def test_a_request_has_one_host(web: Web, head: bytes, status: bytes) -> None:
    with socket.create_connection(("127.0.0.1", web.port), timeout=20) as client:
        client.sendall(head + b"Connection: close\r\n\r\n")
        assert client.recv(100).split()[1] == status


def test_about_request_shows_it_without_secrets(web: Web) -> None:
    got = web.script().get("/about/request?x=1", Authorization=basic("alice"), Cookie="agora=secret", X_Tea="green")
    lines = got.text.splitlines()
    assert lines[0] == "GET /about/request?x=1 HTTP/1.1"
    assert lines[1] == "client: 127.0.0.1"
    assert any(re.fullmatch("x-tea: green", line, re.IGNORECASE) for line in lines)
    assert "secret" not in got.text
    assert "Basic" not in got.text


def test_the_colours_are_written_by_the_server(web: Web) -> None:
    browser = web.browser()
    host = f"127.0.0.1:{web.port}"
    got = browser.post("/account/theme", {"theme": "dark"}, Referer=f"http://{host}/about?x=1")
    assert (got.status, got.fields["location"]) == (303, "/about?x=1")
    assert '<html lang="en" data-theme="dark">' in browser.get("/about").text
    assert browser.post("/account/theme", {"theme": "pink"}).status == 400


def test_the_account_of_basic_is_known_and_a_wrong_password_is_401(web: Web) -> None:
    assert web.script().get("/account", Authorization=basic("alice")).status == 200
    wrong = web.script().get("/account", Authorization=basic("alice", "wrong"))
    assert wrong.status == 401
    assert wrong.fields["www-authenticate"] == 'Basic realm="Agora", charset="UTF-8"'


def test_the_access_log_is_in_combined_format_and_nothing_makes_a_second_line(web: Web) -> None:
    lines: list[str] = []

    def note(request: WebRequest, status: int, octets: int) -> None:
        lines.append(combined_line(request, status, octets, datetime(2026, 11, 26, 10, 0, tzinfo=UTC)))

    site: Any = WebSite(
        Dispatch(web.parts, make_app(web.parts), note),
        running_reactor(),
        secure=True,
        limit=timedelta(seconds=20),
        body_octets=1 << 20,
    )
    with serving(site) as port:
        got = Browser(port).get('/about?"x', User_Agent='evil "agent" \t\\', Authorization=basic("alice"))
    assert got.fields["strict-transport-security"] == "max-age=31536000"  # as over TLS
    assert lines == [
        '127.0.0.1 - alice [26/Nov/2026:10:00:00 +0000] "GET /about?\\x22x HTTP/1.1" 200 '
        f'{len(got.body)} "-" "evil \\x22agent\\x22 \\x09\\x5c"\n'
    ]
