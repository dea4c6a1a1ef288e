"""Sessions of browsers."""

from __future__ import annotations

import pytest

from services.wiki.sessions.session import digest_of
from services.wiki.tests.web import PASSWORD, Browser, Web, basic
from shared.accounts.change_account import disable_account
from shared.accounts.channel import AccountChanged
from shared.accounts.verifiers import Verifiers, derive_verifiers
from shared.administration import accounts
from shared.database.blocking import BlockingDatabase
from shared.testing.builders import verifiers_of
from shared.testing.eventually import eventually
from shared.testing.overtaken import overtaken
from shared.testing.reactor import call_in_reactor


def test_signing_in_gives_a_cookie_that_scripts_cannot_read_and_the_store_cannot_tell(web: Web) -> None:
    browser = Browser(web.port)
    got = browser.sign_in("alice", then="/about")
    assert (got.status, got.fields["location"]) == (303, "/about")
    [cookie] = got.cookies
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    secret = browser.cookies["agora"]
    rows = web.transaction.rows("SELECT id, web_session::text FROM web_session")
    assert [bytes(row[0]) for row in rows] == [digest_of(secret)]
    assert secret not in rows[0][1]


def test_a_wrong_password_says_so_and_keeps_the_name(web: Web) -> None:
    got = Browser(web.port).sign_in("alice", "wrong")
    assert got.status == 403
    assert 'value="alice"' in got.text
    assert not got.cookies


def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(web: Web) -> None:
    browser = web.browser("alice")
    copy = Browser(web.port, dict(browser.cookies))
    assert browser.post("/sign-out", {"csrf": browser.csrf()}).status == 303
    assert "Sign in" in copy.get("/about").text


@pytest.mark.parametrize("token", [{}, {"csrf": "wrong"}])
def test_a_form_without_the_sessions_token_is_refused(web: Web, token: dict[str, str]) -> None:
    browser = web.browser("alice")
    assert browser.post("/account/name", {"full_name": "Eve", **token}).status == 403
    assert browser.post("/account/name", {"full_name": "Alice", "csrf": browser.csrf()}).status == 303


def test_a_form_from_another_site_is_refused(web: Web) -> None:
    browser = web.browser("alice")
    form = {"full_name": "Eve", "csrf": browser.csrf()}
    assert browser.post("/account/name", form, Origin="https://evil.example").status == 403
    assert browser.post("/account/name", form, Sec_Fetch_Site="cross-site").status == 403
    assert Browser(web.port).post(
        "/sign-in", {"name": "alice", "password": PASSWORD}, Origin="https://evil.example"
    ).status == 403  # fmt: skip


def test_basic_needs_no_token(web: Web) -> None:
    got = web.script().post("/account/name", {"full_name": "Alice Tree"}, Authorization=basic("alice"))
    assert got.status == 303


@pytest.mark.parametrize("then", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example"])
def test_signing_in_never_leads_to_another_site(web: Web, then: str) -> None:
    assert Browser(web.port).sign_in("alice", then=then).fields["location"] == "/"


def test_a_disabled_account_is_out_at_once(web: Web) -> None:
    browser = web.browser("alice")
    assert browser.get("/account").status == 200
    account = web.accounts["alice"]
    disable_account(web.transaction, account.id)
    web.transaction.commit()
    call_in_reactor(web.parts.bus.announce, [AccountChanged(account.id)])
    eventually(lambda: browser.get("/account").status == 303, "the end of the session")


def test_an_account_that_is_deleted_as_it_signs_in_is_not_found(
    web: Web, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = BlockingDatabase(database_url, "tests")
    signing_in = overtaken(1, lambda: store.transact(accounts.delete, "alice"))  # its password is read by then
    monkeypatch.setattr("shared.database.attempt.Transaction", signing_in)
    got = web.browser().sign_in("alice")
    assert got.status == 404
    assert "There is no such account." in got.text


def test_a_session_ends_when_it_is_not_used(web: Web) -> None:
    browser = web.browser("alice")
    web.transaction.execute("UPDATE web_session SET expires_at = now() - interval '1 s'")
    web.transaction.commit()
    assert browser.get("/account").status == 303


def test_a_new_password_ends_other_sessions_and_not_this_one(web: Web) -> None:
    browser, other = web.browser("alice"), web.browser("alice")
    form = {"old": PASSWORD, "new": "staple battery tree", "csrf": browser.csrf()}
    assert browser.post("/account/password", {**form, "old": "wrong"}).status == 403
    assert browser.post("/account/password", form).status == 303
    assert browser.get("/account").status == 200
    eventually(lambda: other.get("/account").status == 303, "the end of the session")


def test_a_password_that_is_reset_while_its_owner_sets_one_stays_reset(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    def derive_as_it_is_reset(typed: str) -> Verifiers:
        accounts.set_password(web.transaction, "alice", verifiers_of("kept in a safe"))
        web.transaction.commit()
        return derive_verifiers(typed)

    browser = web.browser("alice")
    form = {"old": PASSWORD, "new": "staple battery tree", "csrf": browser.csrf()}
    monkeypatch.setattr("services.wiki.members.name_and_password.derive_verifiers", derive_as_it_is_reset)
    got = browser.post("/account/password", form)
    assert got.status == 403
    assert "That is not the password of your account." in got.text
    assert web.browser().sign_in("alice", "staple battery tree").status == 403
    assert web.browser().sign_in("alice", "kept in a safe").status == 303


def test_an_app_password_is_shown_once_and_can_be_revoked(web: Web) -> None:
    browser = web.browser("alice")
    csrf = browser.csrf()
    got = browser.post(
        "/account/app-password",
        {"label": "<b>tablet", "protocol": ["imap", "smtp"], "csrf": csrf, "own_password": PASSWORD},
    )
    assert "App password made." in got.text
    assert "&lt;b&gt;tablet" in got.text
    number = web.transaction.value("SELECT id FROM credential WHERE label = '<b>tablet'")
    assert browser.post("/account/app-password/revoke", {"id": number, "csrf": csrf}).status == 303
    assert browser.post("/account/app-password/revoke", {"id": number, "csrf": csrf}).status == 404


def test_sessions_are_listed_and_ended_by_their_owner_alone(web: Web) -> None:
    browser, other, bob = web.browser("alice"), web.browser("alice"), web.browser("bob")
    number = digest_of(other.cookies["agora"]).hex()
    assert number in browser.get("/account").text
    bob.post("/account/session/end", {"id": number, "csrf": bob.csrf()})
    assert other.get("/account").status == 200
    browser.post("/account/session/end", {"id": number, "csrf": browser.csrf()})
    eventually(lambda: other.get("/account").status == 303, "the end of the session")
