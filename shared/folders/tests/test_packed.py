"""Arrays of numbers as PostgreSQL reads them."""

from __future__ import annotations

from enum import IntFlag

import pytest

from shared.folders.packed import array_literal


class _Bit(IntFlag):
    ONE = 1
    EIGHT = 8


@pytest.mark.parametrize(
    ("numbers", "literal"),
    [
        ([], "{}"),
        ([7], "{7}"),
        ((-1, 0, 2**63 - 1), "{-1,0,9223372036854775807}"),
        ([_Bit.EIGHT, _Bit.ONE | _Bit.EIGHT], "{8,9}"),
        (dict.fromkeys((3, 1)), "{3,1}"),
    ],
)
def test_numbers_are_an_array_whatever_holds_them(numbers: list[int], literal: str) -> None:
    assert array_literal(numbers) == literal


def test_many_numbers_are_one_array() -> None:
    assert array_literal(iter(range(10_000))) == "{" + ",".join(map(str, range(10_000))) + "}"
