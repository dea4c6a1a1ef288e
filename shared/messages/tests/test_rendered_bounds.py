"""Renderings of a message are bounded, whatever its octets are, and cut so that they can still be read."""

from __future__ import annotations

import encodings
import mmap
import re
import tempfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.messages.bodystructure import MOST_BODYSTRUCTURE_OCTETS
from shared.messages.charset import decode
from shared.messages.envelope import MOST_ENVELOPE_OCTETS
from shared.messages.part import MAX_BOUNDARY_OCTETS, MAX_DEPTH, MAX_PARTS, Kind
from shared.messages.render import Rendered, render, renders_quickly
from shared.messages.scan import scan, walk
from shared.messages.sections import RECORD_OCTETS, find_section
from shared.testing.messages.hostile import HOSTILE
from shared.testing.messages.load import many_parts

MOST_SECTIONS_OCTETS = (MAX_PARTS + MAX_DEPTH) * RECORD_OCTETS
FIELDS = [
    *(b"Date", b"Subject", b"From", b"Sender", b"Reply-To", b"To", b"Cc", b"Bcc", b"In-Reply-To", b"Message-ID"),
    *(b"Content-Type", b"Content-Transfer-Encoding", b"Content-ID", b"Content-Description", b"Content-Disposition"),
    *(b"Content-MD5", b"Content-Language", b"Content-Location"),
]
UNITS = [b"x", b'"', b"a,", b"a@b,", b"\xe9", b"x;a=b", b"a;a*0=b", b'\\"', b" y", b"\r\n\tz", b"(", b"g:a@b,"]


def assert_bounded(rendered: Rendered) -> None:
    assert len(rendered.envelope) <= MOST_ENVELOPE_OCTETS
    assert len(rendered.bodystructure) <= MOST_BODYSTRUCTURE_OCTETS
    assert len(rendered.sections) <= MOST_SECTIONS_OCTETS
    assert_one_value(rendered.envelope)
    assert_one_value(rendered.bodystructure)


TOKEN = re.compile(rb'(?P<string>"(?:[^"\\\r\n\x80-\xff]|\\["\\])*")|\{(?P<size>\d+)\}\r\n|(?P<sign>[() ])|NIL|\d+')


