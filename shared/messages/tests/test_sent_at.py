"""The Date field as people send it."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.messages.sent_at import read_sent_at


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"Mon, 1 Jul 2024 10:20:30 +0200", (2024, 7, 1, 10, 20, 30)),
        (b"1 Jul 2024 10:20 GMT", (2024, 7, 1, 10, 20, 0)),
        (b"Mon,  1   Jul 2024 10:20:30 -0700 (PDT)", (2024, 7, 1, 10, 20, 30)),
        (b"Fri, 31 Dec 1999 23:59:60 +0000", (1999, 12, 31, 23, 59, 59)),  # a leap second
        (b"Mon, 1 Jul 24 10:20:30 EST", (2024, 7, 1, 10, 20, 30)),  # RFC 5322 §4.3
        (b"1 Jan 99 00:00 Z", (1999, 1, 1, 0, 0, 0)),
        (b"1 Jan 104 00:00 UT", (2004, 1, 1, 0, 0, 0)),
        (b"Monday, 01-Jul-2024 10:20:30 UTC", (2024, 7, 1, 10, 20, 30)),
        (b"Mon (day), 1 (first) Jul (month) 2024 (year) 10 (h) : (c) 20 (m) : 30 +0000", (2024, 7, 1, 10, 20, 30)),
        (b"Mon, 1 july 2024 10:20:30", (2024, 7, 1, 10, 20, 30)),
        (b"Mon 1 Jul 2024, 9.05", (2024, 7, 1, 9, 5, 0)),
        (b"1 Jul 2024", (2024, 7, 1, 0, 0, 0)),
        (b"Mon Jul  1 10:20:30 2024", (2024, 7, 1, 10, 20, 30)),
        (b"Mon Jul  1 10:20:30 CEST 2024", (2024, 7, 1, 10, 20, 30)),
    ],
)
def test_date_field_is_read(value: bytes, expected: tuple[int, ...]) -> None:
    assert read_sent_at(value) == datetime(*expected)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value",
    [
        *(None, b"", b"yesterday", b"Mon, 32 Jul 2024 10:00 +0000", b"1 Foo 2024", b"1 Jul 2024 25:00 +0000"),
        *(b"1 Jul 02024 10:00", b"29 Feb 2023 10:00 +0000", b"1 Jul 0 10:00", b"2024-07-01T10:00:00Z", b"1 " * 5000),
    ],
)
def test_what_is_no_date_is_none(value: bytes | None) -> None:
    assert read_sent_at(value) is None


@given(st.binary(max_size=40))
def test_any_octets_are_no_error(value: bytes) -> None:
    read_sent_at(value)
    read_sent_at(b"Mon, 1 Jul " + value)
