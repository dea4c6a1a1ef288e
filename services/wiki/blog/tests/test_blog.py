"""The weblog: pages, addresses, writing, and the room that it is."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from services.wiki.blog.post_html import beginning_of
from services.wiki.tests.web import Browser, Got, Web, basic
from shared.rooms.change_room import change_room
from shared.rooms.find_room import find_room
from shared.rooms.reading.articles import by_number
from shared.rooms.room import Posters
from shared.rooms.tests.build import a_post, an_article, posted
from shared.testing.eventually import eventually
from shared.testing.store_outage import StoreOutage


def save(browser: Browser, title: str, body: str) -> Got:
    page = browser.get("/blog/new").text
    fields = dict(re.findall(r'name="(csrf|token)" value="(\w*)"', page))
    return browser.post("/blog/save", {**fields, "title": title, "body": body})


def address_of(page: str, title: str) -> str:
    match = re.search(rf'href="(/blog/\d{{4}}/\d\d/[^"]+)">{title}<', page)
    assert match is not None, page
    return match[1]


def test_a_post_is_on_the_weblog_and_is_a_message_of_its_room(web: Web) -> None:
    assert "Nobody has written here yet" in web.browser().get("/blog/").text
    alice = web.browser("alice")
    got = save(alice, "A summer ☀ without", "Some *text*.\n\n- one\n")
    assert (got.status, got.fields["location"]) == (303, "/blog/")
    page = web.browser().get("/blog/").text
    assert "<em>text</em>" in page
    assert "newsgroup agora.blog, IMAP folder Rooms/<wbr>agora.blog" in page
    assert "Alice Fern" in page
    address = address_of(page, "A summer ☀ without")
    assert address == f"/blog/{datetime.now(UTC):%Y/%m}/a-summer-without"
    assert "<em>text</em>" in web.browser().get(address).text
    web.transaction.commit()
    room = find_room(web.transaction, "agora.blog")
    assert by_number(web.transaction, room.folder_id, 1).uid == 1
    assert "/rooms/agora.blog/1" in web.browser().get(address).text
    assert web.browser().get("/rooms/agora.blog/1").status == 200


def test_a_script_posts_with_basic_and_no_token(web: Web) -> None:
    script = web.script()
    got = script.post("/blog/save", {"title": "By curl", "body": "x"}, Authorization=basic("alice"))
    assert (got.status, got.fields["location"]) == (303, "/blog/")
    assert script.post("/blog/save", {"title": "t", "body": "x"}).status == 401
    assert script.post("/blog/save", {"body": "x"}, Authorization=basic("alice")).status == 400
    assert web.browser("alice").post("/blog/save", {"title": "t", "body": "x"}).status == 403  # no token


def test_what_comes_by_news_is_on_the_weblog_and_an_answer_is_a_reply(web: Web) -> None:
    web.browser().get("/blog/")
    web.transaction.commit()
    room = find_room(web.transaction, "agora.blog")
    posted(web.transaction, a_post(room, octets=an_article("By news", identifier="<n@x>", body="<b>plain</b>\r\n")))
    posted(web.transaction, a_post(room, octets=an_article("Re: By news", References="<n@x>")))
    web.transaction.commit()
    page = web.browser().get("/blog/").text
    assert "&lt;b&gt;plain&lt;/b&gt;" in page
    assert "1 reply" in page
    assert "Re: By news" not in page


def test_two_posts_of_one_title_have_two_addresses_that_stay(web: Web) -> None:
    alice = web.browser("alice")
    for _ in range(2):
        save(alice, "Same", "x")
        alice.get("/blog/")
    month = f"/blog/{datetime.now(UTC):%Y/%m}/"
    assert alice.get(f"{month}same").status == 200
    assert alice.get(f"{month}same-2").status == 200
    alice.post("/rooms/agora.blog/1/cancel", {"csrf": alice.csrf()})
    assert alice.get(f"{month}same").status == 404
    assert alice.get(f"{month}same-2").status == 200
    assert alice.get(month).text.count("<h2") >= 1


def test_twenty_a_page_and_by_month(web: Web) -> None:
    web.browser().get("/blog/")
    web.transaction.commit()
    room = find_room(web.transaction, "agora.blog")
    for number in range(25):
        posted(web.transaction, a_post(room, octets=an_article(f"post {number}")))
    web.transaction.execute("UPDATE article SET came_at = '2024-02-29T23:59:59Z' WHERE uid <= 3")
    web.transaction.commit()
    first = web.browser().get("/blog/").text
    assert first.count('<article class="prose"') == 20
    older = re.search(r'href="(/blog/\?before=\d+)"', first)
    assert older is not None
    assert web.browser().get(older[1]).text.count('<article class="prose"') == 5
    assert '<a href="/blog/2024/02/">February 2024</a> <span class="meta">3</span>' in first
    assert web.browser().get("/blog/2024/02/").text.count('<article class="prose"') == 3
    assert web.browser().get("/blog/2024/13/").status == 404
    assert web.browser().get("/blog/2024/02/none").status == 404


def test_who_may_write_is_what_the_room_says(web: Web) -> None:
    web.browser().get("/blog/")
    web.transaction.commit()
    change_room(web.transaction, find_room(web.transaction, "agora.blog"), {"posting": Posters.MODERATORS})
    web.transaction.commit()
    web.parts.directory._forget()
    alice = web.browser("alice")
    assert alice.get("/blog/new").status == 403
    assert web.script().post("/blog/save", {"title": "t", "body": "x"}, Authorization=basic("alice")).status == 403
    assert "/blog/new" not in alice.get("/blog/").text
    assert web.browser("root").get("/blog/new").status == 200


def test_a_title_that_is_too_long_or_empty_stays_in_the_form(web: Web) -> None:
    alice = web.browser("alice")
    for title in ("", "x" * 256):
        got = save(alice, title, "my <body>")
        assert got.status == 422
        assert "my &lt;body&gt;" in got.text
    assert save(alice, "x" * 255, "b").status == 303


def test_with_the_store_away_what_was_typed_stays(web: Web, database_url: str, server_url: str) -> None:
    alice = web.browser("alice")
    page = alice.get("/blog/new").text
    fields = dict(re.findall(r'name="(csrf|token)" value="(\w*)"', page))
    typed = {**fields, "title": "my <title>", "body": "my <body>"}
    outage = StoreOutage(database_url, server_url)
    outage.begin()
    try:
        got = alice.post("/blog/save", typed)
    finally:
        outage.end()
    assert got.status == 503
    assert int(got.fields["retry-after"]) > 0
    assert "my &lt;title&gt;" in got.text, got.text
    assert "my &lt;body&gt;" in got.text
    assert "psycopg" not in got.text
    eventually(lambda: alice.post("/blog/save", typed).status == 303, "the store is back")


def test_the_beginning_of_a_post_ends_with_a_paragraph_and_closes_code() -> None:
    assert beginning_of("short") == "short"
    text = "one " * 300 + "\n\n" + "two " * 300
    assert beginning_of(text) == ("one " * 300)
    assert beginning_of("```\n" + "a\n\n" * 2000 + "```\n").endswith("```\n")


def test_pictures_of_a_post_are_shown_in_it_and_other_files_are_named(web: Web) -> None:
    web.browser().get("/blog/")
    web.transaction.commit()
    room = find_room(web.transaction, "agora.blog")
    octets = an_article(
        "By mail",
        body="--b\r\n\r\nLook:\r\n--b\r\nContent-Type: image/png; name=a.png\r\n\r\nPNG\r\n"
        "--b\r\nContent-Type: image/svg+xml; name=b.svg\r\n\r\n<svg/>\r\n--b--\r\n",
        MIME_Version="1.0", Content_Type="multipart/mixed; boundary=b",
    )  # fmt: skip
    posted(web.transaction, a_post(room, octets=octets))
    web.transaction.commit()
    picture = '<img src="/rooms/agora.blog/1/part/2" alt="a.png" loading="lazy">'
    page = web.browser().get("/blog/").text
    assert picture in page
    post = web.browser().get(address_of(page, "By mail")).text
    assert picture in post
    assert '<a href="/rooms/agora.blog/1/part/3"><bdi>b.svg</bdi></a>' in post
    got = web.browser().get("/rooms/agora.blog/1/part/2")
    assert (got.fields["content-type"], got.body) == ("image/png", b"PNG")


def test_a_preview_shows_the_text_as_it_will_look_and_posts_nothing(web: Web) -> None:
    alice = web.browser("alice")
    form = {"title": "A <summer>", "body": "Some *text* of WikiHome.", "csrf": alice.csrf(), "do": "preview"}
    got = alice.post("/blog/save", form)
    assert got.status == 200
    assert "<em>text</em>" in got.text
    assert 'href="/WikiHome"' in got.text
    assert "Preview: A &lt;summer&gt;" in got.text
    assert 'value="A &lt;summer&gt;"' in got.text
    assert "Some *text* of WikiHome.</textarea>" in got.text
    assert web.transaction.value("SELECT count(*) FROM article") == 0
    assert web.browser("bob").post("/blog/save", form).status == 403  # another session's token