def assert_one_value(text: bytes) -> None:
    """It is one parenthesised list of strings, numbers, NILs and lists."""
    at = depth = 0
    while at < len(text):
        token = TOKEN.match(text, at)
        assert token is not None, text[at : at + 50]
        at = token.end() + int(token["size"] or 0)
        depth += {b"(": 1, b")": -1}.get(token[0], 0)
        assert depth > 0 or at == len(text)
    assert depth == 0


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_message_is_rendered_within_bounds(name: str) -> None:
    assert_bounded(render(HOSTILE[name](256 << 10)))


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("field", FIELDS)
def test_field_of_any_length_is_rendered_within_bounds(field: bytes, unit: bytes) -> None:
    line = field + b": " + unit * ((512 << 10) // len(unit)) + b"\r\n"
    assert_bounded(render(line + b"\r\nbody"))
    assert_bounded(render(b"Content-Type: message/rfc822\r\n\r\n" + line + b"\r\nbody"))


def test_all_fields_together_are_rendered_within_bounds() -> None:
    for unit in UNITS:
        header = b"".join(field + b": " + unit * ((16 << 10) // len(unit)) + b"\r\n" for field in FIELDS)
        assert_bounded(render(header + b"\r\nbody"))
        part = b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + header + b"\r\n"
        assert_bounded(render(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part * 40))


VALUES = st.builds(bytes.__mul__, st.sampled_from(UNITS), st.sampled_from([0, 1, 50, 3000]))
LINES = st.builds(lambda field, value: field + b": " + value, st.sampled_from(FIELDS), VALUES)
TYPES = st.sampled_from(
    [
        *(b"Content-Type: multipart/mixed; boundary=b", b"Content-Type: multipart/digest; boundary=bb"),
        *(b"Content-Type: message/rfc822", b"--b", b"--bb", b"--b--", b"", b"text"),
    ]
)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.one_of(LINES, TYPES), max_size=30).map(b"\r\n".join), st.sampled_from([1, 1, 1, 300]))
def test_any_message_is_rendered_within_bounds(octets: bytes, times: int) -> None:
    assert_bounded(render(octets * times))


def test_long_subject_is_cut_between_words() -> None:
    rendered = render(b"Subject: " + b"word " * 2000 + b"\r\n\r\n")
    assert rendered.envelope.startswith(b'(NIL "word word')
    assert b'word word" NIL' in rendered.envelope
    assert 4000 < len(rendered.envelope) < 4200


def test_long_subject_is_cut_between_characters() -> None:
    envelope = render(b"Subject: " + "é".encode() * 4096 + b"x\r\n\r\n").envelope
    assert envelope[envelope.index(b"\r\n") + 2 :].split(b" ")[0].decode() == "é" * 2048
    odd = render(b"Subject: x" + "é".encode() * 4096 + b"\r\n\r\n").envelope
    assert odd[odd.index(b"\r\n") + 2 :].split(b" ")[0].decode() == "x" + "é" * 2047


def test_thousand_recipients_are_shown_and_those_of_four_megabytes_are_not() -> None:
    def envelope(people: int) -> bytes:
        names = b",\r\n ".join(b"Alice Example <alice%d@example.org>" % n for n in range(people))
        return render(b"To: " + names + b"\r\n\r\n").envelope

    assert envelope(1000).count(b'"example.org"') == 1000
    assert 1000 < envelope(100_000).count(b'"example.org"') < 1500


def test_fields_far_down_a_header_are_not_looked_for() -> None:
    padding = b"X: y\r\n" * 100_000
    assert b"seen" in render(b"Subject: seen\r\n" + padding + b"\r\n").envelope
    assert b"seen" not in render(padding + b"Subject: seen\r\n\r\nbody").envelope
    part = scan(padding + b"Subject: seen\r\n\r\nbody")
    assert part.end - part.body_start == len(b"body")


@pytest.mark.parametrize("octets", [70, MAX_BOUNDARY_OCTETS])
def test_boundary_may_be_longer_than_the_standard_allows(octets: int) -> None:
    assert len(scan(two_parts(b"b" * octets)).children) == 2


@pytest.mark.parametrize("octets", [MAX_BOUNDARY_OCTETS + 1, 3000, 1 << 20])
def test_multipart_with_a_longer_boundary_is_one_opaque_part(octets: int) -> None:
    part = scan(two_parts(b"b" * octets))
    assert part.kind is Kind.LEAF
    assert part.media.rendered == b'"application" "octet-stream" NIL'


def two_parts(boundary: bytes) -> bytes:
    parts = b"--%b\r\n\r\none\r\n--%b\r\n\r\ntwo\r\n--%b--\r\n" % (boundary, boundary, boundary)
    return b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\r\n\r\n' + parts


def test_what_does_not_fit_belongs_to_the_last_part_that_does() -> None:
    octets = many_parts(MAX_PARTS - 5)
    rendered = render(octets)
    assert MOST_BODYSTRUCTURE_OCTETS - (17 << 10) < len(rendered.bodystructure) <= MOST_BODYSTRUCTURE_OCTETS
    parts = rendered.bodystructure.count(b'"text" "plain"')
    assert find_section(rendered.sections, [parts + 1]) is None
    last = find_section(rendered.sections, [parts])
    assert last is not None
    assert last[1] == len(octets)
    assert b'"7bit" %d ' % (last[1] - last[0]) in rendered.bodystructure


def test_digest_of_ordinary_messages_is_shown_with_all_their_envelopes() -> None:
    """Envelopes used to end after 512 KiB of headers: a hundred messages that came through many servers."""
    received = b"Received: from a.example.org by b.example.org; Mon, 15 Jan 2024 09:30:00 +0000\r\n" * 60
    message = b"\r\n--d\r\n\r\n" + received + b"From: Alice <alice@example.org>\r\nSubject: tea\r\n\r\nAt four?\r\n"
    octets = b"Content-Type: multipart/digest; boundary=d\r\n\r\n" + message * 300 + b"\r\n--d--\r\n"
    assert render(octets).bodystructure.count(b'"tea"') == 300


def test_python_remembers_no_charset_that_a_stranger_made_up() -> None:
    decode(b"\xe9", "x-before")
    before = len(encodings._cache)
    for number in range(100):
        decode(b"\xe9", f"x-made-up-{number}")
    assert len(encodings._cache) == before


@pytest.mark.parametrize("name", HOSTILE)
def test_mapped_message_is_rendered_as_in_memory(name: str) -> None:
    octets = HOSTILE[name](128 << 10)
    with tempfile.TemporaryFile(buffering=0) as file:
        file.write(octets)
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            assert render(mapped) == render(octets)


def test_message_of_many_parts_is_not_rendered_on_the_reactor() -> None:
    assert renders_quickly(many_parts(10))
    assert renders_quickly(many_parts(10) + b"line\r\n" * 9_000)
    assert not renders_quickly(many_parts(10) + b"line\r\n" * 12_000)
    assert not renders_quickly(many_parts(3000))


def test_all_parts_are_walked_in_the_order_in_which_they_are_counted() -> None:
    octets = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        + b"--b\r\nContent-Type: message/rfc822\r\n\r\n\r\nx\r\n" * 5
    )
    for most in range(1, 12):
        parts = [*walk(scan(octets, most_parts=most))]
        assert len(parts) == min(most, 11)
        assert all(part.end == len(octets) for part in (parts[0], parts[-1]))
