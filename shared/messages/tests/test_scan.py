"""The parts that the scanner finds: offsets, boundaries, limits."""

from __future__ import annotations

import mmap
import re
import tempfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.messages import scan as scanning
from shared.messages.part import MAX_DEPTH, MAX_PARTS, Kind, Part
from shared.messages.render import render
from shared.messages.scan import scan, walk
from shared.testing.messages.load import (
    large_attachment,
    many_headers,
    many_parts,
    nested_messages,
    nested_multiparts,
    sample,
    sample_names,
)


def bodies(octets: bytes) -> list[bytes]:
    """The bodies of all leaves, in order."""
    return [octets[part.body_start : part.end] for part in walk(scan(octets)) if part.kind is Kind.LEAF]


def multipart(boundary: bytes, *lines: bytes) -> bytes:
    return b"\r\n".join([b"Content-Type: multipart/mixed; boundary=" + boundary, b"", *lines])


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"", [b""]),
        (b"\r\n", [b""]),
        (b"\n", [b""]),
        (b"\r\nbody", [b"body"]),
        (b"A: b", [b""]),
        (b"A: b\r\n", [b""]),
        (b"A: b\r\n\r\nbody", [b"body"]),
        (b"A: b\n\nbody", [b"body"]),
        (b"A: b\r\n\nbody", [b"body"]),
        (b"A: b\n\r\nbody", [b"body"]),
        (b"A: b\r\rbody", [b""]),  # a bare CR ends no line
        (multipart(b"b", b"--b", b"", b"one", b"--b", b"", b"two", b"--b--"), [b"one", b"two"]),
        (multipart(b"b", b"--b", b"", b"one", b"--b"), [b"one"]),  # the line that would begin a part is not ended
        (multipart(b"b", b"--b", b"", b"one", b"--b", b""), [b"one", b""]),
        (multipart(b"b", b"--b", b"--b", b"", b"--b--"), [b"", b""]),
        (multipart(b"b", b"--b", b"", b"", b"--b--"), [b""]),
        (multipart(b"b", b"--b", b"", b"", b"", b"--b--"), [b"\r\n"]),
        (multipart(b"b", b" --b", b"", b"-b", b"--a"), []),
        (multipart(b"b", b"--b", b"", b"--", b"x --b", b"--b--", b"--b", b"", b"epilogue"), [b"--\r\nx --b"]),
        (multipart(b"b", b"--b  ", b"", b"one", b"--b-- ", b"end"), [b"one"]),
        (multipart(b"b", b"--b", b"", b"one").replace(b"\r\n", b"\n") + b"\r\n--b--\n", [b"one"]),
        (b'Content-Type: multipart/mixed; boundary="b--"\r\n\r\n--b--\r\n\r\none\r\n--b----\r\nend', [b"one"]),
        (multipart(b"b", b"--b", b"", b"one", b"--b--").replace(b"boundary=b", b"boundary*=''%62"), [b"one"]),
        (b"Content-Type: multipart/mixed\r\n\r\n--\r\n\r\nno boundary", []),
        (b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\nno boundary', []),
    ],
)
def test_leaves_are_found(octets: bytes, expected: list[bytes]) -> None:
    assert bodies(octets) == expected


def test_longest_boundary_wins_over_one_that_begins_it() -> None:
    inner = multipart(b"bb", b"--bb", b"", b"in", b"--bb--")
    assert bodies(multipart(b"b", b"--b", inner, b"--b", b"", b"out", b"--b--")) == [b"in", b"out"]


def test_outer_boundary_ends_an_inner_multipart_left_open() -> None:
    inner = multipart(b"in", b"--in", b"", b"one")
    assert bodies(multipart(b"out", b"--out", inner, b"--out", b"", b"two", b"--in", b"", b"--out--")) == [
        b"one",
        b"two\r\n--in\r\n",
    ]


def test_innermost_of_equal_boundaries_wins() -> None:
    inner = multipart(b"b", b"--b", b"", b"in", b"--b--")
    whole = scan(multipart(b"b", b"--b", inner, b"--b", b"", b"out", b"--b--"))
    assert [len(child.children) for child in whole.children] == [1, 0]


def test_boundary_between_an_equal_pair_is_found() -> None:
    """The search for it once stopped at the outer of the pair and was not taken up again."""
    innermost = multipart(b"b", b"--b", b"", b"one", b"--b--")
    middle = multipart(b"ab", b"--ab", innermost, b"--ab", b"", b"two", b"--ab--")
    assert bodies(multipart(b"b", b"--b", middle, b"--b--")) == [b"one", b"two"]


def test_message_inside_a_part_has_its_own_tree() -> None:
    octets = sample("message_in_message_in_message")
    kinds = [part.kind for part in walk(scan(octets))]
    assert kinds == [Kind.MESSAGE, Kind.MESSAGE, Kind.MULTIPART, Kind.MESSAGE, Kind.LEAF]


