"""The pager of the shell: what a command writes, a screen at a time."""

from __future__ import annotations

import re
from collections.abc import Callable
from queue import SimpleQueue

from services.ssh_admin.streams import CommandInterrupted

MORE = "-- more: space a page, Enter a line, q the end --"
_ERASE = "\r\x1b[K"  # ECMA-48: erase to the end of the line
_STYLES = re.compile(r"\x1b\[[0-9;]*m")
INTERRUPT = "\x03"


class PagerLeft(SystemExit):
    """Enough was read: the command ends, as if it had written all."""

    def __init__(self) -> None:
        super().__init__(0)


class Pager:
    """One command's pages. `put` sends text; `size` gives columns and lines as they are now."""

    def __init__(self, put: Callable[[str], None], size: Callable[[], tuple[int, int]]) -> None:
        self._put = put
        self._size = size
        self._shown = 0  # lines since the last key
        self._column = 0
        self._keys: SimpleQueue[str] = SimpleQueue()
        self.waits = False

    def key(self, key: str) -> None:
        """In the reactor: a key was pressed while it `waits`."""
        self._keys.put(key)

    def write(self, text: str) -> None:
        """In the command's thread: show `text`. Raises PagerLeft, CommandInterrupted."""
        for piece in text.splitlines(keepends=True):
            if self._shown >= self._size()[1] - 1 and self._column == 0:
                self._wait()
            self._put(piece)
            self._count(piece)

    def _count(self, piece: str) -> None:
        columns = self._size()[0]
        self._column += len(_STYLES.sub("", piece).rstrip("\n"))
        if piece.endswith("\n"):
            self._shown += max(1, -(-self._column // columns))
            self._column = 0

    def _wait(self) -> None:
        self._put(MORE)
        self.waits = True
        try:
            while True:
                key = self._keys.get()
                if key == INTERRUPT:
                    raise CommandInterrupted
                if key in "qQ":
                    raise PagerLeft
                if key in " \r\n":
                    self._shown = 0 if key == " " else self._size()[1] - 2
                    return
        finally:
            self.waits = False
            self._put(_ERASE)
