"""Room on the store's disk: what is refused when it ends, and what is given back."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.database import reserve
from shared.database.database import Database
from shared.database.errors import StoreFull
from shared.database.free_space import LOOK_AGAIN_SECONDS, FreeSpace, free_octets
from shared.mail.intake import MessageIntake
from shared.testing.reactor import running_reactor

MORE_THAN_ANY_DISK = 1 << 60


def test_a_disk_that_cannot_be_seen_has_room(tmp_path: Path) -> None:
    FreeSpace(None, MORE_THAN_ANY_DISK).check()
    FreeSpace(tmp_path / "nowhere", MORE_THAN_ANY_DISK).check()


def test_too_little_room_is_told_with_both_numbers(tmp_path: Path) -> None:
    with pytest.raises(StoreFull, match=r"has \d+ MiB free, new messages are refused below 1099511627776 MiB"):
        FreeSpace(tmp_path, MORE_THAN_ANY_DISK).check()


def test_the_disk_is_looked_at_a_few_times_a_second_at_most(tmp_path: Path) -> None:
    now = 0.0
    space = FreeSpace(tmp_path, MORE_THAN_ANY_DISK, lambda: now)
    assert space.shortage is not None
    space._least_octets = 0
    assert space.shortage is not None
    now = LOOK_AGAIN_SECONDS
    assert space.shortage is None


def test_the_reserve_is_kept_while_there_is_room(tmp_path: Path) -> None:
    assert not reserve.is_kept(tmp_path)
    assert reserve.keep(tmp_path)
    assert (tmp_path / reserve.NAME).stat().st_size == reserve.RESERVE_OCTETS
    free = free_octets(tmp_path)
    assert free is not None
    assert free > reserve.RESERVE_OCTETS
    assert not reserve.give_back_if_needed(tmp_path)
    assert reserve.is_kept(tmp_path)


async def test_no_message_is_taken_without_room(database: Database, tmp_path: Path) -> None:
    database.free_space = FreeSpace(tmp_path, MORE_THAN_ANY_DISK)
    intake = MessageIntake(database, running_reactor())
    with pytest.raises(StoreFull):
        await intake.keep(None)  # type: ignore[arg-type]  # refused before it is looked at
    await intake.close()
