"""Two writers by every pair of seven faces, in both orders: separate edits are both in, of overlapping one wins."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import pytest

from services.wiki.calls.open import call_parts
from services.wiki.pb.factory import PbFactory
from services.wiki.pb.root import RootObjects
from services.wiki.pb.sessions import PbSessions
from services.wiki.robots import robot_parts
from services.wiki.tests.web import PASSWORD, Web, basic
from shared.accounts.add_app_password import add_app_password
from shared.command_line.wiki.client.client import WikiLogin
from shared.command_line.wiki.client.errors import WikiConflict
from shared.command_line.wiki.client.http import HttpPlace
from shared.command_line.wiki.client.pb import PbClient, PbPlace
from shared.command_line.wiki.client.rest import RestClient
from shared.command_line.wiki.client.soap import SoapClient
from shared.command_line.wiki.client.xmlrpc import XmlRpcClient
from shared.robots.parts import RobotParts
from shared.robots.runner import RobotRunner
from shared.robots.tests.build import a_mail, answers, taken, text_of
from shared.testing.reactor import running_reactor, wait_for
from shared.testing.serving import serving

START = "one\ntwo\nthree\nfour\nfive\n"
FACES = ("form", "put", "rest", "xmlrpc", "soap", "pb", "mail")
PAIRS = list(itertools.product(FACES, FACES))


class Outcome(NamedTuple):
    """Whether a text was saved, and what is told of a conflict."""

    saved: bool
    told: str


Write = Callable[[str, str, int | None], Outcome]


@pytest.fixture
def writers(web: Web) -> Iterator[Mapping[str, Write]]:
    """How alice writes by each face: a page's name, its text, and the base."""
    _, secret = add_app_password(web.transaction, web.accounts["alice"].id, "pb", ["pb"])
    web.transaction.commit()
    roots = RootObjects(call_parts(web.parts), PbSessions(None), "pb")
    with serving(PbFactory(running_reactor(), roots.root_of)) as pb_port:
        login = WikiLogin("alice", PASSWORD)
        place = HttpPlace(urlsplit(f"http://127.0.0.1:{web.port}"), None, login)
        pb = PbPlace("127.0.0.1", pb_port, None, WikiLogin("alice", secret))
        clients: Mapping[str, Any] = {
            "rest": RestClient(place),
            "xmlrpc": XmlRpcClient(place),
            "soap": SoapClient(place),
            "pb": PbClient(pb),
        }
        yield {
            "form": _form(web),
            "put": _put(web),
            "mail": _mail(web),
            **{name: _client(client) for name, client in clients.items()},
        }


def _client(client: Any) -> Write:
    def write(name: str, text: str, base: int | None) -> Outcome:
        try:
            client.put(name, text, base, "", False)
        except WikiConflict as conflict:
            return Outcome(False, conflict.diff)
        return Outcome(True, "")

    return write


def _form(web: Web) -> Write:
    def write(name: str, text: str, base: int | None) -> Outcome:
        fields = {"path": name, "data": text, **({} if base is None else {"base": str(base)})}
        got = web.script().ask(
            "POST", "/save", urlencode(fields).encode(), Authorization=basic("alice"),
            Content_Type="application/x-www-form-urlencoded",
        )  # fmt: skip
        assert got.status in (303, 409), got
        return Outcome(got.status == 303, got.text)

    return write


def _put(web: Web) -> Write:
    def write(name: str, text: str, base: int | None) -> Outcome:
        query = "" if base is None else f"?base={base}"
        got = web.script().ask(
            "PUT", f"/{quote(name)}{query}", text.encode(), Authorization=basic("alice"), Content_Type="text/plain"
        )
        assert got.status in (200, 201, 409), got
        return Outcome(got.status != 409, got.text)

    return write


def _mail(web: Web) -> Write:
    """As the door for mail hands it over, and as the runner works on it; the answer says what became of it."""
    frame: Any = SimpleNamespace(database=web.parts.database, reactor=running_reactor(), settings=web.parts.settings)
    robots = robot_parts(frame, web.parts)
    runner = wait_for(lambda: _runner(robots, web))
    alice = web.accounts["alice"]
    numbers = itertools.count()

    def write(name: str, text: str, base: int | None) -> Outcome:
        fields = {} if base is None else {"X_Base_Revision": str(base)}
        mail = a_mail("by mail", text.replace("\n", "\r\n"), **fields)
        wait_for(lambda: web.parts.database.transact(taken, alice, mail, "wiki", quote(name)))
        number = next(numbers) + 1
        answer = wait_for(lambda: answers(web.parts.database, alice, number))[-1]
        return Outcome(str(answer["Subject"]).startswith("Saved: "), text_of(answer))

    web.closing.append(runner.close)
    return write


async def _runner(robots: RobotParts, web: Web) -> RobotRunner:
    return RobotRunner(robots, web.parts.bus)


def source_of(web: Web, name: str) -> str:
    return web.script().get(f"/{quote(name)}", Accept="text/markdown").text


def test_separate_edits_are_both_in(web: Web, writers: Mapping[str, Write]) -> None:
    for first, second in PAIRS:
        name = f"Separate {first} {second}"
        writers[first](name, START, None)
        assert writers[first](name, START.replace("one", "ONE"), 1).saved, (first, second)
        assert writers[second](name, START.replace("five", "FIVE"), 1).saved, (first, second)
        assert source_of(web, name) == START.replace("one", "ONE").replace("five", "FIVE"), (first, second)


def test_of_overlapping_edits_exactly_one_wins_and_the_other_has_the_diff(
    web: Web, writers: Mapping[str, Write]
) -> None:
    for first, second in PAIRS:
        name = f"Overlapping {first} {second}"
        writers[second](name, START, None)
        assert writers[first](name, START.replace("three", "THREE"), 1).saved, (first, second)
        refused = writers[second](name, START.replace("three", "3"), 1)
        assert not refused.saved, (first, second)
        assert "THREE" in refused.told, (first, second)
        assert source_of(web, name) == START.replace("three", "THREE"), (first, second)


def test_equal_texts_are_no_conflict(web: Web, writers: Mapping[str, Write]) -> None:
    for first, second in PAIRS:
        name = f"Equal {first} {second}"
        writers[first](name, START, None)
        edited = START.replace("three", "THREE")
        assert writers[first](name, edited, 1).saved, (first, second)
        assert writers[second](name, edited, 1).saved, (first, second)
        assert source_of(web, name) == edited
