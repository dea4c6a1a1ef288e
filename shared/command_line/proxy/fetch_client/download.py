"""The body of an answer on its way to a file or to the standard output, with its progress on a terminal."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import httpx
from rich.progress import BarColumn, DownloadColumn, Progress, TaskProgressColumn, TextColumn, TransferSpeedColumn

from shared.command_line.proxy.fetch_client.errors import NotFetched
from shared.command_line.terminal.output import console
from shared.octets import format_octets

MOST_ERROR_OCTETS = 1 << 16  # of a refusal's body
_RANGE = re.compile(r"bytes (\d+)-")


class Writable(Protocol):
    """A file or a stream of octets."""

    def write(self, octets: bytes, /) -> object:
        """Take them all."""


def copy_body(response: httpx.Response, target: Writable, most: int | None, already: int = 0) -> None:
    """Write the body, decoded, as it comes. Raises NotFetched for more than `most` octets, httpx's errors for less."""
    length = response.headers.get("content-length", "")
    encoded = response.headers.get("content-encoding", "identity") != "identity"
    total = int(length) + already if length.isdecimal() and not encoded else None
    written = already
    with _progress(total, already) as advance:
        for piece in response.iter_bytes():
            written += len(piece)
            if most is not None and written > most:
                raise NotFetched(f"the answer has more than {format_octets(most)}")
            target.write(piece)
            advance(len(piece))


def goes_on_from(response: httpx.Response, already: int) -> bool:
    """Whether the answer is what comes behind the first `already` octets (RFC 9110 §14.4), not the whole.

    Raises NotFetched for a part that nobody asked for.
    """
    if response.status_code != httpx.codes.PARTIAL_CONTENT:
        return False
    match = _RANGE.match(response.headers.get("content-range", ""))
    if match is None or int(match[1]) != already:
        raise NotFetched(f"the server sent another part than the one from octet {already} on")
    return True


def read_refusal(response: httpx.Response) -> bytes:
    """The beginning of the body of an answer that refuses."""
    octets = b""
    for piece in response.iter_bytes():
        octets += piece
        if len(octets) >= MOST_ERROR_OCTETS:
            break
    return octets[:MOST_ERROR_OCTETS]


def part_of(file: Path) -> Path:
    """Where a download is until it is whole."""
    return file.with_name(f"{file.name}.part")


@contextlib.contextmanager
def _progress(total: int | None, already: int) -> Iterator[Callable[[int], None]]:
    """A bar in per cent, KiB where the length is not known, nothing where no terminal sees it."""
    screen = console(to_stderr=True)
    if not screen.is_terminal:
        yield lambda octets: None
        return
    known = (BarColumn(), TaskProgressColumn()) if total is not None else ()
    columns = (TextColumn("{task.description}"), *known, DownloadColumn(binary_units=True), TransferSpeedColumn())
    with Progress(*columns, console=screen, transient=True) as progress:
        task = progress.add_task("Fetching", total=total, completed=already)
        yield lambda octets: progress.update(task, advance=octets)
