"""The overview of an article as RFC 3977 §8 has it, whatever the article is."""

from __future__ import annotations

import mmap
import tempfile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.messages.overview import MOST_FIELD_OCTETS, OverviewFields, overview_fields

ARTICLE = (
    b"Path: news.example.test!not-for-mail\r\n"
    b"From: Alice <alice@example.test>\r\n"
    b"Newsgroups: local.tea\r\n"
    b"Subject: At four?\r\n"
    b"Date: Mon, 01 Jul 2024 10:00:00 +0000\r\n"
    b"Message-ID: <2@example.test>\r\n"
    b"References: <1@example.test>\r\n"
    b"\r\n"
    b"Yes.\r\n"
    b"\r\n"
    b"-- \r\n"
)
IDENTIFIERS = [b"<%d.%s@example.test>" % (number, b"x" * 30) for number in range(100)]


def of(field: bytes) -> OverviewFields:
    return overview_fields(field + b"\r\n\r\nbody\r\n")


def test_fields_of_an_ordinary_article() -> None:
    assert overview_fields(ARTICLE) == OverviewFields(
        subject=b"At four?",
        from_=b"Alice <alice@example.test>",
        date=b"Mon, 01 Jul 2024 10:00:00 +0000",
        identifier=b"<2@example.test>",
        references=b"<1@example.test>",
        octets=len(ARTICLE),
        lines=3,
    )


def test_field_that_is_absent_is_empty() -> None:
    assert overview_fields(b"") == OverviewFields(b"", b"", b"", b"", b"", 0, 0)
    assert of(b"X-Subject: no\r\nNot a field\r\nsubjects: no").subject == b""


@pytest.mark.parametrize(
    ("folded", "told"),
    [
        (b"Subject: one\r\n two", b"one two"),
        (b"Subject:\r\n\tone\r\n\ttwo", b"one two"),
        (b"SUBJECT : one", b"one"),
        (b"subject:one\ttwo\0three\rfour", b"one two three four"),
        (b"Subject:   ", b""),
        (b"Subject: =?utf-8?q?t=C3=A9?= t\xe9", b"=?utf-8?q?t=C3=A9?= t\xe9"),
        (b"Subject: first\r\nSubject: second", b"first"),
    ],
)
def test_field_is_told_on_one_line(folded: bytes, told: bytes) -> None:
    assert of(folded).subject == told


@pytest.mark.parametrize(
    ("body", "lines"),
    [(b"", 0), (b"one\r\n", 1), (b"one\r\ntwo", 2), (b"\r\n\r\n", 2), (b".\r\n..\r\n", 2)],
)
def test_lines_are_those_of_the_body(body: bytes, lines: int) -> None:
    assert overview_fields(b"Subject: x\r\n\r\n" + body).lines == lines


def test_article_without_a_body_has_no_lines() -> None:
    assert overview_fields(b"Subject: x\r\n").lines == 0
    assert overview_fields(b"Subject: x") == OverviewFields(b"x", b"", b"", b"", b"", 10, 0)


def test_long_text_ends_behind_a_word() -> None:
    told = of(b"Subject: " + b"seven77\r\n " * 500).subject
    assert MOST_FIELD_OCTETS - 8 <= len(told) <= MOST_FIELD_OCTETS
    assert set(told.split(b" ")) == {b"seven77"}


def test_long_text_is_not_cut_within_a_character() -> None:
    told = of(b"Subject: x" + "€".encode() * 1000).subject
    assert told.decode() == "x" + "€" * 332


def test_of_long_references_the_first_and_the_last_stay() -> None:
    told = of(b"References: " + b"\r\n ".join(IDENTIFIERS)).references
    assert len(told) <= MOST_FIELD_OCTETS
    kept = told.split(b" ")
    assert kept == [IDENTIFIERS[0], *IDENTIFIERS[1 - len(kept) :]]
    assert len(kept) > 15


def test_map_is_read_as_memory_is() -> None:
    octets = ARTICLE + b"line\r\n" * 200_000
    with tempfile.TemporaryFile(buffering=0) as file:
        file.write(octets)
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            assert overview_fields(mapped) == overview_fields(octets)


@example([b"References:<a@b> ", *[b"x" * 400] * 3])
@given(st.lists(st.sampled_from([b"\r\n", b"\n", b"\r", b" ", b"\t", b"\0", b":", b"x" * 400, b"References",
                                 b"Subject", b"From", b"\xe2\x82\xac", b"<a@b>", b"."]), max_size=60))  # fmt: skip
def test_whatever_the_octets_are_the_overview_is_one_short_line(pieces: list[bytes]) -> None:
    told = overview_fields(b"".join(pieces))
    for text in told[:5]:
        assert isinstance(text, bytes)
        assert len(text) <= MOST_FIELD_OCTETS
        assert not set(text) & set(b"\0\t\r\n")
        assert text == text.strip(b" ")
