"""The packets of SFTP version 3 (draft-ietf-secsh-filexfer-02): read within their bounds, and written."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

from services.ssh_admin.sftp.refusal import MalformedPacket

VERSION = 3
MOST_PACKET = 65_536  # octets: what every client sends by itself is at most 32 KiB of a file and its handle
INIT, VERSION_REPLY = 1, 2
OPEN, CLOSE, READ, WRITE, LSTAT, FSTAT, SETSTAT, FSETSTAT, OPENDIR, READDIR, REMOVE, MKDIR, RMDIR = range(3, 16)
REALPATH, STAT, RENAME = 16, 17, 18
STATUS, HANDLE, DATA, NAME, ATTRS = range(101, 106)
EXTENDED, EXTENDED_REPLY = 200, 201

READING, WRITING, APPENDING, CREATING, TRUNCATING, EXCLUSIVE = 1, 2, 4, 8, 16, 32  # flags of OPEN
_SIZE, _OWNER, _MODE, _TIMES, _MORE = 1, 2, 4, 8, 0x8000_0000
_UINT32, _UINT64 = struct.Struct(">L"), struct.Struct(">Q")
DIRECTORY = 0o040_000


class Attributes(NamedTuple):
    """A file's attributes; None: not told."""

    size: int | None = None
    mode: int | None = None
    modified: int | None = None  # seconds since 1970
    owner: int | None = None

    @property
    def is_directory(self) -> bool:
        """Whether they are a directory's."""
        return self.mode is not None and self.mode & 0o170_000 == DIRECTORY

    @property
    def octets(self) -> bytes:
        """As they are sent."""
        flags, packed = 0, b""
        if self.size is not None:
            flags, packed = flags | _SIZE, packed + _UINT64.pack(self.size)
        if self.owner is not None:
            owner = self.owner & 0xFFFF_FFFF
            flags, packed = flags | _OWNER, packed + struct.pack(">LL", owner, owner)
        if self.mode is not None:
            flags, packed = flags | _MODE, packed + _UINT32.pack(self.mode)
        if self.modified is not None:
            seconds = self.modified & 0xFFFF_FFFF
            flags, packed = flags | _TIMES, packed + struct.pack(">LL", seconds, seconds)
        return _UINT32.pack(flags) + packed


class NamedFile(NamedTuple):
    """A name of NAME: as a program has it, as `ls -l` shows it, and the attributes."""

    name: str
    long_name: str
    attributes: Attributes


class Fields:
    """Takes the fields off a request, one after the other. All raise MalformedPacket where the packet is too short."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    def _take(self, size: int) -> bytes:
        taken = self._octets[self._at : self._at + size]
        if len(taken) < size:
            raise MalformedPacket("the packet is too short")
        self._at += size
        return taken

    def uint32(self) -> int:
        value: int = _UINT32.unpack(self._take(4))[0]
        return value

    def uint64(self) -> int:
        value: int = _UINT64.unpack(self._take(8))[0]
        return value

    def string(self) -> bytes:
        return self._take(self.uint32())

    def attributes(self) -> Attributes:
        """Size and time of modification; the others are read and left."""
        flags = self.uint32()
        size = self.uint64() if flags & _SIZE else None
        if flags & _OWNER:
            self._take(8)
        mode = self.uint32() if flags & _MODE else None
        modified = None
        if flags & _TIMES:
            self.uint32()
            modified = self.uint32()
        if flags & _MORE:
            for _ in range(self.uint32()):
                self.string()
                self.string()
        return Attributes(size, mode, modified)


def string(value: bytes | str) -> bytes:
    """A string with its length."""
    octets = value.encode() if isinstance(value, str) else value
    return _UINT32.pack(len(octets)) + octets


def packet(kind: int, payload: bytes) -> bytes:
    """A packet with its length."""
    return _UINT32.pack(len(payload) + 1) + bytes((kind,)) + payload


def reply(kind: int, request: int, payload: bytes) -> bytes:
    """The reply to the request of this number."""
    return packet(kind, _UINT32.pack(request) + payload)


def status(request: int, code: int, sentence: str) -> bytes:
    """STATUS: how a request ended."""
    return reply(STATUS, request, _UINT32.pack(code) + string(sentence) + string(b"en"))


def names(request: int, listed: Sequence[NamedFile]) -> bytes:
    """NAME: some names."""
    each = b"".join(string(one.name) + string(one.long_name) + one.attributes.octets for one in listed)
    return reply(NAME, request, _UINT32.pack(len(listed)) + each)
