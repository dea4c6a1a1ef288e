"""Headings of a text are below those of the page that it is shown on."""

from __future__ import annotations

import pytest
from markupsafe import Markup

from services.wiki.site.headings import beneath
from services.wiki.tests.web import Web, basic


@pytest.mark.parametrize(
    ("html", "level", "expected"),
    [
        ("<h2>a</h2>", 1, "<h2>a</h2>"),
        ('<h1 id="h-a">a</h1><h2>b</h2>', 1, '<h2 id="h-a">a</h2><h3>b</h3>'),
        ("<h1>a</h1>", 2, "<h3>a</h3>"),
        ("<h2>a</h2><h3>b</h3>", 2, "<h3>a</h3><h4>b</h4>"),
        ("<h1>a</h1><h6>b</h6><hr><header>", 1, "<h2>a</h2><h6>b</h6><hr><header>"),
        ("&lt;h1&gt; <p>h1</p>", 1, "&lt;h1&gt; <p>h1</p>"),
    ],
)
def test_headings_go_down_together_and_no_further_than_needed(html: str, level: int, expected: str) -> None:
    assert beneath(Markup(html), level) == expected


def test_a_page_has_one_heading_of_the_first_level_whatever_its_text_has(web: Web) -> None:
    web.script().ask("PUT", "/TeaPage", b"# One\n\n# Two\n\n## Three\n", Authorization=basic("alice"))
    page = web.browser().get("/TeaPage").text
    assert page.count("<h1") == 1
    assert '<h2 id="h-two">Two</h2>' in page
    assert '<h3 id="h-three">Three</h3>' in page
