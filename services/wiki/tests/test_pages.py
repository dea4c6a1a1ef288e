"""The wiki for people: reading, writing, history, lists."""

from __future__ import annotations

import re

import pytest

from services.wiki.tests.web import Browser, Got, Web, basic

EVERYONE = pytest.mark.parametrize("web", [{"wiki_write": "everyone"}], indirect=True)


def put(web: Web, name: str, text: str, who: str = "alice", **fields: str) -> Got:
    """PUT a page as curl does."""
    return web.script().ask("PUT", name, text.encode(), Authorization=basic(who), **fields)


def save(browser: Browser, **form: str) -> Got:
    return browser.post("/save", {"csrf": browser.csrf(), **form})


def test_a_page_links_to_its_words_and_to_what_can_be_done_with_it(web: Web) -> None:
    put(web, "/AnotherPage", "x")
    put(web, "/WikiHome", "See AnotherPage, and WikiWordList.")
    got = web.browser().get("/WikiHome")
    assert got.status == 200
    assert "<title>WikiHome" in got.text
    for link in ('href="/edit/WikiHome"', 'href="/index"', 'href="/"'):
        assert link in got.text
    assert '<a href="/AnotherPage">AnotherPage</a>' in got.text
    assert re.search(r'<a class="missing" rel="nofollow" href="/WikiWordList"[^>]*>WikiWordList</a>', got.text)
    assert web.browser().get("/").text.count("AnotherPage</a>") == 1


def test_a_name_has_one_spelling_and_others_lead_to_it(web: Web) -> None:
    put(web, "/Any%20Title", "x")
    assert web.browser().get("/Any_Title").fields["location"] == "/Any%20Title"
    assert web.browser().get("/Any%20Title/").fields["location"] == "/Any%20Title"
    assert web.browser().get("/Any_Title?revision=1").fields["location"] == "/Any%20Title?revision=1"
    assert web.browser().get("/Any_Title").status == 301
    assert web.browser().get("/Cafe%CC%81").fields["location"] == "/Caf%C3%A9"  # NFC
    assert web.browser().get("/%20x").status == 400


def test_a_missing_page_is_written_by_who_may_and_is_404_to_programs(web: Web) -> None:
    assert web.browser("alice").get("/NoPage").fields["location"] == "/edit/NoPage"
    assert web.script().get("/NoPage", Authorization=basic("alice")).status == 302
    stranger = web.browser().get("/NoPage")
    assert stranger.status == 404
    assert "There is no such page yet" in stranger.text
    for kind in ("text/markdown", "text/plain", "application/json"):
        got = web.script().get("/NoPage", Accept=kind, Authorization=basic("alice"))
        assert got.status == 404
    assert got.fields["content-type"] == "application/problem+json"


def test_the_source_comes_as_it_was_put(web: Web) -> None:
    text = "Tea \u2603 \r\n\r\n  <b>x</b>\t\n"
    put(web, "/TeaPage", text)
    got = web.script().get("/TeaPage", Accept="text/markdown")
    assert got.body == text.encode()
    assert got.fields["etag"] == '"1"'
    assert web.script().get("/TeaPage", Accept="text/markdown", If_None_Match='"1"').status == 304


def test_who_has_the_page_gets_304_and_a_new_revision_otherwise(web: Web) -> None:
    put(web, "/TeaPage", "one")
    etag = web.browser().get("/TeaPage").fields["etag"]
    assert web.browser().get("/TeaPage", If_None_Match=etag).status == 304
    put(web, "/TeaPage", "two")
    again = web.browser().get("/TeaPage", If_None_Match=etag)
    assert again.status == 200
    assert "two" in again.text


def test_a_link_is_shown_anew_when_its_page_comes(web: Web) -> None:
    put(web, "/TeaPage", "GreenTea")
    assert 'class="missing"' in web.browser().get("/TeaPage").text
    put(web, "/GreenTea", "x")
    assert 'class="missing"' not in web.browser().get("/TeaPage").text


@pytest.mark.parametrize("name", ["api", "edit", "rooms", "search", "static", "admin", "RPC2", "SOAP", "save", "blog"])
def test_paths_of_the_site_are_no_pages(web: Web, name: str) -> None:
    got = put(web, f"/{name}/x", "text")
    assert got.status in (403, 405)
    assert save(web.browser("alice"), path=f"{name}/x", data="text").status == 422


def test_markup_of_a_page_does_no_harm(web: Web) -> None:
    evil = "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1))"
    evil += ' <a href="data:text/html,x">y</a>'
    put(web, "/EvilPage", evil)
    text = web.browser().get("/EvilPage").text
    article = text[text.index("<article") : text.index("</article>")]
    assert "<script" not in article
    assert "onerror" not in article
    assert "javascript:" not in article.replace("[x](javascript:", "")
    assert 'href="data:' not in article


