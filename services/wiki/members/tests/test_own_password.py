"""What gives lasting access needs the account's own password: an app password's session makes no more of its kind."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from services.wiki.members.tests.test_own_ssh_keys import KEY
from services.wiki.tests.web import PASSWORD, Browser, Web, basic
from shared.accounts.add_app_password import add_app_password
from shared.accounts.lock_out import LockOutRules

MAKING: Mapping[str, dict[str, str]] = {
    "/account/app-password": {"label": "<tablet>", "protocol": "nntp"},
    "/account/ssh-key": {"key": f"{KEY} alice@laptop"},
    "/admin/users/alice": {"change": "password", "password": "staple battery tree"},
    "/admin/new-user": {"name": "carol", "role": "admin", "full_name": "Carol Reed"},
}
KEPT = {"/account/app-password": "&lt;tablet&gt;", "/account/ssh-key": KEY, "/admin/new-user": 'value="carol"'}


def by_app_password(web: Web) -> tuple[Browser, str]:
    """An administrator's browser that was signed in with an app password, and that."""
    _, secret = add_app_password(web.transaction, web.accounts["root"].id, "script", ["web"])
    web.transaction.commit()
    browser = web.browser()
    assert browser.sign_in("root", secret).status == 303
    return browser, secret


def made(web: Web) -> Sequence[Sequence[Any]]:
    """All that could be signed in with: passwords, keys, accounts."""
    rows = web.transaction.rows("SELECT id, account_id, label, password_hash FROM credential ORDER BY id")
    keys = web.transaction.rows("SELECT id FROM ssh_key")
    accounts = web.transaction.rows("SELECT id FROM account")
    web.transaction.commit()
    return [list(rows), list(keys), list(accounts)]


def test_a_session_of_an_app_password_makes_nothing_that_outlives_it(web: Web) -> None:
    browser, secret = by_app_password(web)
    before = made(web)
    for path, form in MAKING.items():
        csrf = browser.csrf("/account")
        for typed in (secret, "wrong"):
            got = browser.post(path, {**form, "csrf": csrf, "own_password": typed})
            assert got.status == 403, path
            assert "That is not the password of your account. An app password does not do here." in got.text
            assert KEPT.get(path, "") in got.text
            assert typed not in got.text
        assert browser.post(path, {**form, "csrf": csrf}).status == 400
    assert made(web) == before
    scripted = web.script().post(
        "/account/ssh-key", {**MAKING["/account/ssh-key"], "own_password": secret}, Authorization=basic("root", secret)
    )
    assert scripted.status == 403
    assert made(web) == before


def test_the_own_password_does_whatever_the_session_began_with(web: Web) -> None:
    browser, _ = by_app_password(web)
    for path, form in MAKING.items():
        got = browser.post(path, {**form, "csrf": browser.csrf("/account"), "own_password": PASSWORD})
        assert got.status in (200, 303), path
    assert len(made(web)[1]) == 1


def test_protocols_that_were_chosen_stay_chosen(web: Web) -> None:
    alice = web.browser("alice")
    form = {"label": "x", "protocol": ["nntp", "pb"], "csrf": alice.csrf("/account"), "own_password": "wrong"}
    page = alice.post("/account/app-password", form).text
    assert re.findall(r'name="protocol" value="(\w+)" checked', page) == ["nntp", "pb"]


@pytest.mark.usefixtures("patient_tallies")
def test_guesses_are_limited_as_at_signing_in(web: Web) -> None:
    """Whichever form they come by; the same password is asked for at each."""
    alice = web.browser("alice")
    form = {"csrf": alice.csrf("/account"), "key": KEY, "new": "staple battery tree"}
    statuses = [
        alice.post(path, {**form, field: f"guess {number}"}).status
        for number in range(LockOutRules().failures_per_pair // 2)
        for path, field in (("/account/ssh-key", "own_password"), ("/account/password", "old"))
    ]
    assert set(statuses) == {403}
    refused = alice.post("/account/ssh-key", {**form, "own_password": PASSWORD})
    assert refused.status == 429
    assert "There were too many wrong passwords. Wait a little." in refused.text
    assert KEY in refused.text


@pytest.mark.parametrize("web", [{"web_plain_sign_in_networks": ()}], ids=["TLS alone"], indirect=True)
def test_the_password_is_not_taken_in_the_clear(web: Web) -> None:
    got = web.script().post("/account/ssh-key", {"key": KEY, "own_password": PASSWORD}, Authorization=basic("alice"))
    assert got.status == 403
