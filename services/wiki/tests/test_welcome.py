"""The full name, asked for at the first sign-in, before anything else."""

from __future__ import annotations

import pytest

from services.wiki.tests.web import Browser, Web, basic


def test_who_has_not_told_their_name_is_asked_before_anything_else(web: Web) -> None:
    browser = Browser(web.port)
    got = browser.sign_in("newt", then="/about")
    assert "What is your full name?" in got.text
    page = browser.get("/about")
    assert (page.status, page.fields["location"]) == (303, "/welcome?then=/about")
    csrf = browser.csrf("/welcome")
    done = browser.post("/welcome", {"full_name": "Abe  Fettig", "csrf": csrf, "then": "/about"})
    assert (done.status, done.fields["location"]) == (303, "/about")
    assert browser.get("/about").status == 200
    assert web.transaction.value("SELECT full_name FROM account WHERE name = 'newt'") == "Abe Fettig"
    assert browser.get("/welcome?then=/account").fields["location"] == "/account"  # it is asked once


@pytest.mark.parametrize("name", ["", "  ", "a\x07b", "x" * 201, "\u202eevil"])
def test_a_name_that_cannot_be_used_is_asked_for_again(web: Web, name: str) -> None:
    browser = Browser(web.port)
    browser.sign_in("newt")
    got = browser.post("/welcome", {"full_name": name, "csrf": browser.csrf("/welcome")})
    assert got.status == 422
    assert "The name cannot be used" in got.text
    assert web.transaction.value("SELECT full_name FROM account WHERE name = 'newt'") is None


def test_the_answer_needs_the_sessions_token(web: Web) -> None:
    browser = Browser(web.port)
    browser.sign_in("newt")
    assert browser.post("/welcome", {"full_name": "Eve"}).status == 403


def test_a_name_with_markup_is_text(web: Web) -> None:
    browser = Browser(web.port)
    browser.sign_in("newt")
    browser.post("/welcome", {"full_name": '"><script>x</script>', "csrf": browser.csrf("/welcome")})
    page = browser.get("/account").text
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


def test_programs_are_let_in_as_before(web: Web) -> None:
    assert web.script().get("/account", Authorization=basic("newt")).status == 200
