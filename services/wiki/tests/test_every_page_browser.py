"""Every kind of page in a browser: everybody can use it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, Route

from services.wiki.tests.every_page import Shown, every_page
from services.wiki.tests.web import Web
from shared.testing.chromium import chromium

__all__ = ["chromium"]

WIDTHS = (390, 820, 1440)
SCHEMES = ("light", "dark")
SHOTS = os.environ.get("AGORA_SCREENSHOTS", "")  # a folder for pictures of every page


def test_everybody_can_use_every_page(web: Web, chromium: Browser) -> None:
    """axe finds nothing at a desktop's width in the light and at a phone's in the dark; nothing scrolls sideways.

    It takes a while: there are about a hundred pages. With AGORA_SCREENSHOTS=FOLDER each of them is a picture there, at
    each width and in both schemes.
    """
    page = _opened(web, chromium)
    found: list[str] = []
    for number, shown in enumerate(every_page(web)):
        _show(page, shown)
        page.evaluate(AXE_SCRIPT)
        _look_at(page, "light", 1440)
        found += _axe(page, shown)
        _look_at(page, "dark", 390)
        found += _axe(page, shown, runOnly=["color-contrast", "target-size"])
        for width in (320, *WIDTHS):
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append(f"{shown.name} scrolls sideways at {width}")
        if page.evaluate(
            "[...document.querySelectorAll('.tag')].some(e => getComputedStyle(e, '::before').content != 'none')"
        ):
            found.append(f"{shown.name} has a separator inside a tag's border")
        if SHOTS:
            _take_pictures(page, number, shown.name)
    assert not found, "\n".join(found)


def _axe(page: Page, shown: Shown, **options: object) -> Iterator[str]:
    found = page.evaluate("options => axe.run(options)", {"resultTypes": ["violations"], **options})
    for violation in found["violations"]:
        for node in violation["nodes"]:
            yield f"{shown.name}: {violation['id']}: {node['html']} {node['failureSummary']}"


def _look_at(page: Page, scheme: Any, width: int) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})


def _take_pictures(page: Page, number: int, name: str) -> None:
    name = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    for scheme in SCHEMES:
        for width in WIDTHS:
            _look_at(page, scheme, width)
            page.screenshot(path=f"{SHOTS}/{number:03}-{name}-{scheme}-{width}.png", full_page=True)


def _opened(web: Web, chromium: Browser) -> Page:
    page = chromium.new_context(base_url=f"http://127.0.0.1:{web.port}").new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("console", lambda line: pytest.fail(line.text) if "Content Security Policy" in line.text else None)
    return page


def _show(page: Page, shown: Shown) -> None:
    """The answer that was got before, at its own address, with its own content policy."""
    url = re.compile(re.escape(shown.path) + "$")
    fields = {name: value for name, value in shown.got.fields.items() if name != "set-cookie"}

    def fulfil(route: Route) -> None:
        route.fulfill(status=shown.got.status, headers=fields, body=shown.got.body)

    page.route(url, fulfil, times=1)
    page.goto(shown.path)
