"""Header fields: cut out, read, in every line end and fold."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.messages.fields import header_fields, read_fields

HEADER = b"From: a@b\r\nTo: c@d,\r\n\te@f\r\nX-To: not this\r\nSUBJECT : s\r\nto: again\r\n\r\n"


@pytest.mark.parametrize(
    ("names", "exclude", "expected"),
    [
        ([b"To"], False, b"To: c@d,\r\n\te@f\r\nto: again\r\n\r\n"),
        ([b"from", b"subject"], False, b"From: a@b\r\nSUBJECT : s\r\n\r\n"),
        ([b"cc"], False, b"\r\n"),
        ([], False, b"\r\n"),
        ([b"TO"], True, b"From: a@b\r\nX-To: not this\r\nSUBJECT : s\r\n\r\n"),
        ([], True, HEADER),
        ([b"from", b"to", b"x-to", b"subject"], True, b"\r\n"),
        ([b"."], False, b"\r\n"),
    ],
)
def test_fields_are_cut_out(names: list[bytes], exclude: bool, expected: bytes) -> None:
    assert header_fields(HEADER, names, exclude) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"", b""),
        (b"\n", b"\r\n"),
        (b"\r\n", b"\r\n"),
        (b"A: 1", b"A: 1"),
        (b"B: 2\r\nA: 1", b"A: 1"),
        (b"A: 1\r\nB: 2", b"A: 1\r\n"),
        (b"A: 1\r\n", b"A: 1\r\n"),
        (b"B: 2\r\n", b""),
        (b"A: 1\nB: 2\n\n", b"A: 1\n\r\n"),
        (b"A: 1\r\n \r\n folded\r\nB: 2\r\n\r\n", b"A: 1\r\n \r\n folded\r\n\r\n"),
        (b" A: in a fold\r\nA: 1\r\n\r\n", b"A: 1\r\n\r\n"),
        (b"A no colon\r\nA : 1\r\nAA: 2\r\n\r\n", b"A : 1\r\n\r\n"),
    ],
)
def test_one_field_is_cut_out_of_any_header(header: bytes, expected: bytes) -> None:
    assert header_fields(header, [b"a"]) == expected


def test_header_without_a_blank_line_gains_none() -> None:
    header = b"From: a@b\r\nSubject: no body\r\n"
    assert header_fields(header, [b"subject"]) == b"Subject: no body\r\n"
    assert header_fields(header, [], exclude=True) == header


@settings(deadline=None)
@given(st.lists(st.sampled_from([b"A: 1\r\n", b"B: 2\r\n", b" fold\r\n", b"b:\n", b"no colon\r\n", b"a : \xff\r\n"])))
def test_both_halves_make_the_whole(lines: list[bytes]) -> None:
    header = b"".join(lines).lstrip() + b"\r\n"
    named, rest = header_fields(header, [b"a"]), header_fields(header, [b"a"], exclude=True)
    assert len(named) + len(rest) == len(header) + 2
    assert sorted((named + rest).splitlines()) == sorted((header + b"\r\n").splitlines())


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"Subject: a\r\n\r\n", {b"subject": b"a"}),
        (b"sUbJeCt\t :  a \t\r\n\r\n", {b"subject": b"a"}),
        (b"Subject: a\r\n b\r\n\t c\r\n\r\n", {b"subject": b"a b\t c"}),
        (b"Subject: a\n b\n\n", {b"subject": b"a b"}),
        (b"Subject: a\r\n b\nTo: c\r\n\r\n", {b"subject": b"a b", b"to": b"c"}),
        (b"Subject:\r\n folded\r\n\r\n", {b"subject": b"folded"}),
        (b"Subject: first\r\n fold\r\nSubject: second\r\n\r\n", {b"subject": b"second"}),
        (b"Content-Type: a/b\r\nContent-Type: c/d\r\n ; e=f\r\n\r\n", {b"content-type": b"a/b"}),
        (b"To: a\r\nTo: b\r\n\tc\r\nTo: d\r\n\r\n", {b"to": b"a\n b\tc\n d"}),
        (b"X: y\r\n z\r\nSubject no colon\r\n Subject: fold\r\n: none\r\n\r\n", {}),
        (b" Subject: fold of nothing\r\n\r\n", {}),
        (b"Date: a\rb", {b"date": b"a\rb"}),
    ],
)
def test_fields_of_envelope_and_structure_are_read(header: bytes, expected: dict[bytes, bytes]) -> None:
    assert read_fields(header) == expected