def test_markup_in_names_comments_and_queries_is_text(web: Web) -> None:
    browser = web.browser("alice")
    save(browser, path="<b>\"x'", data="text", comment="<script>alert(1)</script>")
    page = "/%3Cb%3E%22x'"
    for path in (page, f"/history{page}", f"/edit{page}", "/recent", "/index", "/search?q=%3Cscript%3Ealert(1)"):
        text = browser.get(path).text
        assert "<script>alert" not in text, path
        assert "<b>" not in text, path


def test_the_form_knows_the_page_and_its_revision(web: Web) -> None:
    put(web, "/TeaPage", "<green> & tea")
    text = web.browser("alice").get("/edit/TeaPage").text
    assert '<form method="post" action="/save">' in text
    assert 'name="path" value="TeaPage"' in text
    assert 'name="base" value="1"' in text
    assert re.search(r'<textarea[^>]* name="data"[^>]*>\n&lt;green&gt; &amp; tea</textarea>', text)
    assert "Preview" in text
    assert 'name="base" value="0"' in web.browser("alice").get("/edit/NewPage").text


def test_saving_leads_to_the_page(web: Web) -> None:
    browser = web.browser("alice")
    got = save(browser, path="TeaPage", data="Green\r\ntea", base="0", comment="new")
    assert (got.status, got.fields["location"]) == (303, "/TeaPage")
    page = browser.get("/TeaPage")
    assert "Saved." in page.text
    assert "Saved." not in browser.get("/TeaPage").text
    assert web.script().get("/TeaPage", Accept="text/markdown").body == b"Green\ntea"
    assert "Alice Fern" in page.text


def test_curl_and_wget_save_with_basic_and_without_a_token(web: Web) -> None:
    got = web.script().post("/save", {"path": "CurlTest", "data": "Hello from curl"}, Authorization=basic("alice"))
    assert (got.status, got.fields["location"]) == (303, "/CurlTest")
    assert web.script().post("/save", {"path": "CurlTest", "data": "x"}).status == 401
    assert "WWW-Authenticate".lower() in web.script().post("/save", {"path": "CurlTest", "data": "x"}).fields


@EVERYONE
def test_strangers_save_where_everyone_writes_and_are_shown_as_their_network(web: Web) -> None:
    assert web.script().post("/save", {"path": "WgetTest", "data": "Hello WikiWord"}).status == 303
    assert "127.0.0.1" in web.browser().get("/WgetTest").text


def test_save_says_which_fields_it_wants(web: Web) -> None:
    assert "path" in web.script().get("/save").text
    for form, missing in (({"data": "x"}, "path"), ({"path": "X"}, "data")):
        got = web.script().post("/save", form, Authorization=basic("alice"))
        assert (got.status, missing in got.text) == (400, True)


def test_a_form_without_its_token_or_from_elsewhere_is_refused(web: Web) -> None:
    browser = web.browser("alice")
    assert browser.post("/save", {"path": "TeaPage", "data": "x"}).status == 403
    form = {"path": "TeaPage", "data": "x", "csrf": browser.csrf()}
    assert browser.post("/save", form, Origin="https://evil.example").status == 403
    old = browser.post("/save", {**form, "csrf": "of an old session", "data": "my words"})
    assert (old.status, "my words" in old.text) == (403, True)
    assert web.script().get("/TeaPage", Accept="text/plain").status == 404


def test_a_preview_shows_the_page_and_saves_nothing(web: Web) -> None:
    got = save(web.browser("alice"), path="TeaPage", data="# Green\n\n**tea**", base="0", do="preview", comment="why")
    assert got.status == 200
    assert "<strong>tea</strong>" in got.text
    assert 'value="why"' in got.text
    assert web.script().get("/TeaPage", Accept="text/plain").status == 404


def test_separate_changes_are_merged_and_the_notice_says_so(web: Web) -> None:
    put(web, "/TeaPage", "one\n\ntwo\n\nthree\n")
    put(web, "/TeaPage", "ONE\n\ntwo\n\nthree\n", "bob")
    browser = web.browser("alice")
    assert save(browser, path="TeaPage", data="one\n\ntwo\n\nTHREE\n", base="1").status == 303
    assert "Saved and merged." in browser.get("/TeaPage").text
    assert web.script().get("/TeaPage", Accept="text/markdown").text == "ONE\n\ntwo\n\nTHREE\n"


def test_changes_of_the_same_line_are_shown_and_nothing_typed_is_lost(web: Web) -> None:
    put(web, "/TeaPage", "one\n")
    put(web, "/TeaPage", "theirs\n", "bob")
    browser = web.browser("alice")
    got = save(browser, path="TeaPage", data="mine\n", base="1", comment="my reason")
    assert got.status == 409
    assert "<del>theirs</del>" in got.text
    assert "<ins>mine</ins>" in got.text
    assert ">\nmine\n</textarea>" in got.text
    assert 'name="base" value="2"' in got.text
    assert "my reason" in got.text
    assert save(browser, path="TeaPage", data="both\n", base="2").status == 303


