"""The site on the tests' reactor, over a real store with alice, a member, and root, an admin; and a client of it."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

import pytest
from prometheus_client import CollectorRegistry

from services.wiki.doors import make_parts
from services.wiki.parts import WikiParts
from services.wiki.routes import make_app
from services.wiki.settings import WikiSettings
from services.wiki.site.dispatch import Dispatch
from services.wiki.site.request import WebSite
from shared.accounts.account import Account, Role
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.runtime.parts import Parts
from shared.testing.builders import a_member, verifiers_of
from shared.testing.reactor import running_reactor, wait_for
from shared.testing.serving import serving

PASSWORD = "correct horse"
BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"
VERIFIERS = verifiers_of(PASSWORD)


@dataclass
class Got:
    """A response."""

    status: int
    reason: str
    fields: Mapping[str, str]
    body: bytes
    cookies: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Browser:
    """Keeps cookies, follows nothing by itself."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    accept: str = BROWSER

    def ask(self, method: str, path: str, body: bytes | None = None, /, **fields: str) -> Got:
        """One request on a connection of its own; `_` in the names of fields is `-`."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {"Accept": self.accept, **{name.replace("_", "-"): value for name, value in fields.items()}}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, path, body, {name: value for name, value in sent.items() if value})
        response = connection.getresponse()
        got = Got(response.status, response.reason, dict(response.getheaders()), response.read())
        got.fields = {name.lower(): value for name, value in got.fields.items()}
        got.cookies = response.headers.get_all("set-cookie") or []
        for cookie in got.cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        connection.close()
        return got

    def get(self, path: str, **fields: str) -> Got:
        return self.ask("GET", path, **fields)

    def post(self, path: str, form: Mapping[str, Any], **fields: str) -> Got:
        body = urlencode(form, doseq=True).encode()
        fields.setdefault("Content_Type", "application/x-www-form-urlencoded")
        return self.ask("POST", path, body, **fields)

    def sign_in(self, name: str, password: str = PASSWORD, then: str = "/about") -> Got:
        return self.post("/sign-in", {"name": name, "password": password, "then": then})

    def csrf(self, path: str = "/about") -> str:
        """The token in the forms of a page."""
        match = re.search(r'name="csrf" value="(\w+)"', self.get(path).text)
        assert match is not None
        return match[1]


@dataclass
class Web:
    """The site, and the store behind it."""

    transaction: Transaction
    parts: WikiParts
    accounts: dict[str, Account]
    port: int = 0
    closing: list[Callable[[], Coroutine[Any, Any, None]]] = field(default_factory=list)  # at the end of the test

    def browser(self, name: str | None = None) -> Browser:
        """A new browser, signed in as `name`."""
        browser = Browser(self.port)
        if name is not None:
            got = browser.sign_in(name)
            assert got.status == 303, got
        return browser

    def script(self) -> Browser:
        """A client that takes anything, as curl does."""
        return Browser(self.port, accept="*/*")


def basic(name: str, password: str = PASSWORD) -> str:
    """The field Authorization."""
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


@pytest.fixture
def web(transaction: Transaction, database: Database, bus: Bus, request: pytest.FixtureRequest) -> Iterator[Web]:
    """The site, open. `@pytest.mark.parametrize("web", [{"wiki_write": "everyone"}], indirect=True)` sets settings."""
    settings = WikiSettings(**getattr(request, "param", {}))
    accounts = {
        name: a_member(transaction, name, role, verifiers=VERIFIERS)
        for name, role in (
            ("alice", Role.MEMBER), ("bob", Role.MEMBER), ("root", Role.ADMIN), ("gus", Role.GUEST),
            ("newt", Role.MEMBER),
        )
    }  # fmt: skip
    transaction.execute("UPDATE account SET full_name = initcap(name) || ' Fern' WHERE name <> 'newt'")
    transaction.commit()
    frame: Any = Parts(running_reactor(), settings, database, bus, None, CollectorRegistry())  # type: ignore[arg-type]

    async def make() -> WikiParts:
        return make_parts(frame)

    parts = wait_for(make)
    site: Any = WebSite(
        Dispatch(parts, make_app(parts)),
        running_reactor(),
        secure=False,
        limit=settings.web_request_limit,
        body_octets=settings.web_body_octets,
    )
    made = Web(transaction, parts, accounts)
    with serving(site) as made.port:
        yield made
    for close in [*made.closing, *frame.before_closing]:
        wait_for(close)
