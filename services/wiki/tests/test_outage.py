"""PostgreSQL is away: 503 with Retry-After, and what was typed is kept in the form."""

from __future__ import annotations

import pytest

from services.wiki.tests.web import Web, basic
from shared.database.errors import StoreUnavailable
from shared.testing.reactor import wait_for


@pytest.fixture
def away(web: Web) -> Web:
    """The site, whose database has been closed."""
    browser = web.browser("alice")
    browser.get("/about")
    web.away = browser  # type: ignore[attr-defined]  # her session is remembered
    web.csrf = browser.csrf()  # type: ignore[attr-defined]
    wait_for(web.parts.database.close)
    return web


def test_a_form_gives_back_what_was_typed(away: Web) -> None:
    browser = away.away  # type: ignore[attr-defined]
    form = {"path": "TeaPage", "data": "my <words>", "comment": "why", "base": "3", "csrf": away.csrf}  # type: ignore[attr-defined]
    got = browser.post("/save", form)
    assert got.status == 503
    assert int(got.fields["retry-after"]) > 0
    assert ">\nmy &lt;words&gt;</textarea>" in got.text
    assert 'value="why"' in got.text
    assert 'name="base" value="3"' in got.text
    assert "Your text is still here." in got.text


def test_pages_and_programs_are_told_to_come_back(away: Web) -> None:
    for got in (away.browser().get("/TeaPage"), away.script().get("/TeaPage", Accept="application/json")):
        assert got.status == 503
        assert int(got.fields["retry-after"]) > 0
        assert StoreUnavailable.__name__ not in got.text
    put = away.script().ask("PUT", "/TeaPage", b"x", Authorization=basic("alice"))
    assert put.status == 503


def test_what_needs_no_store_is_there(away: Web) -> None:
    assert away.script().get("/static/style.css").status == 200
    assert away.browser().get("/about").status == 200
