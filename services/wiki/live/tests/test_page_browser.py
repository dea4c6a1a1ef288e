"""Two members with browsers: who reads or edits a page is told quietly that the other has saved it."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from services.wiki.rooms.tests.test_browser import a_page
from services.wiki.tests.test_pages import put
from services.wiki.tests.web import Web
from shared.testing.chromium import chromium

__all__ = ["chromium"]


def test_a_reader_is_told_and_an_editor_keeps_what_is_typed(web: Web, chromium: Browser) -> None:
    put(web, "/TeaPage", "Tea at four.")
    reader, editor = a_page(chromium, web), a_page(chromium, web, "alice")
    reader.goto("/TeaPage")
    editor.goto("/edit/TeaPage")
    editor.fill("#data", "Tea at six, with cake.")
    expect(reader.locator("#live a")).to_have_count(0)
    put(web, "/TeaPage", "Tea at five.", "bob")
    news = reader.locator("#live a")
    expect(news).to_have_text("Changed by Bob Fern just now: show")
    expect(reader.locator("article")).to_contain_text("Tea at four.")  # nothing moves by itself
    news.click()
    expect(reader.locator("article")).to_contain_text("Tea at five.")
    expect(reader.locator("#live a")).to_have_count(0)
    expect(editor.locator("#live a")).to_contain_text("Bob Fern saved revision 2")
    with editor.expect_popup() as opened:
        editor.click("#live a")
    expect(opened.value.locator("h2, h1").first).to_be_visible()
    expect(editor.locator("#data")).to_have_value("Tea at six, with cake.")
