"""Chromium finds the proxy by its PAC file, signs in, and reads a site; the words it read are in the report."""

from __future__ import annotations

import base64
import json
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest
import requests
from playwright.sync_api import Browser, expect
from playwright.sync_api import Page as PlaywrightPage

from integration_tests.proxy.site import Page, Site, site
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from shared.testing.chromium import ARGUMENTS, running_chromium
from shared.testing.eventually import eventually

NAMES_OF_THIS_MACHINE = (socket.gethostname(), "ip6-loopback", "vm")
COUNTED_WITHIN = timedelta(seconds=40)  # words are written every 10 s
PATIENCE_MS = 30_000.0  # of one step, on a busy machine
PAGES = {
    "/": Page(
        b"<!doctype html><meta charset=utf-8><title>Marmalade</title><link rel=icon href=data:,>"
        b"<p>marmalade and the kettle, <b>marmalade</b> again</p><script>var scripted = 'scripted'</script>"
        b'<a href="/two">two</a>'
    ),
    "/two": Page("<p>Teekessel, teekessel; 紅茶</p>".encode()),
    "/three": Page("<p>чайник чайник чайник".encode("windows-1251"), "text/html; charset=windows-1251"),
}


@pytest.fixture
def browser(stack: Stack, member: Member) -> Iterator[Browser]:
    """Chromium that knows of the proxy by the PAC file alone, and how to answer when asked to sign in."""
    host, port = stack.http_proxy
    proxy = {"server": f"http://{host}:{port}", "username": member.name, "password": member.password}
    with running_chromium([f"--proxy-pac-url=http://{host}:{port}/proxy.pac"], proxy=proxy) as launched:
        yield launched


@pytest.fixture
def operators(browser: Browser) -> Iterator[PlaywrightPage]:
    """A page of a browser that needs no proxy. `browser` has found that there is Chromium."""
    launched = browser.browser_type.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
    yield launched.new_page()
    launched.close()


@pytest.fixture
def small_site(stack: Stack) -> Iterator[tuple[Site, str]]:
    """The site, and a name for it: Chromium asks no proxy for loopback addresses, whatever the PAC file says."""
    with ExitStack() as served:
        if stack.kind == "compose":
            yield served.enter_context(site(stack.here, PAGES)), stack.here
            return
        name, address = _name_of_this_machine()
        yield served.enter_context(site(address, PAGES)), name


def _name_of_this_machine() -> tuple[str, str]:
    for name in NAMES_OF_THIS_MACHINE:
        try:
            address = socket.gethostbyname(name)
        except OSError:
            continue
        if address.startswith("127.") and not name.startswith("localhost"):
            return name, address
    pytest.skip("no name but localhost leads to this machine")


def words_of(stack: Stack, member: Member) -> dict[str, int]:
    answer = stack.agora("proxy", "report", "words", "--account", member.name, "--json")
    assert answer.returncode == 0, answer.stderr
    return {row["word"]: row["times"] for row in json.loads(answer.stdout)}


def test_words_of_the_pages_that_were_read_are_counted(
    browser: Browser, small_site: tuple[Site, str], stack: Stack, member: Member
) -> None:
    served, name = small_site
    page = browser.new_page()
    page.goto(served.url("/", name))
    assert page.title() == "Marmalade"
    with page.expect_navigation():  # else the next page may be asked for instead of this one
        page.click("a")
    page.goto(served.url("/three", name))
    assert page.inner_text("p") == "чайник чайник чайник"
    assert [seen.path for seen in served.seen if seen.path != "/favicon.ico"] == ["/", "/two", "/three"]
    assert all("Via" in seen.headers for seen in served.seen)
    wanted = {"marmalade": 3, "kettle": 1, "teekessel": 2, "紅茶": 1, "чайник": 3}
    eventually(lambda: words_of(stack, member).items() >= wanted.items(), "the words are counted", COUNTED_WITHIN)
    found = words_of(stack, member)
    assert {word: count for word, count in found.items() if word in wanted} == wanted
    assert not {"scripted", "the"} & set(found)


def test_the_report_is_a_page(
    browser: Browser, small_site: tuple[Site, str], stack: Stack, member: Member, operators: PlaywrightPage
) -> None:
    served, name = small_site
    browser.new_page().goto(served.url("/", name))
    eventually(lambda: "marmalade" in words_of(stack, member), "the words are counted", COUNTED_WITHIN)
    eventually(lambda: _requests_of(stack, member) >= 1, "the usage is counted", COUNTED_WITHIN)
    host, port = stack.http_proxy_report
    admin = stack.new_member("admin")
    assert stack.agora("user", "set-role", admin.name, "admin").returncode == 0
    operators.context.set_extra_http_headers({"Authorization": _basic(admin)})
    answer = operators.goto(f"http://{host}:{port}/proxy/?account={member.name}")
    assert answer is not None
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert operators.locator("svg").count() >= 1
    row = operators.locator("tr", has_text="marmalade")
    assert row.inner_text().split() == ["marmalade", "3", "1"]
    assert operators.locator("tr", has_text=name).count() == 1
    operators.get_by_role("textbox", name="Account").fill("nobody-of-this-name")
    operators.get_by_role("button").click()
    expect(operators.locator("body")).to_have_text("There is no such account.", timeout=PATIENCE_MS)


def test_the_report_is_for_administrators(stack: Stack, member: Member) -> None:
    """Opened from this machine, also where the stack is in containers."""
    host, port = stack.http_proxy_report
    statuses = [
        requests.get(f"http://{host}:{port}/proxy/usage.json", auth=auth, timeout=20).status_code
        for auth in (None, (member.name, "wrong"), (member.name, member.password))
    ]
    assert statuses == [401, 401, 403]
    assert requests.get(f"http://{host}:{port}/metrics", timeout=20).status_code == 404
    if stack.kind == "local":
        for command in (("status",), ("proxy", "status")):
            assert f"word and usage report: http://{host}:{port}/proxy/" in stack.agora(*command).stdout


def _basic(member: Member) -> str:
    return "Basic " + base64.b64encode(f"{member.name}:{member.password}".encode()).decode()


def _requests_of(stack: Stack, member: Member) -> int:
    answer = stack.agora("proxy", "report", "usage", "--by", "account", "--json")
    assert answer.returncode == 0, answer.stderr
    return sum(int(row["requests"]) for row in json.loads(answer.stdout) if member.name in map(str, row.values()))