def test_equal_texts_are_no_conflict(web: Web) -> None:
    put(web, "/TeaPage", "one\n")
    put(web, "/TeaPage", "two\n", "bob")
    assert save(web.browser("alice"), path="TeaPage", data="two\n", base="1").status == 303


def test_what_was_typed_survives_an_expired_session(web: Web) -> None:
    browser = web.browser("alice")
    browser.cookies.clear()
    got = browser.post("/save", {"path": "TeaPage", "data": "my <words>", "base": "0", "csrf": "x"})
    assert got.status == 403
    kept = re.search(r'<textarea name="kept_data" hidden>\n(.*)</textarea>', got.text)
    assert kept is not None
    form = {"name": "alice", "password": "correct horse", "then": "/edit/TeaPage", "kept_data": "my <words>",
            "kept_path": "TeaPage", "kept_base": "0"}  # fmt: skip
    again = browser.post("/sign-in", form)
    assert again.status == 200
    assert "my &lt;words&gt;" in again.text
    assert save(browser, path="TeaPage", data="my <words>", base="0").status == 303


def test_too_large_a_page_is_given_back(web: Web) -> None:
    got = save(web.browser("alice"), path="TeaPage", data="x" * (10 * 2**20 + 1))
    assert got.status == 413
    assert "x" * 1000 in got.text


def test_history_diff_and_the_way_back(web: Web) -> None:
    for text in ("one word\n", "two words\n", "three words\n"):
        put(web, "/TeaPage", text)
    history = web.browser().get("/history/TeaPage").text
    assert [int(number) for number in re.findall(r"\?revision=(\d)", history)] == [3, 2, 1]
    diff = web.browser().get("/diff/TeaPage?from=1&to=3").text
    assert "<del>one</del>" in diff or "<del>one word</del>" in diff
    assert "Revision" in web.browser().get("/diff/TeaPage").text
    old = web.browser().get("/TeaPage?revision=1").text
    assert "This is an older revision." in old
    assert "one word" in old
    browser = web.browser("alice")
    assert browser.post("/revert/TeaPage", {"revision": "1", "csrf": browser.csrf()}).status == 303
    assert web.script().get("/TeaPage", Accept="text/markdown").text == "one word\n"
    assert web.script().post("/revert/TeaPage", {"revision": "2"}).status == 401
    assert web.browser().get("/TeaPage?revision=99").status == 404
    assert web.browser().get("/TeaPage?revision=x").status == 400


def test_lists_have_what_they_are_called_by(web: Web) -> None:
    put(web, "/WikiHome", "Go to GreenTea and BlackTea.")
    put(web, "/GreenTea", "Also BlackTea.")
    put(web, "/LonelyPage", "alone")
    assert all(name in web.browser().get("/index").text for name in ("WikiHome", "GreenTea", "LonelyPage"))
    needed = web.browser().get("/needed").text
    assert 'href="/edit/BlackTea"' in needed
    assert "2 pages link to it" in needed
    assert "LonelyPage" in web.browser().get("/orphans").text
    assert 'href="/WikiHome"' in web.browser().get("/backlinks/GreenTea").text
    assert 'href="/diff/GreenTea?to=1"' in web.browser().get("/recent").text
    found = web.browser().get("/search?q=alone").text
    assert "<mark>alone</mark>" in found
    assert "Nothing has all of these words" in web.browser().get("/search?q=zebra").text


def test_a_renamed_page_is_found_by_its_former_name(web: Web) -> None:
    put(web, "/TeaPage", "x")
    browser = web.browser("alice")
    got = browser.post("/rename/TeaPage", {"to": "GreenTea", "csrf": browser.csrf()})
    assert got.fields["location"] == "/GreenTea"
    moved = web.browser().get("/TeaPage")
    assert (moved.status, moved.fields["location"]) == (301, "/GreenTea")


def test_a_deleted_page_can_be_undeleted(web: Web) -> None:
    put(web, "/TeaPage", "x")
    browser = web.browser("alice")
    csrf = browser.csrf()
    assert browser.post("/delete/TeaPage", {"csrf": csrf}).fields["location"] == "/history/TeaPage"
    assert "The page was deleted." in browser.get("/history/TeaPage").text
    assert browser.post("/undelete/TeaPage", {"csrf": csrf}).status == 303
    assert browser.get("/TeaPage").status == 200


@pytest.mark.parametrize("web", [{"wiki_read": "members"}], indirect=True)
def test_strangers_read_nothing_where_members_read(web: Web) -> None:
    put(web, "/TeaPage", "secret tea")
    for path in (
        "/TeaPage", "/history/TeaPage", "/diff/TeaPage", "/edit/TeaPage", "/index", "/recent", "/needed", "/orphans",
        "/search?q=tea", "/backlinks/TeaPage", "/attachments/TeaPage", "/files/TeaPage?name=x",
    ):  # fmt: skip
        got = web.browser().get(path)
        assert got.status == 303, path
        assert got.fields["location"].startswith("/sign-in?then="), path
        assert web.script().get(path).status == 401, path
    assert "secret tea" in web.browser("alice").get("/TeaPage").text
