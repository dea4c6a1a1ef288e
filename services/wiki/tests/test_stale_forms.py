"""Forms that have been open for a while: a text is saved where it belongs, or nowhere."""

from __future__ import annotations

from services.wiki.tests.web import Browser, Web, basic


def put(web: Web, name: str, text: str, who: str = "alice") -> None:
    got = web.script().ask("PUT", name, text.encode(), Authorization=basic(who))
    assert got.status in (200, 201), got


def source(web: Web, name: str) -> str:
    return web.script().get(name, Accept="text/markdown").text


def save(browser: Browser, **form: str) -> int:
    return browser.post("/save", {"csrf": browser.csrf(), **form}).status


def test_the_form_of_a_page_that_was_renamed_saves_that_page(web: Web) -> None:
    put(web, "/TeaPage", "one\n\ntwo\n")
    bob = web.browser("bob")
    assert bob.post("/rename/TeaPage", {"to": "GreenTea", "csrf": bob.csrf()}).status == 303
    assert save(web.browser("alice"), path="TeaPage", data="one\n\nTWO\n", base="1") == 303
    assert source(web, "/GreenTea") == "one\n\nTWO\n"
    assert web.browser().get("/TeaPage").fields["location"] == "/GreenTea"


def test_two_forms_of_two_pages_save_each_its_own(web: Web) -> None:
    alice = web.browser("alice")
    for name in ("TeaPage", "GreenTea"):
        put(web, f"/{name}", name)
        alice.get(f"/edit/{name}")
    assert save(alice, path="TeaPage", data="of tea", base="1") == 303
    assert save(alice, path="GreenTea", data="of green tea", base="1") == 303
    assert (source(web, "/TeaPage"), source(web, "/GreenTea")) == ("of tea", "of green tea")


def test_the_form_of_a_page_that_was_deleted_and_written_anew_overwrites_nothing_unseen(web: Web) -> None:
    put(web, "/TeaPage", "one\n")
    root = web.browser("root")
    assert root.post("/delete/TeaPage", {"csrf": root.csrf()}).status == 303
    put(web, "/TeaPage", "another text\n", "bob")
    assert save(web.browser("alice"), path="TeaPage", data="mine\n", base="1") == 409
    assert source(web, "/TeaPage") == "another text\n"


def test_a_revert_of_ones_own_is_no_conflict(web: Web) -> None:
    alice = web.browser("alice")
    for text in ("one\n", "two\n"):
        put(web, "/TeaPage", text)
    assert alice.post("/revert/TeaPage", {"revision": "1", "csrf": alice.csrf()}).status == 303
    assert save(alice, path="TeaPage", data="three\n", base="1") == 303  # the text is again as it was then
    assert source(web, "/TeaPage") == "three\n"


def test_an_empty_form_is_a_page_that_says_so_and_never_a_loss(web: Web) -> None:
    put(web, "/TeaPage", "one\n")
    alice = web.browser("alice")
    assert alice.post("/save", {"csrf": alice.csrf(), "path": "TeaPage", "base": "1"}).status == 400  # data is missing
    assert source(web, "/TeaPage") == "one\n"
