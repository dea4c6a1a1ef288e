"""An article made of what a person typed is one that rooms take."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.messages.reading import read_message
from shared.rooms.article_header import read_article
from shared.rooms.posts.compose import Draft, DraftUnfit, compose, quoted, references_of_reply, reply_subject

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def composed(draft: Draft, name: str = "Jürgen, B.") -> bytes:
    octets = compose(draft, name, "j@localhost", ["local.garden"])
    read_article(octets, NOW)  # what a room would refuse raises here
    return octets


def test_what_was_typed_is_what_is_read() -> None:
    octets = composed(Draft("Wölle für alle 🧶", "Grüße\r\nBlau\r\n"))
    message = read_message(octets)
    assert (message.subject, message.author.name) == ("Wölle für alle 🧶", "Jürgen, B.")
    assert message.texts[0].text == "Grüße\nBlau\n"


def test_an_answer_refers_to_the_thread_and_quotes() -> None:
    parent = read_message(
        b"From: Bob <b@x>\r\nMessage-ID: <2@x>\r\nReferences: <1@x>\r\n\r\none\r\n> two\r\n-- \r\nBob\r\n"
    )
    references = references_of_reply(parent)
    assert references == (b"<1@x>", b"<2@x>")
    assert quoted(parent) == "Bob wrote:\n> one\n>> two\n\n"
    assert read_message(composed(Draft("Re: x", "yes", references))).references == references


def test_the_longest_references_keep_the_first_and_the_newest() -> None:
    many = [b"<%d.%b@example.org>" % (number, b"x" * 100) for number in range(100)]
    found = read_message(composed(Draft("Re: x", "yes", many))).references
    assert (found[0], found[-1]) == (many[0], many[-1])
    assert len(found) < 12


@pytest.mark.parametrize("subject", ["", " ", "a\r\nBcc: b@x", "x" * 256])
def test_a_subject_that_no_header_holds_is_refused_by_name(subject: str) -> None:
    with pytest.raises(DraftUnfit) as refused:
        composed(Draft(subject, "text"))
    assert refused.value.field == "subject"


def test_an_empty_text_is_refused_by_name() -> None:
    with pytest.raises(DraftUnfit) as refused:
        composed(Draft("x", " \n"))
    assert refused.value.field == "text"


@pytest.mark.parametrize("name", ["a\r\nBcc: b@x", "<x>", '"', "\ud800", "x" * 200, "李雷" * 60])
def test_no_name_breaks_the_header(name: str) -> None:
    assert b"\r\nBcc" not in composed(Draft("x", "y"), name)


def test_long_lines_are_encoded_and_read_as_typed() -> None:
    text = "wort " * 1000 + "\n"
    assert read_message(composed(Draft("x", text))).texts[0].text == text


def test_a_reply_has_one_prefix() -> None:
    assert reply_subject("Re: RE: [garden] Fwd: seeds") == "Re: seeds"


def test_a_room_with_the_longest_name_is_written_as_it_is() -> None:
    room = "a." * 39 + "bc"
    assert read_article(compose(Draft("x", "y"), "J", "j@localhost", [room, "a.b"]), NOW).groups == [room, "a.b"]
