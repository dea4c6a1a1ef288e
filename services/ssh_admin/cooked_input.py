"""The line discipline of a terminal while a command reads from it: lines, echo, backspace, Ctrl-C, Ctrl-D, Ctrl-U."""

from __future__ import annotations

import codecs
from collections.abc import Callable

from services.ssh_admin.streams import CommandInput

LONGEST_LINE = 4096  # characters, as terminals have it (termios(3))
MOST_HELD = 65_536  # octets that are typed before a command reads them
INTERRUPT, END, KILL = "\x03", "\x04", "\x15"
BACKSPACES = "\x7f\x08"


class CookedInput:
    """Takes what is typed, in the reactor; gives whole lines to the command's input. `hidden`: no echo."""

    def __init__(self, to: CommandInput, echo: Callable[[bytes], None], interrupt: Callable[[], None]) -> None:
        self._to = to
        self._echo = echo
        self._interrupt = interrupt
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._line: list[str] = []
        self._after_return = False
        self.hidden = False

    def feed(self, data: bytes) -> None:
        """Something was typed."""
        for character in self._decoder.decode(data):
            self._take(character)

    def _take(self, character: str) -> None:
        if character == "\n" and self._after_return:  # CR LF is one end of line
            self._after_return = False
            return
        self._after_return = character == "\r"
        if character == INTERRUPT:
            self._line.clear()
            self._show("^C\r\n")
            self._interrupt()
        elif character in "\r\n":
            text = "".join(self._line) + "\n"
            self._line.clear()
            if not self.hidden:
                self._show("\r\n")
            if self._to.held < MOST_HELD:
                self._to.feed(text.encode())
        elif character == END and not self._line:
            self._to.end()
        elif character in BACKSPACES:
            self._rub_out(1)
        elif character == KILL:
            self._rub_out(len(self._line))
        elif character.isprintable() and len(self._line) < LONGEST_LINE:
            self._line.append(character)
            if not self.hidden:
                self._show(character)

    def _rub_out(self, count: int) -> None:
        count = min(count, len(self._line))
        if count:
            del self._line[-count:]
            if not self.hidden:
                self._show("\b \b" * count)

    def _show(self, text: str) -> None:
        self._echo(text.encode())
