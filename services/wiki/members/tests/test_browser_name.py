"""Browsers in words."""

from __future__ import annotations

import pytest

from services.wiki.members.browser_name import browser_name
from services.wiki.tests.web import PASSWORD, Web

_KHTML = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_KHTML} Chrome/143.0.0.0 Safari/537.36", "Chrome on Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {_KHTML} Chrome/143.0 Safari/537.36 Edg/143.0", "Edge on Windows"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {_KHTML} Chrome/143.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Safari/604.1", "Safari on iPhone"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "Unknown"),
        ("<b>" * 100, ("<b>" * 100)[:60]),
    ],
    ids=["firefox", "chrome", "edge", "android", "iphone", "curl", "none", "hostile"],
)
def test_a_browser_is_named(agent: str, name: str) -> None:
    assert browser_name(agent) == name


def test_sessions_are_listed_by_browser_with_the_exact_words_as_title(web: Web) -> None:
    alice = web.browser("alice")
    other = web.browser()
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    form = {"name": "alice", "password": PASSWORD, "then": "/about"}
    assert other.post("/sign-in", form, User_Agent=agent).status == 303
    assert f'<span title="{agent}">Firefox on Linux</span>' in alice.get("/account").text
