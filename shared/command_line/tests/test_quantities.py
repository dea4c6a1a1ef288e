"""Amounts as operators write them."""

from __future__ import annotations

import click
import pytest

from shared.command_line.terminal.quantities import OCTETS, counted


@pytest.mark.parametrize(
    ("text", "octets"),
    [("0", 0), ("4096", 4096), ("500MiB", 500 << 20), ("2 gib", 2 << 30), ("1B", 1), ("1TiB", 1 << 40), ("none", None)],
)
def test_sizes_are_read(text: str, octets: int | None) -> None:
    assert OCTETS.convert(text, None, None) == octets


@pytest.mark.parametrize("text", ["", "MiB", "-1", "1.5GiB", "2GB", "1 2"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="not a size"):
        OCTETS.convert(text, None, None)


def test_one_is_one_and_the_others_are_many() -> None:
    assert [counted(number, "account") for number in (0, 1, 2)] == ["0 accounts", "1 account", "2 accounts"]
