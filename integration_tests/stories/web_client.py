"""A browser and a program at the web's door in some lines: over TLS, as from any machine."""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from http.client import HTTPSConnection
from typing import Any, NamedTuple
from urllib.parse import urlencode

from integration_tests.stack.member import TIMEOUT_SECONDS, Member

_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_TOKEN = re.compile(r'name="token" value="([^"]+)"')
API = "/api/v1"


class Page(NamedTuple):
    """An answer of the site."""

    status: int
    location: str
    octets: bytes

    @property
    def text(self) -> str:
        return self.octets.decode()


class Browser:
    """A browser without scripts, in which a member has signed in."""

    def __init__(self, connection: HTTPSConnection, member: Member) -> None:
        self._connection = connection
        self._cookies: dict[str, str] = {}
        fields = {"name": member.name, "password": member.password, "then": "/about"}
        asked = self.ask("POST", "/sign-in", fields)
        if asked.status == 200:  # a new member is asked for the full name, once
            fields = {"full_name": member.name, "then": "/about", "csrf": csrf_of(asked)}
            asked = self.ask("POST", "/welcome", fields)
        assert (asked.status, asked.location) == (303, "/about"), asked.text

    def get(self, path: str, *, only_looks_ahead: bool = False) -> Page:
        """A page. What a browser fetches ahead is not marked as read."""
        page = self.ask("GET", path, None, {"sec-purpose": "prefetch"} if only_looks_ahead else {})
        assert page.status == 200, page.text
        return page

    def send(self, form: str, fields: Mapping[str, str], action: str = "") -> Page:
        """Fill in a form of the page at `form` and send it; the answer leads on to another page."""
        page = self.get(form, only_looks_ahead=True)
        token = _TOKEN.search(page.text)
        hidden = {"csrf": csrf_of(page)} | ({"token": token[1]} if token else {})
        return self.ask("POST", action or form, {**hidden, **fields})

    def ask(
        self,
        method: str,
        path: str,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        """Any request, with the cookies that came."""
        sent = {"cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()), **(headers or {})}
        body = None
        if fields is not None:
            body = urlencode(fields)
            sent["content-type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body, sent)
        response = self._connection.getresponse()
        octets = response.read()
        for cookie in response.headers.get_all("set-cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return Page(response.status, response.headers.get("location", ""), octets)


def csrf_of(page: Page) -> str:
    """The token that the page's forms carry."""
    found = _CSRF.search(page.text)
    assert found is not None, page.text
    return found[1]


@contextlib.contextmanager
def _connected(member: Member) -> Iterator[HTTPSConnection]:
    host, port = member.stack.web_tls
    connection = HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=member.stack.tls_context())
    with contextlib.closing(connection):
        yield connection


@contextlib.contextmanager
def browser(member: Member) -> Iterator[Browser]:
    """Signed in, over a connection that is kept."""
    with _connected(member) as connection:
        yield Browser(connection, member)


def rest(member: Member, method: str, path: str, body: Any = None) -> Any:
    """The answer of REST, which has to be one of success: what its JSON says, or its octets."""
    status, kind, octets = _rest(member, method, path, body)
    assert status in (200, 201, 202), octets
    return json.loads(octets) if kind.startswith("application/json") else octets


def rest_status(member: Member, path: str) -> int:
    """The status of the answer to a GET."""
    return _rest(member, "GET", path, None)[0]


def _rest(member: Member, method: str, path: str, body: Any) -> tuple[int, str, bytes]:
    credentials = base64.b64encode(f"{member.name}:{member.password}".encode()).decode()
    headers = {"authorization": f"Basic {credentials}"}
    if body is not None:
        headers["content-type"] = "application/json"
    with _connected(member) as connection:
        connection.request(method, f"{API}{path}", None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        return response.status, response.headers.get("content-type", ""), response.read()
