"""The desk of a session: what it has besides the store, in memory, for itself alone, and gone with it.

Editors write swap, lock and backup files beside a file, move it out of the way, and move a new one over it: none of
that is a page. A page that is moved to such a name is put aside: the session does not see it until it is written anew.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.ssh_admin.sftp.held import OctetsHeld
from services.ssh_admin.sftp.open_file import Buffer
from services.ssh_admin.sftp.refusal import FAILURE, SftpRefusal

MOST_FILES = 100
MOST_FOLDERS = 1000
MOST_SEEN = 10_000
MOST_FILE_OCTETS = 24 << 20  # vim's swap file of the largest page has twice its size


class Desk:
    """`files` and `folders` by path."""

    def __init__(self, held: OctetsHeld) -> None:
        self.held = held
        self.files: dict[str, Buffer] = {}
        self.folders: set[str] = set()
        self._aside: dict[str, str] = {}  # pages, and the file that each was moved to
        self._seen: dict[str, int] = {}  # pages, and the revision that the session knows

    def make(self, path: str, octets: bytes = b"") -> Buffer:
        """A new file, in place of the one there was. Raises SftpRefusal."""
        if path not in self.files and len(self.files) >= MOST_FILES:
            raise SftpRefusal(FAILURE, f"at most {MOST_FILES} files that are no pages")
        made = Buffer(self.held, MOST_FILE_OCTETS, octets)
        self.remove(path)
        self.files[path] = made
        return made

    def remove(self, path: str) -> None:
        """Forget the file, if there is one. A page that was moved there is seen again."""
        buffer = self.files.pop(path, None)
        if buffer is not None:
            buffer.drop()
        for name in [name for name, where in self._aside.items() if where == path]:
            del self._aside[name]

    def move(self, old: str, new: str) -> None:
        """Another name for a file."""
        self.remove(new)
        self.files[new] = self.files.pop(old)
        for name, where in list(self._aside.items()):
            if where == old:
                self._aside[name] = new

    def make_folder(self, path: str) -> None:
        """A directory without pages. Raises SftpRefusal."""
        if len(self.folders) >= MOST_FOLDERS:
            raise SftpRefusal(FAILURE, f"at most {MOST_FOLDERS} directories without pages")
        self.folders.add(path)

    def inside(self, folder: str) -> Iterator[tuple[str, Buffer | None]]:
        """The files and directories directly in `folder`: path, and the file, None for a directory."""
        for path in sorted({*self.files, *self.folders}):
            if path.rpartition("/")[0] == folder:
                yield path, self.files.get(path)

    # Pages

    def put_aside(self, name: str, path: str, revision: int) -> None:
        """The page was moved to a file of ours."""
        self._aside[name] = path
        if name not in self._seen:
            self.saw(name, revision)

    def is_aside(self, name: str) -> bool:
        """Whether the page was moved to a file of ours."""
        return name in self._aside

    def take_back(self, name: str) -> None:
        """The page is seen again."""
        self._aside.pop(name, None)

    def saw(self, name: str, revision: int) -> None:
        """The session knows this revision of the page."""
        self._seen.pop(name, None)
        self._seen[name] = revision
        if len(self._seen) > MOST_SEEN:
            del self._seen[next(iter(self._seen))]

    def seen(self, name: str) -> int | None:
        """The revision of the page that the session knows."""
        return self._seen.get(name)

    def forget(self, name: str) -> None:
        """The page is gone, or has another name."""
        self._seen.pop(name, None)
        self._aside.pop(name, None)

    def clear(self) -> None:
        """The session is over."""
        for path in list(self.files):
            self.remove(path)
