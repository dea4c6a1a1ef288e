"""Files that are attached to pages."""

from __future__ import annotations

import html
import re

import pytest

from services.wiki.tests.web import Got, Web, basic


def attach(web: Web, name: str, kind: str, body: bytes) -> Got:
    parts = (
        b'--xx\r\nContent-Disposition: form-data; name="file"; filename="' + name.encode() + b'"\r\n'
        b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body + b"\r\n--xx--\r\n"
    )
    return web.script().ask(
        "POST",
        "/attachments/TeaPage",
        parts,
        Content_Type="multipart/form-data; boundary=xx",
        Authorization=basic("alice"),
    )


def test_a_file_comes_back_as_it_was_with_ranges(web: Web) -> None:
    web.script().ask("PUT", "/TeaPage", b"x", Authorization=basic("alice"))
    body = bytes(range(256)) * 2000
    assert attach(web, "plan é.bin", "application/x-thing", body).status == 303
    assert "plan é.bin" in web.browser().get("/attachments/TeaPage").text
    path = "/files/TeaPage?name=plan%20%C3%A9.bin"
    got = web.script().get(path)
    assert got.body == body
    assert got.fields["content-disposition"].startswith("attachment;")
    assert web.script().get(path, Range="bytes=5-9").body == body[5:10]
    assert web.script().get(path, If_None_Match=got.fields["etag"]).status == 304


@pytest.mark.parametrize(
    "kind", ["text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "application/pdf", "TEXT/HTML; x"]
)
def test_what_could_run_here_is_saved_to_disk_and_never_shown(web: Web, kind: str) -> None:
    web.script().ask("PUT", "/TeaPage", b"x", Authorization=basic("alice"))
    attach(web, "evil", kind, b"<script>alert(1)</script>")
    got = web.script().get("/files/TeaPage?name=evil")
    assert got.fields["content-type"] == "application/octet-stream"
    assert got.fields["content-disposition"].startswith("attachment;")
    assert "sandbox" in got.fields["content-security-policy"]


def test_pictures_are_shown(web: Web) -> None:
    web.script().ask("PUT", "/TeaPage", b"x", Authorization=basic("alice"))
    attach(web, "tea.png", "image/png", b"\x89PNG")
    got = web.script().get("/files/TeaPage?name=tea.png")
    assert (got.fields["content-type"], got.fields["content-disposition"][:7]) == ("image/png", "inline;")
    browser = web.browser("alice")
    assert browser.post("/files/TeaPage", {"name": "tea.png", "csrf": browser.csrf()}).status == 303
    assert web.script().get("/files/TeaPage?name=tea.png").status == 404


def test_a_form_without_a_file_says_so(web: Web) -> None:
    web.script().ask("PUT", "/TeaPage", b"x", Authorization=basic("alice"))
    assert web.script().post("/attachments/TeaPage", {"x": "y"}, Authorization=basic("alice")).status == 400


def test_a_page_shows_and_leads_to_its_files_also_when_it_is_renamed(web: Web) -> None:
    """By the addresses in its own HTML, which a browser may have kept from before the page was renamed."""
    source = b"![the tea](<my tea.png>) and [the plan](plan.txt)"
    web.script().ask("PUT", "/TeaPage", source, Authorization=basic("alice"))
    attach(web, "my tea.png", "image/png", b"\x89PNG")
    attach(web, "plan.txt", "text/plain", b"tea at four")
    shown = web.browser().get("/TeaPage").text
    image, plan = re.search('<img src="([^"]+)"', shown), re.search('<a href="(/files[^"]+)"', shown)
    assert image is not None
    assert plan is not None
    assert web.browser().get(html.unescape(image[1])).body == b"\x89PNG"
    assert web.browser().get(html.unescape(plan[1])).body == b"tea at four"
    alice = web.browser("alice")
    form = {"csrf": alice.csrf(), "to": "Any Tea"}
    assert alice.post("/rename/TeaPage", form).status == 303
    led_on = web.browser().get(html.unescape(image[1]))
    assert (led_on.status, led_on.fields["location"]) == (301, "/files/Any%20Tea?name=my%20tea.png")
    assert web.browser().get(led_on.fields["location"]).body == b"\x89PNG"
