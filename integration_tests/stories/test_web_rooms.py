"""Members with browsers in a room, seeing each other's messages at once, and marks that are those of IMAP."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from integration_tests.stories.browsing import enter, home
from shared.testing.chromium import chromium
from shared.testing.eventually import eventually

__all__ = ["chromium", "home"]


@pytest.fixture
def room(stack: Stack) -> Iterator[str]:
    """A room that everybody reads and posts to."""
    name = f"local.web-{secrets.token_hex(4)}"
    made = stack.agora("room", "add", name, "--read", "everyone", "--post", "members")
    assert made.returncode == 0, made.stderr
    yield name
    stack.agora("room", "delete", name, "--yes")


def unseen(member: Member, room: str) -> list[bytes]:
    """The messages that IMAP calls unseen."""
    with member.imap(f"Rooms/{room}") as session:
        status, found = session.uid("SEARCH", "UNSEEN")
        assert status == "OK", found
        return list(found[0].split())


def test_what_one_posts_the_other_sees_at_once_and_answers(
    chromium: Browser, home: str, stack: Stack, member: Member, room: str
) -> None:
    alice = enter(chromium, home, member, "Alice Fern")
    bob = enter(chromium, home, stack.new_member(), "Bob Reed")
    for page in (alice, bob):
        page.goto(f"/rooms/{room}")
    alice.click("text=New thread")
    alice.fill("#subject", "Frost on Thursday 🥶")
    alice.fill("#text", "Cover the lemon trees.\n<script>alert(1)</script>")
    alice.keyboard.press("Control+Enter")
    alice.wait_for_url("**/threads/1*")

    bob.wait_for_selector("#live a")
    assert bob.inner_text("#live") == "1 new message: show it"
    assert bob.title().startswith("(1) ")
    bob.click("#live a")
    bob.click("text=Frost on Thursday")
    expect(bob.locator("article.message")).to_contain_text("<script>alert(1)</script>")
    bob.click("text=Quote")
    bob.fill("#text", bob.input_value("#text") + "\nDone.")
    bob.click("main button.primary")
    bob.wait_for_url("**/threads/2*")

    alice.wait_for_selector("#live a")
    alice.click("#live a")
    alice.wait_for_selector("#m2")
    assert "Bob Reed" in alice.inner_text("#m2")
    assert "Done." in alice.inner_text("#m2")
    expect(alice.locator("article.message")).to_have_count(2)


def test_what_is_read_in_a_browser_is_seen_by_imap_and_the_other_way_round(
    chromium: Browser, home: str, stack: Stack, member: Member, room: str
) -> None:
    author = enter(chromium, home, stack.new_member(), "Bob Reed")
    for subject in ("first", "second", "third"):
        author.goto(f"/rooms/{room}/new")
        author.fill("#subject", subject)
        author.fill("#text", subject)
        author.click("main button.primary")
        author.wait_for_url("**/threads/*")
    eventually(lambda: len(unseen(member, room)) == 3, "IMAP has the three")

    reader = enter(chromium, home, member, "Alice Fern")
    reader.goto(f"/rooms/{room}")
    assert reader.locator("li.unread").count() == 3
    reader.click("main .title >> text=first")
    expect(reader.locator("article.message.unread")).to_have_count(1)
    eventually(lambda: unseen(member, room) == [b"2", b"3"], "the message is seen by IMAP, too")

    with member.imap(f"Rooms/{room}") as session:
        session.uid("STORE", "2", "+FLAGS", "(\\Seen \\Flagged)")

    def left() -> bool:
        reader.goto(f"/rooms/{room}")
        return reader.locator("li.unread").count() == 1

    eventually(left, "the browser shows what IMAP has marked")
    reader.click("main .title >> text=second")
    expect(reader.locator("article.message .meta").first).to_contain_text("flagged")
    reader.click("text=Mark unread")
    eventually(lambda: unseen(member, room) == [b"2", b"3"], "IMAP shows what the browser has marked")
    reader.goto(f"/rooms/{room}")
    reader.click("text=Mark all as read")
    eventually(lambda: not unseen(member, room), "all are seen by IMAP")
