"""A message for reading: its text, its author, and what is attached."""

from __future__ import annotations

import base64
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.messages.people import first_person
from shared.messages.reading import MOST_TEXT_OCTETS, Reading, Text, read_attachment, read_message

HEADER = b"From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>\r\nSubject: =?utf-8?q?W=C3=B6lle?=\r\nMessage-ID: <1@x>\r\n"


def read(rest: bytes) -> Reading:
    return read_message(HEADER + rest)


def test_author_subject_and_plain_text() -> None:
    message = read(b"References: <a@x> <b@x>\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nGr\xfc\xdfe\r\n")
    assert message.author == ("Jürgen", "j@example.org")
    assert (message.subject, message.identifier, message.references) == ("Wölle", b"<1@x>", (b"<a@x>", b"<b@x>"))
    assert message.texts == [Text("Grüße\n", is_html=False, is_cut=False)]
    assert not message.attachments


def test_plain_text_is_preferred_to_its_html() -> None:
    message = read(
        b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>html\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nplain\r\n--b--\r\n"
    )
    assert [piece.text for piece in message.texts] == ["plain"]
    assert not message.attachments


def test_html_alone_is_told_to_be_html() -> None:
    message = read(
        b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/related; boundary=c\r\n"
        b"\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>html\r\n--c--\r\n--b--\r\n"
    )
    assert message.texts == [Text("<p>html", is_html=True, is_cut=False)]


def test_an_attachment_has_a_safe_name_and_its_content() -> None:
    octets = HEADER + (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\n"
        b"Content-Type: image/svg+xml\r\nContent-Transfer-Encoding: base64\r\n"
        b'Content-Disposition: attachment; filename="../..\\\\etc/<x>.svg"\r\n\r\n'
        + base64.b64encode(b"<svg onload=alert(1)>")
        + b"\r\n--b--\r\n"
    )
    (attachment,) = read_message(octets).attachments
    assert attachment.media_type == "image/svg+xml"
    assert attachment.name == "etcx.svg"
    found = read_attachment(octets, attachment.number)
    assert found is not None
    assert found[1] == b"<svg onload=alert(1)>"
    assert read_attachment(octets, 0) is None
    assert read_attachment(octets, 99) is None


def test_text_that_is_attached_is_no_text_of_the_message() -> None:
    message = read(
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\n"
        b"Content-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nfile\r\n--b--\r\n"
    )
    assert [piece.text for piece in message.texts] == ["hello"]
    assert [each.name for each in message.attachments] == ["part-2"]


def test_a_message_inside_is_attached() -> None:
    message = read(b"Content-Type: message/rfc822\r\n\r\nSubject: inside\r\n\r\ntext\r\n")
    assert not message.texts
    assert [(each.media_type, each.name) for each in message.attachments] == [("message/rfc822", "message-0.eml")]


def test_flowed_paragraphs_are_joined_but_quotes_and_signatures_are_not() -> None:
    message = read(b"Content-Type: text/plain; format=flowed\r\n\r\nlong \r\nline\r\n> a \r\n> b\r\n-- \r\nme\r\n")
    assert message.texts[0].text == "long line\n> a \n> b\n-- \nme\n"


def test_a_text_that_is_too_long_is_cut_and_says_so() -> None:
    message = read(b"\r\n" + b"word word word\r\n" * 100_000)
    assert message.texts[0].is_cut
    assert len(message.texts[0].text) <= MOST_TEXT_OCTETS


def test_the_direction_of_a_line_cannot_be_turned_by_a_name() -> None:
    assert first_person("\u202egnp.exe\u2066 <a@example.org>".encode()).name == "gnp.exe"


@pytest.mark.parametrize(
    ("value", "name", "address"),
    [
        (b"a@example.org", "a", "a@example.org"),
        (b'"A, B" <a@example.org>', "A, B", "a@example.org"),
        (b"nobody", "nobody", ""),
        (b"", "unknown", ""),
        (b"<>", "unknown", ""),
    ],
)
def test_a_person_always_has_a_name(value: bytes, name: str, address: str) -> None:
    assert first_person(value) == (name, address)


def test_ten_thousand_parts_are_read_in_time() -> None:
    octets = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 20_000
    began = process_time()
    message = read_message(octets)
    assert process_time() - began < 5
    assert len(message.texts) <= 20
    assert len(message.attachments) <= 100


@given(some.binary(max_size=500))
def test_nothing_raises(octets: bytes) -> None:
    read_message(octets)
    read_attachment(octets, 1)
