"""The handles of a session: open files, and directories that are being listed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from services.ssh_admin.sftp.file_entry import FileEntry
from services.ssh_admin.sftp.open_file import OpenFile
from services.ssh_admin.sftp.places import FilePlace
from services.ssh_admin.sftp.refusal import FAILURE, SftpRefusal

MOST_HANDLES = 100  # an editor over sshfs has a handful


@dataclass(slots=True)
class Handle:
    """One of them: a file, or the entries of a directory."""

    place: FilePlace
    file: OpenFile | None = None
    entries: AsyncIterator[FileEntry] | None = None
    writes: bool = False


class Handles:
    """By the octets that the client knows each by."""

    def __init__(self) -> None:
        self._open: dict[bytes, Handle] = {}
        self._made = 0

    def check_room(self) -> None:
        """Raises SftpRefusal if no more may be open."""
        if len(self._open) >= MOST_HANDLES:
            raise SftpRefusal(FAILURE, f"at most {MOST_HANDLES} files and directories are open at once")

    def add(self, handle: Handle) -> bytes:
        """The octets of a new one."""
        self._made += 1
        octets = b"%d" % self._made
        self._open[octets] = handle
        return octets

    def get(self, octets: bytes) -> Handle:
        """Raises SftpRefusal."""
        handle = self._open.get(octets)
        if handle is None:
            raise SftpRefusal(FAILURE, "no such handle")
        return handle

    def file(self, octets: bytes) -> OpenFile:
        """The same of a file. Raises SftpRefusal."""
        file = self.get(octets).file
        if file is None:
            raise SftpRefusal(FAILURE, "this is a directory")
        return file

    def take(self, octets: bytes) -> Handle:
        """The same, which is gone then."""
        handle = self.get(octets)
        del self._open[octets]
        return handle

    def written(self, place: FilePlace) -> OpenFile | None:
        """The file that is open there to be written, if there is one."""
        return next((each.file for each in self._open.values() if each.writes and each.place == place), None)

    def take_all(self) -> list[Handle]:
        """All, which are gone then."""
        handles, self._open = list(self._open.values()), {}
        return handles
