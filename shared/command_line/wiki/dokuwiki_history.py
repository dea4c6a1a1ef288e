"""The old revisions of DokuWiki's pages: `meta/….changes` says who saved them and when, `attic/` has their texts."""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from shared.ip_network import network_of

META, ATTIC = "meta", "attic"
MOST_LOG_OCTETS = 64 << 20  # of the log of one page: half a million saves
_KINDS = frozenset("CEeR")  # created, edited, edited a little, reverted; what was deleted (D) has no text
_MINOR = "e"
_LATEST = 253402300799  # seconds: the end of the year 9999
_ENDINGS = (".txt.gz", ".txt.bz2", ".txt")  # by DokuWiki's setting `compression`


class AtticText(NamedTuple):
    """A revision, and the file that has its text."""

    saved_at: datetime
    author: str  # an account of DokuWiki's, or the network of a stranger
    comment: str
    is_minor: bool
    file: Path


def attic_of(data: Path, page: Path) -> Sequence[AtticText]:
    """The revisions of the page whose file is `page`, the oldest first; those whose text is not kept are left out."""
    inner = page.relative_to(data / "pages").with_suffix("")
    found: dict[int, AtticText] = {}
    for line in _log(data / META / inner.with_name(inner.name + ".changes")):
        fields = line.split("\t")
        if len(fields) < 6 or fields[2] not in _KINDS or not fields[0].isdecimal() or int(fields[0]) > _LATEST:
            continue
        seconds = int(fields[0])
        file = _attic_file(data / ATTIC / inner, seconds)
        if file is not None:
            author = fields[4] or network_of(fields[1])
            at = datetime.fromtimestamp(seconds, UTC)
            found[seconds] = AtticText(at, author, fields[5], fields[2] == _MINOR, file)
    return [found[seconds] for seconds in sorted(found)]


def read_attic(file: Path, most_octets: int) -> bytes:
    """The text, of which one octet more than `most_octets` is read at most. Raises OSError, EOFError, zlib.error."""
    match file.suffix:
        case ".gz":
            with gzip.open(file) as opened:
                return opened.read(most_octets + 1)
        case ".bz2":
            with bz2.open(file) as opened:
                return opened.read(most_octets + 1)
    with file.open("rb") as plain:
        return plain.read(most_octets + 1)


def _log(file: Path) -> Sequence[str]:
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_LOG_OCTETS).decode(errors="replace").split("\n")
    except FileNotFoundError:
        return ()


def _attic_file(page: Path, seconds: int) -> Path | None:
    for ending in _ENDINGS:
        file = page.with_name(f"{page.name}.{seconds}{ending}")
        if file.is_file():
            return file
    return None
