"""The mbox file that a command writes: a new one, the end of one that is there, another one in its place, or stdout."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Callable, Iterator
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

from shared.command_line.terminal.output import fail
from shared.command_line.terminal.printable import printable

STDOUT = "-"
Write = Callable[[bytes], object]


class Existing(Enum):
    """What happens to a file that is there already."""

    REFUSE = "refuse"
    REPLACE = "replace"
    APPEND = "append"


def refuse_existing(name: str, existing: Existing) -> None:
    """End the command if the file is there and may be neither replaced nor added to."""
    if name != STDOUT and existing is Existing.REFUSE and os.path.lexists(name):
        fail(f"{name} is there already: --append adds to it, --force replaces it")


@contextlib.contextmanager
def open_mbox(name: str, existing: Existing) -> Iterator[Write]:
    """Writes messages that are whole; what was written stays when the command is ended.

    A file that is replaced stays as it was until the block has ended well.
    """
    try:
        if name == STDOUT:
            yield _to_terminal if sys.stdout.isatty() else sys.stdout.buffer.write
            sys.stdout.flush()
        elif existing is Existing.REPLACE and os.path.isfile(name):
            yield from _replacing(Path(name).resolve())  # a link stays one
        else:
            yield from _adding(Path(name), existing)
    except FileExistsError:
        refuse_existing(name, existing)
        raise
    except OSError as error:
        if error.errno == errno.EPIPE:  # whoever read it has seen enough
            raise
        fail(f"{name}: {error.strerror}")


def _replacing(path: Path) -> Iterator[Write]:
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with beside.open("xb", buffering=0) as file:
            os.fchmod(file.fileno(), path.stat().st_mode & 0o777)
            yield partial(_write_whole, file)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _adding(path: Path, existing: Existing) -> Iterator[Write]:
    missing = _missing_end(path) if existing is Existing.APPEND else b""
    mode = {Existing.REFUSE: "xb", Existing.APPEND: "ab", Existing.REPLACE: "wb"}[existing]
    with path.open(mode, buffering=0) as file:
        _write_whole(file, missing)
        yield partial(_write_whole, file)


def _write_whole(file: Any, octets: bytes) -> None:
    """Write all of them, or leave the file as it was: on a full disk there is no half message in it."""
    before = os.fstat(file.fileno()).st_size
    left = memoryview(octets)
    try:
        while left:
            left = left[file.write(left) :]
    except OSError:
        with contextlib.suppress(OSError):  # no regular file
            os.ftruncate(file.fileno(), before)
        raise


def _missing_end(path: Path) -> bytes:
    """What the last message of a file lacks before the next can begin: an empty line."""
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        octets = file.seek(0, os.SEEK_END)
        file.seek(max(0, octets - 2))
        end = file.read()
    if not end or end == b"\n\n":
        return b""
    return b"\n" if end.endswith(b"\n") else b"\n\n"


def _to_terminal(message: bytes) -> None:
    sys.stdout.write(printable(message.decode("utf-8", "replace"), besides="\n\t"))
    sys.stdout.flush()
