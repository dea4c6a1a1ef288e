"""A member's first hour with a browser: signing in, the full name, a page from its first text to its history."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from integration_tests.stories.browsing import enter, home
from shared.testing.chromium import chromium

__all__ = ["chromium", "home"]


def test_a_page_is_written_by_two_who_are_told_of_each_other(
    chromium: Browser, home: str, stack: Stack, member: Member, tmp_path: Path
) -> None:
    alice = enter(chromium, home, member, "Alice Fern")
    bob = enter(chromium, home, stack.new_member(), "Bob <b>Reed")
    name = f"Garden {member.name}"
    complaints: list[str] = []
    alice.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)

    alice.goto(f"{home}/{name}")
    alice.fill("#data", "# Beds\n\none **bed**\n\nlast line\n")
    alice.click("text=Preview >> nth=0")
    expect(alice.locator(".prose strong")).to_have_text("bed")
    alice.fill("#comment", "the first bed")
    alice.click("text=Save page")
    expect(alice.locator(".notice")).to_have_text(re.compile(r"^\s*Saved\."))
    assert "Alice Fern" in alice.locator(".meta").first.inner_text()

    for page in (alice, bob):
        page.goto(f"{home}/edit/{name}")
    bob.fill("#data", "# Beds\n\ntwo **beds**\n\nlast line\n")
    bob.click("text=Save page")
    expect(bob.locator(".notice")).to_have_text(re.compile(r"^\s*Saved\."))
    alice.fill("#data", "# Beds\n\nthree **beds**\n\nlast line\n")
    alice.click("text=Save page")
    expect(alice.locator("h1")).to_contain_text("Two changes at once")
    assert "three **beds**" in alice.input_value("#data")
    assert "Bob <b>Reed" in alice.locator(".notice").inner_text()
    alice.click("text=Save this text")
    expect(alice.locator(".notice")).to_have_text(re.compile(r"^\s*Saved\."))

    alice.click("text=History")
    expect(alice.locator("tbody tr")).to_have_count(3)
    alice.click("text=Compare the two selected")
    expect(alice.locator("ins")).to_have_text(["three"])
    alice.click("text=Go back to revision 2")
    expect(alice.locator("article")).to_contain_text("two beds")

    alice.click("text=Attachments")
    (tmp_path / "plan.txt").write_text("a plan")
    alice.set_input_files("#file", tmp_path / "plan.txt")
    alice.click("main button:has-text('Attach')")
    expect(alice.locator("main table")).to_contain_text("plan.txt")

    bob.fill("#find", f"two beds {member.name}")
    bob.press("#find", "Enter")
    bob.click(f"main >> text={name}")
    expect(bob.locator("article")).to_contain_text("two beds")
    assert bob.url.startswith(f"{home}/")
    bob.click("footer >> text=Dark")
    expect(bob.locator("html")).to_have_attribute("data-theme", "dark")

    bob.click(".me summary")
    with bob.expect_navigation():
        bob.click("text=Sign out")
    bob.goto(f"{home}/account")
    assert "Sign in" in bob.inner_text("h1")
    assert complaints == [
        each for each in complaints if "409" in each
    ]  # the conflict; nothing was kept out by the content policy


def test_the_list_of_keys_opens_and_keys_lead_on(chromium: Browser, home: str, stack: Stack, member: Member) -> None:
    page = enter(chromium, home, member, "Alice Fern")
    page.goto(f"{home}/WikiHome")
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open] #keys")
    page.keyboard.press("Escape")
    page.wait_for_selector("#keys", state="hidden")
    page.keyboard.press("h")
    page.wait_for_url(f"{home}/history/WikiHome")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.type("eh")  # they are letters while a field has the focus
    assert page.input_value("#find") == "eh"
