"""`web@`: a page as an attachment, by the rules and limits of the proxy, and nothing of what is not public."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest

from shared.access import account_fetcher
from shared.access.account_fetcher import MOST_OCTETS, AccountFetcher
from shared.access.limits.set_limits import set_limits
from shared.access.rulebook import Rulebook
from shared.access.rules.add_rule import add_rule
from shared.access.rules.rules import RuleKind
from shared.access.usage.usage import Usage
from shared.accounts.account import Account, Role
from shared.clock import utc_day
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.reach.names import Names
from shared.reach.tests.fetching import ALLOWED, NAMES, answer, by_path, redirect, then_endless, then_silent
from shared.robots.claim_job import JobsOf
from shared.robots.parts import RobotParts, WebAccess
from shared.robots.query import RobotQuery
from shared.robots.runner import RobotRunner
from shared.robots.table import SLOW
from shared.robots.tests.build import a_mail, answers, robots, taken, text_of
from shared.robots.web import answer_web
from shared.testing.addresses import Addresses
from shared.testing.builders import a_member, an_account
from shared.testing.origins import Origin, Visit, always, origin
from shared.testing.reactor import running_reactor
from shared.wiki.tests.build import saved

HTML = b"<!DOCTYPE html><script>alert(1)</script>\n"
Behave = Callable[[Origin, Visit], None]


@asynccontextmanager
async def web_parts(database: Database, bus: Bus, search: str = "", **names: list[list[str]]) -> AsyncIterator[Any]:
    """Parts with a way out to 127.0.0.2, and nothing else that is not public; the usage's counts beside."""
    reactor = running_reactor()
    day = utc_day()  # also when it is midnight
    rulebook = Rulebook(database, bus, reactor)
    usage = Usage(database, reactor, timedelta(hours=1), today=lambda: day)
    await rulebook.start()
    known = {**NAMES, **{name.replace("_", "."): each for name, each in names.items()}}
    fetcher = AccountFetcher(
        reactor, rulebook, usage, names=Names(Addresses(known), reactor), allowed_networks=[ip_network(ALLOWED)]
    )
    try:
        async with robots(database, bus, web=WebAccess(fetcher, search)) as parts:
            yield parts
    finally:
        await usage.close()
        await rulebook.close()


async def asked(parts: RobotParts, account: Account | None, subject: str) -> Any:
    """The robot's answer."""
    work = await answer_web(parts, RobotQuery(account, "", subject, b"", "a@b.test", "", b""))
    return await parts.database.read(work)


async def counted(database: Database) -> list[tuple[Any, ...]]:
    """The account's usage: host, status, requests, octets to it."""
    return list(
        await database.read(
            lambda tx: tx.rows("SELECT host, status, requests, octets_out FROM usage ORDER BY host, status")
        )
    )


def alice(tx: Transaction) -> Account:
    return a_member(tx, "alice")


async def test_the_page_is_attached_as_octets_and_counted(database: Database, bus: Bus) -> None:
    member = await database.transact(alice)
    page = answer(gzip.compress(HTML * 100, mtime=0), "Content-Type: text/html; charset=x", "Content-Encoding: gzip")
    with origin(by_path({"/a/tea.html?x=1": page}), ALLOWED) as web:
        url = f"http://allowed.example:{web.port}/a/tea.html?x=1"
        async with web_parts(database, bus) as parts:
            await database.transact(taken, member, a_mail(url), "web")
            runner = RobotRunner(parts, bus, jobs=JobsOf(SLOW, are_wanted=True))
            (mail,) = await answers(database, member)
            await runner.close()
        assert b"via: 1.1 agora" in web.heads[0].lower()  # which private ports refuse
    assert mail["From"] == "web@example.org"
    assert mail["Subject"] == f"Fetched: {url}"
    _, page_part = mail.iter_parts()
    assert page_part.get_content_type() == "application/octet-stream"
    assert page_part.get_content_disposition() == "attachment"
    assert (page_part.get_filename(), page_part["Content-Location"]) == ("tea.html", url)
    assert page_part.get_content() == HTML * 100
    assert f" of text/html; charset=x.\n\n{url}\n" in text_of(mail)
    assert await counted(database) == [("allowed.example", 200, 1, len(HTML) * 100)]


