"""SSH keys on the account page."""

from __future__ import annotations

from services.wiki.tests.web import PASSWORD, Browser, Web
from shared.accounts.ssh_keys.find_key import note_use

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ9vmwTp6ZNUHOTxFjZtQYJ8mDmo4Lq0PDsqYKQ0DtQU"


def signed(browser: Browser) -> dict[str, str]:
    """What a form must have besides the key."""
    return {"csrf": browser.csrf("/account"), "own_password": PASSWORD}


def test_a_key_is_added_listed_with_its_fingerprint_and_deleted(web: Web) -> None:
    alice = web.browser("alice")
    csrf = alice.csrf("/account")
    added = alice.post("/account/ssh-key", {"key": f"{KEY} <b>@laptop\r\n", **signed(alice)})
    assert (added.status, added.fields["location"]) == (303, "/account?done=key")
    number, fingerprint = web.transaction.rows("SELECT id, fingerprint FROM ssh_key")[0]
    web.transaction.commit()
    page = alice.get("/account?done=key").text
    assert "The SSH key is added." in page
    assert f"<code>{fingerprint}</code>" in page
    assert fingerprint.startswith("SHA256:")
    assert "&lt;b&gt;@laptop" in page
    assert '<td data-label="Last used">never</td>' in page
    bob = web.browser("bob")
    assert bob.post("/account/ssh-key/delete", {"id": number, "csrf": bob.csrf()}).status == 404
    assert alice.post("/account/ssh-key/delete", {"id": number}).status == 403
    assert alice.post("/account/ssh-key/delete", {"id": number, "csrf": csrf}).status == 303
    assert alice.post("/account/ssh-key/delete", {"id": number, "csrf": csrf}).status == 404
    assert fingerprint not in alice.get("/account").text


def test_the_page_says_when_a_key_was_used_last(web: Web) -> None:
    alice = web.browser("alice")
    alice.post("/account/ssh-key", {"key": KEY, **signed(alice)})
    note_use(web.transaction, web.transaction.value("SELECT id FROM ssh_key"))
    web.transaction.commit()
    assert '<td data-label="Last used"><time' in alice.get("/account").text


def test_a_line_that_is_no_key_is_said_to_be_none_and_stays_in_the_form(web: Web) -> None:
    alice = web.browser("alice")
    form = signed(alice)
    got = alice.post("/account/ssh-key", {**form, "key": "ssh-rsa not-base64!"})
    assert got.status == 422
    assert "The SSH key is not added. It is not the line of a .pub file." in got.text
    assert "ssh-rsa not-base64!" in got.text
    private = alice.post("/account/ssh-key", {**form, "key": "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0"})
    assert private.status == 422
    assert "it is a private key" in private.text.lower()
    assert "c2VjcmV0" not in private.text


def test_the_same_key_twice_is_told(web: Web) -> None:
    alice = web.browser("alice")
    form = {**signed(alice), "key": KEY}
    assert alice.post("/account/ssh-key", form).status == 303
    assert "The account has that SSH key already." in alice.post("/account/ssh-key", form).text


def test_strangers_are_led_to_sign_in(web: Web) -> None:
    assert web.browser().post("/account/ssh-key", {"key": KEY}).status == 403
    assert web.browser().get("/account/mail").fields["location"] == "/sign-in?then=/account/mail"
