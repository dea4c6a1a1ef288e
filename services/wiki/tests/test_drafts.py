"""What was typed and not sent is there again: after the Back button, a closed tab, an end of the session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from services.wiki.tests.web import PASSWORD, Web, basic
from shared.testing.chromium import chromium

__all__ = ["chromium"]

OFFER = ".notice:has-text('was not sent')"


@pytest.fixture
def alice(web: Web, chromium: Browser) -> Iterator[BrowserContext]:
    """Her browser, signed in; the page TeaPage is there."""
    web.script().ask("PUT", "/TeaPage", b"one\n\ntwo\n\nthree\n", Authorization=basic("alice"))
    context = chromium.new_context(base_url=f"http://127.0.0.1:{web.port}")
    context.set_default_timeout(30_000)
    sign_in(context.new_page(), "/TeaPage")
    yield context
    context.close()


def sign_in(page: Page, then: str) -> None:
    page.goto(f"/sign-in?then={then}")
    page.fill("#name", "alice")
    page.fill("#password", PASSWORD)
    page.click("main button.primary")


def typed(alice: BrowserContext, text: str) -> Page:
    page = alice.pages[0]
    page.goto("/edit/TeaPage")
    page.fill("#data", text)
    return page


def test_a_closed_tab_loses_nothing_and_the_base_comes_back_with_the_text(web: Web, alice: BrowserContext) -> None:
    typed(alice, "one\n\ntwo\n\nTHREE\n").close()
    web.script().ask("PUT", "/TeaPage", b"ONE\n\ntwo\n\nthree\n", Authorization=basic("bob"))
    page = alice.new_page()
    page.goto("/edit/TeaPage")
    assert page.input_value("#data") == "ONE\n\ntwo\n\nthree\n"
    page.click("text=Put it back")
    assert page.input_value("#data") == "one\n\ntwo\n\nTHREE\n"
    page.click("text=Save page")
    assert page.locator(".notice").inner_text().startswith("Saved and merged.")
    assert web.script().get("/TeaPage", Accept="text/plain").text == "ONE\n\ntwo\n\nTHREE\n"
    page.goto("/edit/TeaPage")
    assert page.locator(OFFER).count() == 0


def test_the_back_button_loses_nothing(alice: BrowserContext) -> None:
    page = typed(alice, "what I typed")
    page.click("text=Rooms")
    page.wait_for_url("**/rooms/")
    page.go_back()
    if page.input_value("#data") != "what I typed":
        page.click("text=Put it back")
    assert page.input_value("#data") == "what I typed"


def test_an_ended_session_loses_nothing(alice: BrowserContext) -> None:
    page = typed(alice, "what I typed")
    alice.clear_cookies()
    page.click("text=Save page")
    page.fill("#name", "alice")
    page.fill("#password", PASSWORD)
    page.click("main button.primary")
    assert page.input_value("#kept-data") == "what I typed"
    page.click("main button.primary")
    page.wait_for_url("**/TeaPage")
    page.goto("/edit/TeaPage")
    assert page.input_value("#data") == "what I typed"
    assert page.locator(OFFER).count() == 0


def test_a_conflict_keeps_the_draft_until_it_is_saved(web: Web, alice: BrowserContext) -> None:
    page = typed(alice, "mine")
    web.script().ask("PUT", "/TeaPage", b"theirs", Authorization=basic("bob"))
    page.click("text=Save page")
    assert page.inner_text("h1") == "Two changes at once"
    page.close()
    page = alice.new_page()
    page.goto("/edit/TeaPage")
    assert page.locator(OFFER).count() == 1


def test_a_draft_can_be_dropped_and_is_nobody_elses(alice: BrowserContext) -> None:
    page = typed(alice, "what I typed")
    page.goto("/edit/TeaPage")
    page.click("text=Drop it")
    page.goto("/edit/TeaPage")
    assert page.locator(OFFER).count() == 0
    page.fill("#data", "again")
    page.click(".me summary")
    page.click("text=Sign out")
    sign_in(page, "/edit/TeaPage")
    page.wait_for_url("**/edit/TeaPage")
    assert page.locator(OFFER).count() == 0


def test_a_message_and_a_post_are_kept_too(alice: BrowserContext) -> None:
    page = alice.pages[0]
    page.goto("/blog/new")
    page.fill("#body", "my post")
    page.goto("/blog/new")
    page.click("text=Put it back")
    assert page.input_value("#body") == "my post"
    page.fill("#title", "Title")
    page.click("main button.primary")
    page.wait_for_url("**/blog/")
    page.goto("/blog/new")
    assert page.locator(OFFER).count() == 0
