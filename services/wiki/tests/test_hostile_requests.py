"""Requests that are made to harm: deep, swollen, or without an end."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from twisted.internet.task import Clock

from services.wiki.routes import make_app
from services.wiki.site.dispatch import Dispatch
from services.wiki.site.request import WebSite
from services.wiki.tests.web import Web, basic
from shared.testing.eventually import eventually
from shared.testing.reactor import wait_for
from shared.testing.serving import serving

LAUGHS = "".join(f'<!ENTITY a{number} "{f"&a{number - 1};" * 10}">' for number in range(1, 12))
BOMBS = {
    "swelling": f'<!DOCTYPE x [<!ENTITY a0 "ha">{LAUGHS}]><x>&a11;</x>',
    "file": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    "parameter": '<!DOCTYPE x [<!ENTITY % a SYSTEM "file:///etc/passwd">%a;]><x/>',
    "deep": "<a>" * 100_000,
    "wide": "<x " + " ".join(f'a{number}="1"' for number in range(100_000)) + "/>",
}


@pytest.mark.parametrize("face", ["/RPC2", "/SOAP"])
@pytest.mark.parametrize("bomb", BOMBS)
def test_xml_that_harms_is_a_fault(web: Web, face: str, bomb: str) -> None:
    began = time.process_time()
    got = web.script().ask("POST", face, BOMBS[bomb].encode(), Content_Type="text/xml")
    assert time.process_time() - began < 3
    assert got.fields["content-type"].startswith("text/xml")
    assert "fault" in got.text.lower()
    assert "root:" not in got.text
    assert len(got.body) < 2_000


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 100_000, '{"source":' + "[" * 50_000, "1" * 100_000])
def test_json_that_is_deep_or_no_object_is_a_problem(web: Web, body: str) -> None:
    fields = {"Content_Type": "application/json", "Authorization": basic("alice")}
    got = web.script().ask("PUT", "/api/v1/pages/A", body.encode(), **fields)
    assert got.status == 400
    assert json.loads(got.body)["status"] == 400


class CountingClock(Clock):
    """A clock of the test's that knows how often somebody has asked to be called later."""

    asked = 0

    def callLater(self, *call: Any, **named: Any) -> Any:
        self.asked += 1
        return super().callLater(*call, **named)

    def after(self, act: Callable[[], object]) -> None:
        """Do that, and return when the server has taken it: it begins to wait anew."""
        before = self.asked
        act()
        eventually(lambda: self.asked > before, "the server waits for more")

    def pass_by(self, seconds: float) -> None:
        async def advance() -> None:
            self.advance(seconds)

        wait_for(advance)


def test_a_body_that_does_not_go_on_ends_and_one_that_does_is_read(web: Web) -> None:
    clock = CountingClock()
    site: Any = WebSite(
        Dispatch(web.parts, make_app(web.parts)), clock, secure=False, limit=timedelta(seconds=60), body_octets=1 << 20
    )
    body = b"path=TeaPage&data=tea"
    head = b"POST /save HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nAuthorization: %b\r\nContent-Length: %d\r\n\r\n"
    asked = head % (basic("alice").encode(), len(body))
    with serving(site) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as silent:
            clock.after(lambda: silent.sendall(asked + body[:5]))
            clock.pass_by(60)
            assert _end_of(silent) == b""
        with socket.create_connection(("127.0.0.1", port), timeout=30) as slow:
            slow.sendall(asked)
            for octet in body[:-1]:  # takes longer than the limit, and is never silent for as long
                clock.after(lambda octet=octet: slow.sendall(bytes([octet])))  # type: ignore[misc]
                clock.pass_by(59)
            slow.sendall(body[-1:])
            assert slow.recv(1000).startswith(b"HTTP/1.1 303 ")


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([b"Cookie: a=" + b"x" * 30_000], b"200"),
        ([b"Cookie: a=" + b"x" * 40_000], b"431"),
        ([b"Cookie: a=" + b"x" * 4_000_000], b"431"),
        ([b"X-%d: " % number + b"x" * 3_000 for number in range(12)], b"431"),
    ],
    ids=["fits", "long", "endless", "many"],
)
def test_a_head_that_is_too_large_is_answered(web: Web, lines: list[bytes], status: bytes) -> None:
    with socket.create_connection(("127.0.0.1", web.port), timeout=30) as connection:
        connection.sendall(b"\r\n".join([b"GET /about HTTP/1.1", b"Host: x", b"Connection: close", *lines, b"", b""]))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.split(b" ", 2)[1] == status
    assert answer.count(b"HTTP/1.1 ") == 1


def test_names_that_look_alike_are_one_page_and_case_makes_two(web: Web) -> None:
    script = web.script()
    assert script.ask("PUT", "/Caf%C3%A9", b"composed", Authorization=basic("alice")).status == 201
    assert script.ask("PUT", "/Cafe%CC%81", b"decomposed", Authorization=basic("alice")).status in (200, 301, 308)
    assert script.ask("PUT", "/CAF%C3%89", b"large", Authorization=basic("alice")).status == 201
    names = [each["name"] for each in json.loads(script.get("/api/v1/pages").body)["pages"]]
    assert [name for name in names if name.lower() == "café"] == ["CAFÉ", "Café"]


def _end_of(connection: socket.socket) -> bytes:
    """What comes until the other side ends the connection, however it does."""
    try:
        return connection.recv(1000)
    except ConnectionResetError:
        return b""
