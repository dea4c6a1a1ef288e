"""BODY[…]: which octets a section specification names (RFC 3501 §6.4.5)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from shared.messages.part import Kind
from shared.messages.scan import scan, walk
from shared.messages.sections import RECORD_OCTETS, find_section, pack_sections, place_at, places_below
from shared.messages.tests.test_scan import BROKEN_MIME
from shared.testing.messages.load import many_parts, sample

# The example of RFC 3501 §6.4.5: 1 text, 2 application, 3 message (1 text, 2 application),
# 4 multipart (1 image, 2 message whose multipart is 1 text, 2 multipart (1 text, 2 text)).
EXAMPLE = b"""Subject: 0\r
Content-Type: multipart/mixed; boundary=A\r
\r
--A\r
Content-Type: text/plain\r
\r
1\r
--A\r
Content-Type: application/octet-stream\r
\r
2\r
--A\r
Content-Type: message/rfc822\r
\r
Subject: 3\r
Content-Type: multipart/mixed; boundary=B\r
\r
--B\r
\r
3.1\r
--B\r
Content-Type: application/octet-stream\r
\r
3.2\r
--B--\r
\r
--A\r
Content-Type: multipart/mixed; boundary=C\r
\r
--C\r
Content-Type: image/gif\r
Content-ID: <4.1>\r
\r
4.1\r
--C\r
Content-Type: message/rfc822\r
\r
Subject: 4.2\r
Content-Type: multipart/mixed; boundary=D\r
\r
--D\r
\r
4.2.1\r
--D\r
Content-Type: multipart/alternative; boundary=E\r
\r
--E\r
\r
4.2.2.1\r
--E\r
Content-Type: text/richtext\r
\r
4.2.2.2\r
--E--\r
\r
--D--\r
\r
--C--\r
\r
--A--\r
"""


def section(octets: bytes, path: tuple[int, ...], what: str = "") -> bytes | None:
    found = find_section(pack_sections(scan(octets)), path, what)
    return None if found is None else octets[slice(*found)]


@pytest.mark.parametrize("path", ["1", "2", "3.1", "3.2", "4.1", "4.2.1", "4.2.2.1", "4.2.2.2"])
def test_example_of_the_rfc_part_by_part(path: str) -> None:
    assert section(EXAMPLE, tuple(map(int, path.split(".")))) == path.encode()


@pytest.mark.parametrize(
    ("path", "what", "expected"),
    [
        ((), "", EXAMPLE),
        ((), "HEADER", EXAMPLE[: EXAMPLE.index(b"--A")]),
        ((), "TEXT", EXAMPLE[EXAMPLE.index(b"--A") :]),
        ((3,), "HEADER", b"Subject: 3\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n"),
        ((3,), "TEXT", EXAMPLE[EXAMPLE.index(b"--B") : EXAMPLE.index(b"--B--") + 7]),
        ((3,), "MIME", b"Content-Type: message/rfc822\r\n\r\n"),
        ((4, 1), "MIME", b"Content-Type: image/gif\r\nContent-ID: <4.1>\r\n\r\n"),
        ((4, 2), "HEADER", b"Subject: 4.2\r\nContent-Type: multipart/mixed; boundary=D\r\n\r\n"),
        ((4, 2, 2, 1), "MIME", b"\r\n"),
        ((4, 2, 2), "", b"--E\r\n\r\n4.2.2.1\r\n--E\r\nContent-Type: text/richtext\r\n\r\n4.2.2.2\r\n--E--\r\n"),
    ],
)
def test_example_of_the_rfc_in_its_other_sections(path: tuple[int, ...], what: str, expected: bytes) -> None:
    assert section(EXAMPLE, path, what) == expected


@pytest.mark.parametrize(
    ("path", "what"),
    [
        *(((5,), ""), ((0,), ""), ((1, 1), ""), ((3, 3), ""), ((4, 2, 2, 3), ""), ((4, 2, 1, 1), "")),
        *(((1,), "HEADER"), ((4,), "TEXT"), ((), "MIME"), ((9,), "MIME"), ((1, 1), "MIME")),
    ],
)
def test_section_that_is_not_there(path: tuple[int, ...], what: str) -> None:
    assert section(EXAMPLE, path, what) is None


def test_message_that_is_a_single_part_has_part_1() -> None:
    octets = b"Subject: x\r\n\r\nbody\r\n"
    assert section(octets, (1,)) == b"body\r\n"
    assert section(octets, (1,), "MIME") == b"Subject: x\r\n\r\n"
    assert section(octets, (2,)) is None
    assert section(octets, (1, 1)) is None


def test_message_that_is_a_message_has_the_inner_one_as_part_1() -> None:
    octets = b"Content-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\ntext"
    assert section(octets, (1,)) == b"Subject: in\r\n\r\ntext"
    assert section(octets, (1,), "HEADER") == b"Subject: in\r\n\r\n"
    assert section(octets, (1,), "TEXT") == section(octets, (1, 1)) == b"text"
    assert section(octets, (1, 1, 1)) is None


def test_chain_of_messages_is_followed() -> None:
    octets = sample("message_in_message_in_message")
    assert section(octets, (1, 1, 1, 1)) == b"The innermost text."
    header = section(octets, (1, 1, 1), "HEADER")
    assert header is not None
    assert b"Subject: chain\r\n" in header


def test_part_of_many_is_found() -> None:
    octets = many_parts(5000)
    assert section(octets, (5000,)) == b"text"
    assert section(octets, (5001,)) is None


@settings(deadline=None)
@given(BROKEN_MIME)
def test_packed_tree_is_the_scanned_tree(octets: bytes) -> None:
    root = scan(octets)
    packed = pack_sections(root)
    parts = list(walk(root))
    assert len(packed) == len(parts) * RECORD_OCTETS
    for number, part in enumerate(parts):
        place = place_at(packed, number * RECORD_OCTETS)
        assert place[:4] == (part.header_start, part.body_start, part.end, part.kind)
        below = [(p.header_start, p.kind) for p in places_below(packed, place)]
        assert below == [(child.header_start, child.kind) for child in part.children]
        assert part.kind is not Kind.LEAF or not below
