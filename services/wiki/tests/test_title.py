"""The name of the site in a running process."""

from __future__ import annotations

from services.wiki.tests.web import Web


def test_a_title_that_is_changed_in_the_process_shows_at_the_next_request(web: Web) -> None:
    browser = web.browser()
    before = browser.get("/")
    site = web.parts.templates
    site.title = "Changed"
    after = browser.get("/")
    assert "Changed" not in before.text
    assert "<title>WikiHome" in after.text
    assert "Changed" in after.text
    assert site.title == "Changed"
