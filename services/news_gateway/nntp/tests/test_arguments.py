"""Ranges and moments as commands write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.news_gateway.nntp.article_range import HIGHEST, read_number, read_range
from services.news_gateway.nntp.since import read_since

NOW = datetime(2024, 7, 1, 10, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "numbers"),
    [
        (b"7", (7, 7)),
        (b"7-", (7, HIGHEST)),
        (b"7-9", (7, 9)),
        (b"9-7", (9, 7)),
        (b"0", (0, 0)),
        (b"0000000000000007", (7, 7)),
        (b"9999999999999999", (HIGHEST + 1, HIGHEST + 1)),
        (b"00000000000000007", None),
        (b"-7", None),
        (b"7-9-", None),
        (b"-", None),
        (b"", None),
        (b"+7", None),
        (b"\xd9\xa7", None),
    ],
)
def test_range(word: bytes, numbers: tuple[int, int] | None) -> None:
    assert read_range(word) == numbers


def test_number() -> None:
    assert [read_number(word) for word in (b"12", b"", b"a", b"1-2", b"-1")] == [12, None, None, None, None]


@pytest.mark.parametrize(
    ("date", "time", "moment"),
    [
        (b"20240102", b"030405", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (b"240102", b"030405", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (b"250102", b"030405", datetime(1925, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (b"991231", b"235960", datetime(2000, 1, 1, tzinfo=UTC)),
        (b"99991231", b"235960", None),
        (b"20240230", b"000000", None),
        (b"20240101", b"240000", None),
        (b"20240101", b"000061", None),
        (b"00000101", b"000000", None),
        (b"2024010", b"000000", None),
        (b"20240101", b"0000", None),
        (b"2024-1-1", b"000000", None),
        (b"", b"", None),
    ],
)
def test_since(date: bytes, time: bytes, moment: datetime | None) -> None:
    assert read_since(date, time, NOW) == moment
