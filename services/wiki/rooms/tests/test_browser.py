"""Two members with browsers: one posts, the other sees it without loading the page; pages on a phone and a desktop."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import Browser, Page

from services.wiki.tests.web import PASSWORD, Web
from shared.rooms.room import Readers
from shared.rooms.tests.build import a_post, an_article, an_open_room, posted
from shared.testing.chromium import chromium

__all__ = ["chromium"]

WIDTHS = (390, 820, 1440)
SHOTS = os.environ.get("AGORA_SCREENSHOTS", "")  # a folder for pictures of every page


def a_page(chromium: Browser, web: Web, name: str | None = None, **options: object) -> Page:
    """A browser of its own, signed in; what it says about blocked or broken things fails the test."""
    page = chromium.new_context(base_url=f"http://127.0.0.1:{web.port}", **options).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(30_000)
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("console", lambda line: pytest.fail(line.text) if "Content Security Policy" in line.text else None)
    if name is not None:
        page.goto("/sign-in")
        page.fill("#name", name)
        page.fill("#password", PASSWORD)
        page.click("main button.primary")
    return page


def filled(web: Web) -> None:
    """Rooms with some life."""
    garden = an_open_room(
        web.transaction, "local.garden", description="Beds, seeds, the watering rota", reading=Readers.MEMBERS
    )
    an_open_room(web.transaction, "local.workshop", description="Tools, the kiln, repairs", moderated=True)
    an_open_room(web.transaction, "rss.city-council-planning-notices", description="Planning notices", fed=True)
    first = an_article(
        "Seed swap on Saturday: who brings what?",
        identifier="<1@x>",
        body="Seven people have said they come on Saturday. So that we do not end up with forty envelopes of "
        "courgettes again, please write here what you bring.\r\n\r\nThe list: https://yard.example/list\r\n",
        Date="Mon, 23 Nov 2026 08:15:00 +0000",
    )
    second = an_article(
        "Re: Seed swap on Saturday: who brings what?",
        References="<1@x>",
        body="Alice wrote:\r\n> Seven people have said\r\n> they come on Saturday.\r\n> So that we do not\r\n"
        "> end up with forty envelopes\r\n\r\nForty-one. I counted.\r\n",
        Date="Wed, 25 Nov 2026 15:58:00 +0000",
    )
    third = an_article(
        "=?utf-8?b?5pil5aSp56eN5LuA5LmI77ya55Wq6IyE44CB6buE55Oc6L+Y5piv6LGG6KeS77yf?=",
        body="我带三种豆角和一包紫苏。🫘🍅\r\n",
        Date="Sun, 22 Nov 2026 07:30:00 +0000",
        Content_Type="text/plain; charset=utf-8",
    )
    posted(web.transaction, *(a_post(garden, octets=octets) for octets in (first, second, third)))
    web.transaction.commit()


def test_a_second_browser_sees_what_is_posted(web: Web, chromium: Browser) -> None:
    filled(web)
    alice, bob = a_page(chromium, web, "alice"), a_page(chromium, web, "bob")
    bob.goto("/rooms/local.garden")
    alice.goto("/rooms/local.garden")
    alice.keyboard.press("c")
    alice.wait_for_url("**/new")
    alice.fill("#subject", "Frost on Thursday night 🥶")
    alice.fill("#text", "Cover the lemon trees.\n<script>alert(1)</script>")
    alice.keyboard.press("Control+Enter")
    alice.wait_for_url("**/threads/4*")
    bob.wait_for_selector("#live a")
    assert bob.inner_text("#live") == "1 new message: show it"
    assert bob.title().startswith("(1) ")
    bob.click("#live a")
    bob.click("text=Frost on Thursday night")
    assert "Cover the lemon trees." in bob.inner_text("article.message")
    bob.click("text=Quote")
    bob.wait_for_url("**/reply?quote")
    bob.fill("#text", bob.input_value("#text") + "Done.")
    bob.click("main button.primary")
    bob.wait_for_url("**/threads/5*")
    alice.wait_for_selector("#live a")
    alice.click("#live a")
    alice.wait_for_selector("#m5")
    assert "Done." in alice.inner_text("#m5")
    assert alice.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("path", ["/rooms/", "/rooms/local.garden", "/rooms/local.garden/threads/1", "/rooms/~held",
    "/rooms/local.garden/2", "/rooms/local.garden/1/reply?quote", "/blog/", "/blog/new", "/feeds/",
    "/rooms/local.workshop", "/rooms/rss.city-council-planning-notices"])  # fmt: skip
def test_nothing_scrolls_sideways_at_any_width(web: Web, chromium: Browser, path: str) -> None:
    filled(web)
    for name, title in (("alice", "A summer without the pump ☀"), ("bob", "读书会的第一年")):
        browser = web.browser(name)
        body = "The pump broke on the *third of June*.\n\n- forty cans\n- two people\n\n" + "Nobody would. " * 150
        browser.post("/blog/save", {"csrf": browser.csrf("/blog/new"), "title": title, "body": body})
    browser = web.browser("bob")
    browser.post("/rooms/local.workshop/new", {"csrf": browser.csrf("/about"), "subject": "The lathe", "text": "Hums."})
    for scheme in ("light", "dark"):
        page = a_page(chromium, web, "root", color_scheme=scheme)
        for width in (320, *WIDTHS):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
            if SHOTS and width in WIDTHS:
                name = path.strip("/").replace("/", "-").replace("?", "-") or "front"
                page.screenshot(path=f"{SHOTS}/{name}-{scheme}-{width}.png", full_page=True)
