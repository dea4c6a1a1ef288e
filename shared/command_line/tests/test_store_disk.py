"""The watch over the store's disk."""

from __future__ import annotations

from pathlib import Path

from twisted.internet.task import Clock

from shared.command_line.stack.supervisor.store_disk import EVERY, StoreDisk
from shared.database import reserve


def test_watch_goes_on_after_the_reserve_could_not_be_made(tmp_path: Path) -> None:
    clock = Clock()
    in_the_way = tmp_path / (reserve.NAME + ".new")
    in_the_way.mkdir()
    disk = StoreDisk(clock, tmp_path, "", 0, lambda sentence: None)
    disk.start()
    clock.advance(EVERY.total_seconds())
    assert not reserve.is_kept(tmp_path)
    in_the_way.rmdir()
    clock.advance(EVERY.total_seconds())
    assert reserve.is_kept(tmp_path)
    disk.stop()