async def test_a_slow_server_keeps_no_search_waiting(database: Database, bus: Bus) -> None:
    def make(tx: Transaction) -> Account:
        saved(tx, "Marmalade", "marmalade\n")
        return alice(tx)

    member = await database.transact(make)
    with origin(then_silent(), ALLOWED) as web:
        async with web_parts(database, bus) as parts:
            await database.transact(taken, member, a_mail(f"http://{web.authority}/"), "web")
            await database.transact(taken, member, a_mail("marmalade"))
            slow = RobotRunner(parts, bus, jobs=JobsOf(SLOW, are_wanted=True))
            others = RobotRunner(parts, bus, jobs=JobsOf(SLOW))
            (mail,) = await answers(database, member)
            await slow.close()
            await others.close()
    assert mail["Subject"] == "First result for 'marmalade'"


@pytest.mark.parametrize(
    ("subject", "why"),
    [
        ("http://inside.example:{port}/", "private network"),
        ("http://127.0.0.1:{port}/", "private network"),
        ("http://[::ffff:127.0.0.1]:{port}/", "private network"),
        ("http://0x7f000001:{port}/", "not a valid name"),
        ("http://127.1:{port}/", "not a valid name"),
        ("http://169.254.169.254/latest/meta-data/", "private network"),
        ("http://allowed.example:25/", "port 25 is not one of the web"),
        ("http://alice:secret@allowed.example:{port}/", "user name"),
        ("ftp://allowed.example/", "not one of http or https"),
        ("file:///etc/passwd", "not one of http or https"),
        ("gopher://allowed.example:{port}/_x", "not one of http or https"),
        ("http://allowed.example:{port}/to-inside", "private network"),
        ("http://allowed.example:{port}/to-file", "not one of http or https"),
        ("http://allowed.example:{port}/to-secret", "user name"),
        ("http://allowed.example:{port}/for-ever", "too many redirects"),
    ],
    ids=lambda value: value.replace("/", "_") if isinstance(value, str) else None,
)
async def test_what_must_not_be_reached_is_not(database: Database, bus: Bus, subject: str, why: str) -> None:
    member = await database.transact(alice)

    def behave(running: Origin, visit: Visit) -> None:
        by_path({
            "/": answer(b"secret"),
            "/to-inside": redirect(f"http://inside.example:{running.port}/"),
            "/to-file": redirect("file:///etc/passwd"),
            "/to-secret": redirect(f"http://a:b@allowed.example:{running.port}/"),
            "/for-ever": redirect("/for-ever"),
        })(running, visit)  # fmt: skip

    with origin(behave, ALLOWED) as web:
        async with web_parts(database, bus) as parts:
            said = await asked(parts, member, subject.format(port=web.port))
        assert not [head for head in web.heads if b"GET / " in head]
    assert said.subject.startswith("Not fetched: ")
    assert why in said.text
    assert not said.parts


async def test_a_name_is_judged_by_where_it_leads_now(database: Database, bus: Bus) -> None:
    """DNS rebinding: public when it is asked first, private the next time."""
    member = await database.transact(alice)
    with origin(always(answer(b"secret", "Connection: close")), ALLOWED) as web:
        async with web_parts(database, bus, turns_example=[[ALLOWED], ["127.0.0.1"]]) as parts:
            url = f"http://turns.example:{web.port}/"
            assert (await asked(parts, member, url)).parts
            parts.web.fetcher._names = Names(Addresses({"turns.example": [["127.0.0.1"]]}), running_reactor())
            assert "private network" in (await asked(parts, member, url)).text


@pytest.mark.parametrize(
    "behave",
    [
        then_endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536),
        always(f"HTTP/1.1 200 OK\r\nContent-Length: {MOST_OCTETS + 1}\r\n\r\n".encode()),
        always(answer(gzip.compress(bytes(MOST_OCTETS + 1), mtime=0), "Content-Encoding: gzip")),
    ],
    ids=["endless", "announced", "compressed"],
)
async def test_what_is_too_large_is_not_kept_and_is_counted(database: Database, bus: Bus, behave: Behave) -> None:
    member = await database.transact(alice)
    with origin(behave, ALLOWED) as web:
        async with web_parts(database, bus) as parts:
            said = await asked(parts, member, f"http://allowed.example:{web.port}/")
    assert f"more than {MOST_OCTETS} octets" in said.text
    assert await counted(database) == [("allowed.example", 502, 1, MOST_OCTETS)]


