"""The plain paths for scripts: PUT, DELETE, conditions."""

from __future__ import annotations

import pytest

from services.wiki.tests.web import Web, basic

ALICE = basic("alice")


def test_put_makes_a_page_and_changes_it(web: Web) -> None:
    made = web.script().ask("PUT", "/NewPage", b"one", Authorization=ALICE)
    assert (made.status, made.reason) == (201, "Created")
    assert (made.fields["location"], made.fields["etag"]) == ("/NewPage", '"1"')
    changed = web.script().ask("PUT", "/NewPage", b"two", Authorization=ALICE)
    assert (changed.status, changed.reason, changed.fields["etag"]) == (200, "Modified", '"2"')


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain", "text/markdown", "text/html", "application/octet-stream", "application/x-www-form-urlencoded", "",
        "text/plain; charset=utf-8",
    ],
)  # fmt: skip
def test_the_body_is_taken_as_it_is_whatever_text_it_is_called(web: Web, kind: str) -> None:
    body = "a=1&b=%20 é".encode()
    assert web.script().ask("PUT", "/NewPage", body, Content_Type=kind, Authorization=ALICE).status == 201
    assert web.script().get("/NewPage", Accept="text/markdown").body == body


def test_the_charset_is_honoured(web: Web) -> None:
    kind = "text/plain; charset=iso-8859-1"
    web.script().ask("PUT", "/NewPage", "é".encode("latin-1"), Content_Type=kind, Authorization=ALICE)
    assert web.script().get("/NewPage", Accept="text/markdown").text == "é"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [(b"{}", "application/json", 415), (b"\xff", "text/plain", 400), (b"x", "text/plain; charset=nonsense", 415),
     (b"x" * (10 * 2**20 + 1), "text/plain", 413)],
)  # fmt: skip
def test_what_is_no_page_is_refused(web: Web, body: bytes, kind: str, status: int) -> None:
    assert web.script().ask("PUT", "/NewPage", body, Content_Type=kind, Authorization=ALICE).status == status


def test_strangers_are_asked_to_sign_in(web: Web) -> None:
    for method in ("PUT", "DELETE"):
        got = web.script().ask(method, "/NewPage", b"x")
        if method == "PUT":
            assert got.status == 401
            assert got.fields["www-authenticate"].startswith("Basic ")
    web.script().ask("PUT", "/NewPage", b"x", Authorization=ALICE)
    assert web.script().ask("DELETE", "/NewPage").status == 401


def test_if_match_is_never_merged(web: Web) -> None:
    web.script().ask("PUT", "/NewPage", b"one\n\ntwo\n", Authorization=ALICE)
    web.script().ask("PUT", "/NewPage", b"ONE\n\ntwo\n", Authorization=ALICE)
    got = web.script().ask("PUT", "/NewPage", b"one\n\nTWO\n", Authorization=ALICE, If_Match='"1"')
    assert (got.status, got.fields["etag"]) == (412, '"2"')
    assert "-ONE" in got.text
    assert web.script().get("/NewPage", Accept="text/markdown").body == b"ONE\n\ntwo\n"
    assert web.script().ask("PUT", "/NewPage", b"x", Authorization=ALICE, If_Match='"2"').status == 200
    assert web.script().ask("PUT", "/NewPage", b"x", Authorization=ALICE, If_Match='"strange"').status == 412


def test_if_none_match_makes_new_pages_only(web: Web) -> None:
    assert web.script().ask("PUT", "/NewPage", b"x", Authorization=ALICE, If_None_Match="*").status == 201
    assert web.script().ask("PUT", "/NewPage", b"y", Authorization=ALICE, If_None_Match="*").status == 412


def test_a_base_is_merged_or_is_a_conflict(web: Web) -> None:
    web.script().ask("PUT", "/NewPage", b"one\n\ntwo\n", Authorization=ALICE)
    web.script().ask("PUT", "/NewPage", b"ONE\n\ntwo\n", Authorization=ALICE)
    merged = web.script().ask("PUT", "/NewPage?base=1", b"one\n\nTWO\n", Authorization=ALICE)
    assert (merged.status, merged.fields["etag"], "Merged" in merged.text) == (200, '"3"', True)
    clash = web.script().ask("PUT", "/NewPage?base=1", b"EINS\n\ntwo\n", Authorization=ALICE)
    assert clash.status == 409
    assert "+EINS" in clash.text


def test_delete_keeps_the_history_and_goes_on_counting(web: Web) -> None:
    web.script().ask("PUT", "/NewPage", b"x", Authorization=ALICE)
    gone = web.script().ask("DELETE", "/NewPage", Authorization=ALICE)
    assert (gone.status, gone.text) == (200, "Deleted.\n")
    again = web.script().ask("DELETE", "/NewPage", Authorization=ALICE)
    assert (again.status, again.text) == (404, "No such page.\n")
    assert web.script().get("/NewPage", Accept="text/markdown").status == 404
    back = web.script().ask("PUT", "/NewPage", b"y", Authorization=ALICE)
    assert (back.status, back.fields["etag"]) == (201, '"2"')


def test_a_member_deletes_what_nobody_else_has_written(web: Web) -> None:
    web.script().ask("PUT", "/NewPage", b"x", Authorization=ALICE)
    web.script().ask("PUT", "/NewPage", b"y", Authorization=basic("bob"))
    assert web.script().ask("DELETE", "/NewPage", Authorization=ALICE).status == 403
    assert web.script().ask("DELETE", "/NewPage", Authorization=basic("root"), If_Match='"1"').status == 412
    assert web.script().ask("DELETE", "/NewPage", Authorization=basic("root")).status == 200


def test_guests_do_not_write(web: Web) -> None:
    assert web.script().ask("PUT", "/NewPage", b"x", Authorization=basic("gus")).status == 403


def test_a_cookie_alone_changes_nothing(web: Web) -> None:
    browser = web.browser("alice")
    assert browser.ask("PUT", "/NewPage", b"x").status == 403
    assert browser.ask("PUT", "/NewPage", b"x", X_CSRF_Token=browser.csrf()).status == 201


@pytest.mark.parametrize("path", ["/..", "/a/../b", "/./x", "/a//b", "/x%00y", "/%ff", "/" + "n" * 201, "/a%0ab"])
def test_tricks_with_names_write_nothing(web: Web, path: str) -> None:
    assert web.script().ask("PUT", path, b"x", Authorization=ALICE).status == 400


def test_other_methods_are_405(web: Web) -> None:
    got = web.script().ask("PATCH", "/NewPage", b"x", Authorization=ALICE)
    assert got.status == 405
    assert set(got.fields["allow"].split(", ")) == {"DELETE", "GET", "HEAD", "PUT"}
