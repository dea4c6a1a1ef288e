"""Forwards on the account page, and the page that confirms one."""

from __future__ import annotations

import re

from services.wiki.tests.web import PASSWORD, Browser, Web
from shared.administration import audit
from shared.rooms.subscriptions.elsewhere.tests.build import in_queue

ELSEWHERE = "me@elsewhere.test"


def ask(browser: Browser, target: str = ELSEWHERE, password: str = PASSWORD) -> object:
    form = {"csrf": browser.csrf("/account"), "own_password": password, "address": target}
    return browser.post("/account/forward", form)


def path_of_question(web: Web) -> str:
    """The page that confirms, of the last question."""
    found = [re.search(rb"confirm\+([0-9a-f]{32})@", each.octets) for each in in_queue(web.transaction)]
    web.transaction.commit()
    return f"/account/forward/confirm/{[each[1].decode() for each in found if each is not None][-1]}"


def test_a_forward_waits_is_confirmed_by_a_button_and_deleted(web: Web) -> None:
    alice, stranger = web.browser("alice"), web.browser()
    got = ask(alice)
    assert (got.status, got.fields["location"]) == (303, "/account?done=forward")  # type: ignore[attr-defined]
    page = alice.get("/account?done=forward").text
    assert "The address is asked by mail." in page
    assert "waiting for confirmation" in page
    confirm = path_of_question(web)
    assert f"sent on to <bdi>{ELSEWHERE}</bdi>" in stranger.get(confirm).text
    assert "waiting for confirmation" in alice.get("/account").text  # a program that follows links confirms nothing
    assert "from now on" in stranger.post(confirm, {}).text
    assert stranger.post(confirm, {}).status == stranger.get(confirm).status == 404
    page = alice.get("/account").text
    assert "waiting for confirmation" not in page
    assert "confirmed</span>" in page
    form = {"csrf": alice.csrf("/account"), "address": ELSEWHERE}
    assert alice.post("/account/forward/delete", {"address": ELSEWHERE}).status == 403
    assert alice.post("/account/forward/delete", form).status == 303
    assert alice.post("/account/forward/delete", form).status == 404
    assert ELSEWHERE not in alice.get("/account").text
    lines = [(each.account, each.door, each.command) for each in audit.list_lines(web.transaction)]
    web.transaction.commit()
    assert lines == [
        ("alice", "web", f"user forward {words} alice {ELSEWHERE}") for words in ("delete", "confirm", "add")
    ]


def test_a_forward_needs_the_accounts_own_password(web: Web) -> None:
    """A session that was left open, or that began with an app password, sends no mail elsewhere."""
    alice = web.browser("alice")
    got = ask(alice, password="not hers at all")
    assert got.status == 403  # type: ignore[attr-defined]
    assert "The address is not asked. That is not the password of your account." in got.text  # type: ignore[attr-defined]
    assert f'value="{ELSEWHERE}"' in got.text  # type: ignore[attr-defined]
    csrf = alice.csrf("/account")
    copy = {"csrf": csrf, "copy": "off"}
    assert alice.post("/account/forward/copy", {**copy, "own_password": "not hers at all"}).status == 403
    assert alice.post("/account/forward/copy", copy).status == 400
    assert web.transaction.value("SELECT bool_and(keeps_forwarded) FROM account")
    web.transaction.commit()
    assert not in_queue(web.transaction)


def test_what_cannot_be_forwarded_to_is_told_and_stays_in_the_form(web: Web) -> None:
    alice = web.browser("alice")
    domain = web.transaction.value("SELECT name FROM domain LIMIT 1")
    web.transaction.commit()
    for target, status, why in (
        (f"bob@{domain}", 422, "is kept here already"),
        ("no address", 422, "That is not an address."),
        ("<script>@x.test", 422, "That is not an address."),
    ):
        got = ask(alice, target)
        assert (got.status, why in got.text) == (status, True)  # type: ignore[attr-defined]
        assert "<script>@x" not in got.text  # type: ignore[attr-defined]
    assert ask(web.browser("gus")).status == 403  # type: ignore[attr-defined]


def test_a_copy_is_kept_or_not(web: Web) -> None:
    alice = web.browser("alice")
    ask(alice)
    form = {"csrf": alice.csrf("/account"), "own_password": PASSWORD}
    assert "What is sent on is kept here, too." in alice.get("/account").text
    assert alice.post("/account/forward/copy", {**form, "copy": "off"}).fields["location"] == "/account?done=copy-off"
    page = alice.get("/account").text
    assert "What is sent on is not kept here." in page
    assert "Keep a copy</button>" in page
    assert alice.post("/account/forward/copy", {**form, "copy": "sometimes"}).status == 400


def test_tokens_of_nobody_confirm_nothing(web: Web) -> None:
    ask(web.browser("alice"))
    stranger = web.browser()
    for wrong in ("0" * 32, "%00", "a" * 5000):
        assert stranger.post(f"/account/forward/confirm/{wrong}", {}).status in (400, 404, 414)
    assert web.transaction.value("SELECT count(*) FROM own_forward WHERE confirmed_at IS NULL") == 1
    web.transaction.commit()