async def test_a_server_that_says_nothing_is_left_in_time(
    database: Database, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_fetcher, "WITHIN", timedelta(seconds=0.2))
    member = await database.transact(alice)
    with origin(then_silent(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"), ALLOWED) as web:
        async with web_parts(database, bus) as parts:
            said = await asked(parts, member, f"http://allowed.example:{web.port}/")
    assert "did not answer completely in time" in said.text


async def test_the_rules_and_limits_of_the_proxy_count(database: Database, bus: Bus) -> None:
    def make(tx: Transaction) -> Account:
        member = alice(tx)
        add_rule(tx, "both.example", RuleKind.BLOCK)
        add_rule(tx, "127.0.0.3/32", RuleKind.BLOCK, member.id)
        return member

    member = await database.transact(make)
    with origin(by_path({"/": answer(b"tea"), "/on": redirect("http://both.example/")}), ALLOWED) as web:
        async with web_parts(database, bus, blocked_example=[["127.0.0.3"]]) as parts:
            here = f"http://allowed.example:{web.port}"
            for url in (f"http://both.example:{web.port}/", f"{here}/on"):
                assert "a rule of this server keeps you from that site" in (await asked(parts, member, url)).text
            assert (await asked(parts, member, f"{here}/")).parts
            await database.transact(set_limits, member.id, {"octets_per_day": 1})
            await parts.web.fetcher._rulebook.refresh()
            assert "used up what you may fetch in a day" in (await asked(parts, member, f"{here}/")).text


@pytest.mark.parametrize("status", [404, 500, 204])
async def test_only_what_is_there_is_attached(database: Database, bus: Bus, status: int) -> None:
    member = await database.transact(alice)
    with origin(always(answer(b"" if status == 204 else HTML, status=f"{status} X")), ALLOWED) as web:
        async with web_parts(database, bus) as parts:
            said = await asked(parts, member, f"http://{web.authority}/")
    assert bool(said.parts) == (status == 204)
    assert (f"status {status}" in said.text) == (status != 204)


async def test_other_subjects_go_to_the_search_if_there_is_one(database: Database, bus: Bus) -> None:
    member = await database.transact(alice)
    with origin(by_path({"/?q=b%C3%A4r%20%26%20x%2F..": answer(b"found")}), ALLOWED) as web:
        async with web_parts(database, bus, f"http://allowed.example:{web.port}/?q={{query}}") as parts:
            assert (await asked(parts, member, "bär & x/..")).parts[0].octets == b"found"
            assert (await asked(parts, member, "")).subject == "How to fetch a page"
        async with web_parts(database, bus) as parts:
            for subject in ("marmalade", "javascript:alert(1)", "data:text/html,x", f"http://{web.authority}/ now"):
                assert (await asked(parts, member, subject)).subject == "How to fetch a page"


async def test_names_and_types_of_a_stranger_break_no_header(database: Database, bus: Bus) -> None:
    member = await database.transact(alice)
    paths = {'/a"b.html': "page.html", "/..": "page.html", "/.bashrc": "page.html", f"/{'x' * 90}.html": "page.html"}
    evil = answer(HTML, "Content-Type: text/html; x=\x01\xff" + "y" * 200)
    with origin(always(evil), ALLOWED) as web:
        async with web_parts(database, bus) as parts:
            for path, name in paths.items():
                said = await asked(parts, member, f"http://{web.authority}{path}")
                (part,) = said.parts
                assert part.fields[0] == f'Content-Disposition: attachment; filename="{name}"'
                assert all(field.isprintable() and len(field) < 990 for field in part.fields)
                assert "y" * 99 not in said.text


async def test_guests_strangers_and_a_robot_that_is_off_fetch_nothing(database: Database, bus: Bus) -> None:
    member = await database.transact(alice)
    guest = await database.transact(lambda tx: an_account(tx, "gus", role=Role.GUEST))
    with origin(always(answer(HTML)), ALLOWED) as web:
        url = f"http://{web.authority}/"
        async with web_parts(database, bus) as parts:
            for account in (None, guest):
                assert (await asked(parts, account, url)).subject == "Not fetched"
        async with robots(database, bus) as off:
            assert (await asked(off, member, url)).subject == "Not fetched"
        assert web.heads == []
