"""The file of a backup: a tar archive, written and read in one pass, which ends with the digest of all that it holds.

    agora-backup.json           the release, the moment, the migrations, each table with its columns, the sequences
    tables/NAME/000000.gz …     the rows in PostgreSQL's binary COPY format, cut into pieces
    message-digests/000000.gz … the SHA-256 of each message: its id (8 octets, big-endian), the digest (32 octets)
    end.json                    the numbers of rows and messages, and the SHA-256 of all names and contents before it

So `tar` and `zcat` open it, and a file that was cut off anywhere has no end.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import zlib
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, Any, NamedTuple

from shared.database.backup.errors import BackupDamaged, NotABackup

HEAD, END = "agora-backup.json", "end.json"
FORMAT = 1
PIECE_OCTETS = 1 << 20  # what a thread compresses at once; memory is some twenty of them
_MOST_PIECE_OCTETS = (
    256 << 20
)  # a piece ends behind the row that fills it; a body's chunk has 1 MiB, a page's source less
_MOST_JSON_OCTETS = 16 << 20
_FAST = 1  # the quickest level: four fifths of what the usual one saves, in a quarter of the time
_WAITING = 4  # pieces that are compressed or wait to be written


class BackupWriter:
    """Writes members in order. Pieces are compressed in two threads, while the next ones come from PostgreSQL."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._digest = hashlib.sha256()
        self._threads = ThreadPoolExecutor(2, "compress")
        self._waiting: deque[tuple[str, Future[bytes]]] = deque()

    def write_json(self, name: str, value: Mapping[str, Any]) -> None:
        """Write `value` as it is shown to people, behind all pieces that were given before."""
        self._write_waiting(0)
        self._write(name, json.dumps(value, indent=1).encode() + b"\n")

    def write_piece(self, name: str, octets: bytes) -> None:
        """Write `octets`, compressed, sooner or later."""
        self._waiting.append((name, self._threads.submit(gzip.compress, octets, _FAST, mtime=0)))
        self._write_waiting(_WAITING)

    def end(self, counts: Mapping[str, Any]) -> None:
        """Write the end, without which the file is no backup."""
        self._write_waiting(0)
        self.write_json(END, {**counts, "sha256": self._digest.hexdigest()})
        self._target.write(bytes(2 * tarfile.BLOCKSIZE))
        self._target.flush()

    def close(self) -> None:
        """Give the threads back, whether the file has its end or not."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _write_waiting(self, left: int) -> None:
        while len(self._waiting) > left:
            name, compressed = self._waiting.popleft()
            self._write(name, compressed.result())

    def _write(self, name: str, content: bytes) -> None:
        _take_into(self._digest, name, content)
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(content), 0o600
        self._target.write(member.tobuf(tarfile.USTAR_FORMAT))
        self._target.write(content)
        self._target.write(bytes(-len(content) % tarfile.BLOCKSIZE))


class Piece(NamedTuple):
    """A part of a table or of the digests, decompressed. `name`: without the number of the piece."""

    name: str
    octets: bytes


class BackupReader:
    """Reads the members in the order in which they were written; a pipe will do."""

    def __init__(self, source: IO[bytes]) -> None:
        """Raises NotABackup, BackupDamaged."""
        self._source = source
        self._digest = hashlib.sha256()
        self.end: Mapping[str, Any] = {}  # once pieces() has ended
        name, content = self._next(is_first=True)
        if name != HEAD:
            raise NotABackup("it does not begin as a backup of Agora does")
        _take_into(self._digest, name, content)
        self.head: Mapping[str, Any] = _read_json(content)
        if self.head.get("format") != FORMAT:
            raise NotABackup("it is of a kind that this release does not know")

    def pieces(self) -> Iterator[Piece]:
        """All of them. Raises BackupDamaged where the file ends too early or is not as it was written."""
        with ThreadPoolExecutor(1, "decompress") as thread:
            following = thread.submit(self._next_piece)
            while (piece := following.result()) is not None:
                following = thread.submit(self._next_piece)  # while PostgreSQL takes this one
                yield piece

    def _next_piece(self) -> Piece | None:
        """None for the end, which is compared."""
        name, content = self._next()
        if name != END:
            _take_into(self._digest, name, content)
            return Piece(name.rpartition("/")[0], _decompressed(content))
        end = _read_json(content)
        if end.get("sha256") != self._digest.hexdigest():
            raise BackupDamaged("its contents are not those that were written")
        self.end = end
        return None

    def _next(self, *, is_first: bool = False) -> tuple[str, bytes]:
        block = self._read(tarfile.BLOCKSIZE, is_first=is_first)
        try:
            member = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
        except (tarfile.TarError, ValueError):
            if is_first:
                raise NotABackup("it does not begin as a backup of Agora does") from None
            raise BackupDamaged("a part of it is unreadable") from None
        if not 0 <= member.size <= (_MOST_JSON_OCTETS if is_first else _MOST_PIECE_OCTETS):
            raise BackupDamaged("a part of it is larger than any that is written")
        content = self._read(member.size)
        self._read(-member.size % tarfile.BLOCKSIZE)
        return member.name, content

    def _read(self, octets: int, *, is_first: bool = False) -> bytes:
        gathered = io.BytesIO()
        while (missing := octets - gathered.tell()) > 0:
            piece = self._source.read(missing)
            if not piece:
                if is_first:
                    raise NotABackup("it is too short for a backup of Agora")
                raise BackupDamaged("its end is missing: it was cut off, or is still being written")
            gathered.write(piece)
        return gathered.getvalue()


def _take_into(digest: Any, name: str, content: bytes) -> None:
    """Names and lengths are part of it, so that no other cut into members has the same digest."""
    digest.update(b"%b\0%d\0" % (name.encode(), len(content)))
    digest.update(content)


def _decompressed(content: bytes) -> bytes:
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        octets = unpacker.decompress(content, _MOST_PIECE_OCTETS)
    except zlib.error:
        raise BackupDamaged("a part of it is unreadable") from None
    if not unpacker.eof:
        raise BackupDamaged("a part of it is unreadable")
    return octets


def _read_json(content: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(content)
    except ValueError:
        raise BackupDamaged("a part of it is unreadable") from None
    if not isinstance(value, dict):
        raise BackupDamaged("a part of it is unreadable")
    return value
