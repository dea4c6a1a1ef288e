"""The file that articles are fetched into holds whole ones alone."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared.command_line.news.mbox_file import Existing, open_mbox
from shared.command_line.terminal.output import CommandFailed

MESSAGE = b"From a@b.example Mon Jul  1 10:00:00 2024\nSubject: x\n\nx\n\n"


@contextmanager
def no_file_larger_than(octets: int) -> Iterator[None]:
    """As a full disk: writes are cut off there."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def write_three(file: Path, existing: Existing) -> None:
    with open_mbox(str(file), existing) as write:
        for _ in range(3):
            write(MESSAGE)


@pytest.mark.parametrize("existing", [Existing.REFUSE, Existing.APPEND])
def test_where_the_disk_is_full_the_file_ends_with_a_whole_message(
    existing: Existing, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "tea"
    with pytest.raises(CommandFailed), no_file_larger_than(2 * len(MESSAGE) + 10):
        write_three(file, existing)
    assert file.read_bytes() == 2 * MESSAGE
    assert capsys.readouterr().err == f"agora: {file}: File too large\n"


def test_where_the_disk_is_full_a_file_is_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / "tea"
    file.write_bytes(b"before")
    with pytest.raises(CommandFailed), no_file_larger_than(len(MESSAGE) + 10):
        write_three(file, Existing.REPLACE)
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("tea", b"before")]


def test_a_replaced_file_keeps_its_mode_and_a_link_stays_one(tmp_path: Path) -> None:
    file, link = tmp_path / "tea", tmp_path / "link"
    file.write_bytes(b"before")
    file.chmod(0o600)
    link.symlink_to(file)
    with open_mbox(str(link), Existing.REPLACE) as write:
        write(MESSAGE)
    assert (link.is_symlink(), file.read_bytes(), file.stat().st_mode & 0o777) == (True, MESSAGE, 0o600)


@pytest.mark.parametrize(("before", "between"), [(b"", b""), (b"x", b"\n\n"), (b"x\n", b"\n"), (b"x\n\n", b"")])
def test_a_message_that_is_added_begins_behind_an_empty_line(before: bytes, between: bytes, tmp_path: Path) -> None:
    file = tmp_path / "tea"
    file.write_bytes(before)
    with open_mbox(str(file), Existing.APPEND) as write:
        write(MESSAGE)
    assert file.read_bytes() == before + between + MESSAGE


def test_what_is_no_regular_file_can_be_added_to(capsys: pytest.CaptureFixture[str]) -> None:
    with open_mbox("/dev/null", Existing.APPEND) as write:
        write(MESSAGE)
    with pytest.raises(CommandFailed), open_mbox("/dev/full", Existing.APPEND) as write:
        write(MESSAGE)
    assert capsys.readouterr().err == "agora: /dev/full: No space left on device\n"
