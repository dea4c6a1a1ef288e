"""An administrator with a browser: a post that waits is approved, an account is shut out and let in again."""

from __future__ import annotations

import secrets

import pytest
from playwright.sync_api import Browser, Page, expect

from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from integration_tests.stories.browsing import enter, home
from shared.testing.chromium import chromium
from shared.testing.eventually import eventually

__all__ = ["chromium", "home"]


@pytest.fixture
def admin(chromium: Browser, home: str, stack: Stack) -> Page:
    account = stack.new_member("admin")
    assert stack.agora("user", "set-role", account.name, "admin").returncode == 0
    return enter(chromium, home, account, "Root Fern")


def test_a_post_that_waits_is_approved_and_is_there(
    chromium: Browser, home: str, stack: Stack, member: Member, admin: Page
) -> None:
    room = f"local.held-{secrets.token_hex(4)}"
    made = stack.agora("room", "add", room, "--read", "everyone", "--post", "members", "--moderated")
    assert made.returncode == 0, made.stderr
    alice = enter(chromium, home, member, "Alice Fern")
    subject = f"The lathe {secrets.token_hex(4)}"
    eventually(lambda: alice.goto(f"/rooms/{room}/new").status == 200, "the site knows the room")  # type: ignore[union-attr]
    alice.fill("#subject", subject)
    alice.fill("#text", "It hums.")
    alice.click("main button.primary")
    expect(alice.locator(".notice")).to_contain_text("Your post waits for a moderator.")

    admin.goto("/rooms/~held")
    admin.click(f"text={subject}")
    expect(admin.locator("main")).to_contain_text("It hums.")
    admin.click("text=Approve")
    expect(admin.locator(".notice")).to_contain_text("Approved.")
    alice.goto(f"/rooms/{room}")
    assert subject in alice.inner_text(".rows")


def test_an_account_is_shut_out_and_let_in(chromium: Browser, home: str, stack: Stack, admin: Page) -> None:
    member = stack.new_member("a-member")  # the page shows the first thousand by name
    alice = enter(chromium, home, member, "Alice Fern")
    admin.goto("/")
    admin.click(".me summary")
    admin.click("text=Administration")
    row = admin.locator("tr", has_text=member.name)
    expect(row).to_contain_text("Alice Fern")
    row.get_by_role("button", name="Shut out").click()

    def is_out() -> bool:
        alice.goto("/account")
        return alice.inner_text("h1") == "Sign in"

    eventually(is_out, "the session has ended")
    admin.get_by_role("button", name="Let in").click()  # on the page of the account, where the change is told
    expect(admin.locator(".notice")).to_contain_text("The account may sign in.")
    alice.fill("#name", member.name)
    alice.fill("#password", member.password)
    alice.click("main button.primary")
    alice.wait_for_url(f"{home}/account")


def test_pages_of_administrators_are_not_for_members(chromium: Browser, home: str, member: Member) -> None:
    alice = enter(chromium, home, member, "Alice Fern")
    for path in ("/admin/", "/admin/rooms", "/admin/feeds", "/admin/proxy"):
        answer = alice.goto(path)
        assert answer is not None
        assert answer.status == 403
        assert alice.inner_text("h1") == "Administrators only"
    assert alice.locator("text=Administration").count() == 0
