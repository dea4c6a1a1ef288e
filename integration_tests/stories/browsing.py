"""Members who use a browser.

A click does not always wait for the page that it leads to: what a page shows is waited for with `expect`.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack

PATIENCE_MS = 30_000.0  # of one step, on a busy machine
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def home(stack: Stack) -> str:
    """The site's address."""
    host, port = stack.web
    return f"http://{host}:{port}"


def enter(browser: Browser, home: str, member: Member, full_name: str) -> Page:
    """A page of a browser of its own, in which the member has signed in for the first time and told their name.

    An error of a script, and anything that the content policy keeps out, fails the test.
    """
    page = browser.new_context(base_url=home).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("console", lambda line: pytest.fail(line.text) if "Content Security Policy" in line.text else None)
    page.goto("/sign-in?then=/recent")
    page.fill("#name", member.name)
    page.fill("#password", member.password)
    page.click("main button.primary")
    expect(page.locator("h1")).to_have_text("What is your full name?")
    page.fill("#full-name", full_name)
    page.click("main button.primary")
    page.wait_for_url(f"{home}/recent")
    return page