def test_part_cut_off_in_its_header_is_in_what_is_around_it() -> None:
    octets = multipart(b"b", b"--b", b"Content-Type: message/rfc822", b"", b"Subject: x", b"--b--")
    message = scan(octets).children[0]
    assert octets[message.body_start : message.end] == b"Subject: x\r\n"
    assert message.children[0].end == message.end
    assert message.lines == 1


@pytest.mark.parametrize("levels", [MAX_DEPTH - 2, MAX_DEPTH, 10_000])
def test_nesting_is_opened_to_the_limit(levels: int) -> None:
    deepest = [*walk(scan(nested_messages(levels)))]
    assert len(deepest) == min(levels, MAX_DEPTH) + 1
    if levels > MAX_DEPTH:
        assert (deepest[-1].kind, deepest[-1].media_subtype) == (Kind.LEAF, b"octet-stream")


def test_multiparts_nested_ten_thousand_deep_are_rendered() -> None:
    rendered = render(nested_multiparts(10_000))
    assert b'"application" "octet-stream"' in rendered.bodystructure
    assert len(rendered.bodystructure) < 4 << 20


def test_parts_are_counted_to_the_limit() -> None:
    octets = many_parts(MAX_PARTS + 500)
    whole = scan(octets)
    assert len(whole.children) == MAX_PARTS - 1
    assert whole.children[-1].end == whole.end == len(octets)


def test_hundred_thousand_headers() -> None:
    octets = many_headers(100_000)
    part = scan(octets)
    assert octets[part.body_start : part.end] == b"body\r\n"
    assert part.fields[b"subject"] == b"Headers"


def test_large_attachment_is_one_part() -> None:
    octets = large_attachment()
    text, attachment = scan(octets).children
    assert octets[text.body_start : text.end] == b"See attachment."
    assert attachment.end - attachment.body_start > 20_000_000


@pytest.mark.parametrize("name", [name for name in sample_names() if sample(name)])
def test_mapped_file_is_scanned_like_bytes(name: str) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(sample(name))
        file.flush()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            assert render(mapped) == render(sample(name))


def test_lines_of_a_mapped_file_are_counted_over_several_chunks() -> None:
    octets = b"\r\n" + b"123456\r\n" * 300_000
    with tempfile.TemporaryFile() as file:
        file.write(octets)
        file.flush()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            assert scan(mapped).lines == 300_000


@settings(deadline=None, max_examples=300)
@given(st.text("\n\ra", max_size=40).map(str.encode), st.sampled_from([1, 2, 5, 64]))
def test_body_begins_after_the_first_empty_line(octets: bytes, step: int) -> None:
    lines = re.findall(rb"[^\n]*\n|[^\n]+", octets)
    empty = next((number for number, line in enumerate(lines) if line in (b"\n", b"\r\n")), len(lines))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanning, "_FIRST_OCTETS", step)
        patch.setattr(scanning, "_CHUNK_OCTETS", 2 * step)
        assert scanning.end_of_header(octets, 0, len(octets)) == len(b"".join(lines[: empty + 1]))


SCRAPS = [
    *(
        b"--a",
        b"--a--",
        b"--ab",
        b"--b",
        b"--",
        b"\r\n",
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b" ",
        b"text",
        b"\xff\xfe",
        b":",
    ),
    *(b"Content-Type: multipart/mixed; boundary=a", b"Content-Type: multipart/digest;\r\n boundary=ab"),
    *(
        b"Content-Type: message/rfc822",
        b"Content-Type: text/plain; charset*0=x",
        b"To: a@b, (",
        b'From: "x" <y',
        b"Subject:",
    ),
    *(b"Content-Disposition: attachment; filename*0*=''a; filename*1=b", b"Date: Mon, 1 Jan 2024 00:00:00 +0000"),
]
BROKEN_MIME = st.lists(st.one_of(st.sampled_from(SCRAPS), st.binary(max_size=6)), max_size=60).map(b"".join)


@settings(deadline=None, max_examples=400)
@given(st.one_of(BROKEN_MIME, st.binary(max_size=400), st.lists(st.sampled_from(SCRAPS)).map(b"\r\n".join)))
def test_any_octets_give_a_consistent_tree(octets: bytes) -> None:
    rendered = render(octets)
    assert rendered.size_octets == len(octets)
    root = scan(octets)
    assert (root.header_start, root.end) == (0, len(octets))
    for part in walk(root):
        assert_consistent(octets, part)


def assert_consistent(octets: bytes, part: Part) -> None:
    assert 0 <= part.header_start <= part.body_start <= part.end <= len(octets)
    counts_lines = part.kind is Kind.MESSAGE or (part.kind is Kind.LEAF and part.media.is_text)
    assert part.lines == (octets.count(b"\n", part.body_start, part.end) if counts_lines else 0)
    assert len(part.children) == 1 if part.kind is Kind.MESSAGE else True
    before = part.body_start
    for child in part.children:
        assert before <= child.header_start
        before = child.end
    assert before <= part.end
    for child in part.children if part.kind is Kind.MULTIPART else ():
        line = octets.rfind(b"\n--", 0, child.header_start)
        assert line >= part.body_start - 1
        assert b"\n" not in octets[line + 1 : child.header_start - 1]
