"""The standard streams of a command that runs in a thread, with its client at the other end.

The reactor's side feeds what came, and sends what was written as fast as the client takes it; the command's side waits
meanwhile, for a bounded time. What names and texts of others hold never reaches a terminal as it is: control characters
are shown as escapes.
"""

from __future__ import annotations

import io
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from services.ssh_admin.octets_output import OctetsOutput
from services.ssh_admin.replies import INTERRUPTED
from services.ssh_admin.session_channel import STDERR, SessionChannel

MOST_INPUT = 16 << 20  # octets of one command's standard input: the largest list that is imported has a tenth of it
MOST_UNREAD = 256 << 10  # octets of output that wait for the client; then the command waits
MOST_AT_ONCE = 65_536  # octets of a longer text that are handed over together
STALLED_SECONDS = 60.0  # a client that takes nothing for this long has lost interest
OUTPUT_LOST = 141  # 128 + SIGPIPE, as shells say it
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # to a pipe: CR LF may end lines
_UNSHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class CommandInterrupted(SystemExit):
    """Ctrl-C: the command ends where it next reads, writes or waits."""

    def __init__(self) -> None:
        super().__init__(INTERRUPTED)


class OutputLost(SystemExit):
    """Nobody reads what the command writes."""

    def __init__(self) -> None:
        super().__init__(OUTPUT_LOST)


class CommandInput(io.TextIOBase):
    """The standard input: UTF-8, read by one command in its thread, fed by the reactor."""

    encoding = "utf-8"
    errors = "strict"

    def __init__(self, consumed: Callable[[int], None], is_terminal: bool) -> None:
        """`consumed` is called in the command's thread, with the number of octets that it has read."""
        self._consumed = consumed
        self._is_terminal = is_terminal
        self._octets = bytearray()
        self._granted = 0  # octets of those held that the client may send again already
        self._ended = self._interrupted = False
        self._changed = threading.Condition()
        self.wanted: Callable[[], None] = lambda: None  # called in the command's thread, when it waits for more
        self.is_waiting = False

    # The reactor's side

    def feed(self, data: bytes) -> None:
        """More has come. Raises nothing: what is too much is found by who reads."""
        with self._changed:
            self._octets += data
            self._changed.notify()

    def end(self) -> None:
        """No more will come."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def interrupt(self) -> None:
        """Whoever reads is interrupted, now and from now on."""
        with self._changed:
            self._interrupted = self._ended = True
            self._changed.notify()

    @property
    def held(self) -> int:
        """Octets that have come and are not read."""
        return len(self._octets)

    # The command's side

    @property
    def buffer(self) -> Any:
        """The same as octets: only whole."""
        return io.BytesIO(self._take_all())

    def readable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._is_terminal

    def read(self, size: int | None = -1) -> str:
        if size == 0:
            return ""
        if size is None or size < 0:
            return self._take_all().decode()
        text = self._take_until(lambda octets: size if len(octets) >= size else -1)
        return text.decode(errors="ignore")  # an octet more or less of the last character: sizes here are bounds

    def readline(self, size: int = -1) -> str:  # type: ignore[override]  # positional only there
        return self._take_until(lambda octets: octets.find(b"\n") + 1 or -1).decode()

    def __next__(self) -> str:  # type: ignore[override]  # lines of text, not of octets
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def _take_all(self) -> bytes:
        return self._take_until(lambda octets: -1)

    def _take_until(self, found: Callable[[bytearray], int]) -> bytes:
        """All up to the length that `found` gives (-1: not here yet), or to the end.

        Raises CommandInterrupted; OSError when it is more than MOST_INPUT.
        """
        with self._changed:
            while (length := found(self._octets)) < 0 and not self._ended:
                if len(self._octets) > MOST_INPUT:
                    raise OSError("the standard input is too long")
                self._grant(len(self._octets))
                self.is_waiting = True
                self.wanted()
                self._changed.wait()
                self.is_waiting = False
            if self._interrupted:
                raise CommandInterrupted
            taken = bytes(self._octets[:length]) if length >= 0 else bytes(self._octets)
            del self._octets[: len(taken)]
            self._grant(len(taken))
            self._granted -= len(taken)
        return taken

    def _grant(self, octets: int) -> None:
        """The client may send again what the command has read, or holds while it waits for more."""
        if octets > self._granted:
            self._consumed(octets - self._granted)
            self._granted = octets


class CommandOutput(io.TextIOBase):
    """The standard output or error: written by one command in its thread, sent by the reactor."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(
        self, channel: SessionChannel, call: Callable[..., None], *, error: bool, styled: bool = False
    ) -> None:
        """`call` runs a function in the reactor. `styled`: what is written is printable but for the styles of rich."""
        self._channel = channel
        self._call = call
        # A terminal has one stream: where both are one, their order is the order on the screen.
        self._stream = STDERR if error and channel.terminal is None else 0
        self._styled = styled
        self._is_terminal = channel.terminal is not None
        self._pending: deque[bytes] = deque()
        self._pending_octets = 0
        self._changed = threading.Condition()
        self._lost = self._interrupted = False
        self._show: Callable[[str], None] = self.put

    # The reactor's side

    def writable_again(self) -> None:
        """The client has taken something."""
        with self._changed:
            self._changed.notify()

    def lose(self) -> None:
        """Nobody reads any more."""
        with self._changed:
            self._lost = True
            self._changed.notify()

    def interrupt(self) -> None:
        """Whoever writes is interrupted, now and from now on."""
        with self._changed:
            self._interrupted = True
            self._changed.notify()

    def _send(self) -> None:
        with self._changed:
            data = b"".join(self._pending)
            self._pending.clear()
            self._pending_octets = 0
        if data and not self._lost:
            self._channel.put(data, self._stream)

    # The command's side

    @property
    def buffer(self) -> OctetsOutput:
        """The same for octets, which go nowhere near a terminal."""
        if self._is_terminal:
            raise AttributeError("a terminal takes text only")
        return OctetsOutput(self._put_all)

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._is_terminal

    def write(self, text: str) -> int:
        self._show(text if self._styled else self.harmless(text))
        return len(text)

    def page_with(self, show: Callable[[str], None]) -> None:
        """Give `show` what is written; it calls `put`."""
        self._show = show

    def put(self, shown: str) -> None:
        """Send text that is harmless already. Raises CommandInterrupted, OutputLost."""
        if self._is_terminal:
            shown = shown.replace("\n", "\r\n")
        self._put_all(shown.encode("utf-8", "backslashreplace"))

    def _put_all(self, data: bytes) -> None:
        for start in range(0, len(data), MOST_AT_ONCE):
            self._put(data[start : start + MOST_AT_ONCE])

    def _put(self, data: bytes) -> None:
        until = time.monotonic() + STALLED_SECONDS
        with self._changed:
            while self._pending_octets + self._channel.waiting_octets > MOST_UNREAD:
                if self._interrupted or self._lost:
                    break
                if not self._changed.wait(max(0.0, until - time.monotonic())) and time.monotonic() >= until:
                    self._lost = True
            if self._interrupted:
                raise CommandInterrupted
            if self._lost:
                raise OutputLost
            if not self._pending:
                self._call(self._send)
            self._pending.append(data)
            self._pending_octets += len(data)

    def harmless(self, text: str) -> str:
        """`text` with control characters shown as escapes."""
        if text.isprintable():
            return text
        return (_UNSHOWN if self._is_terminal else _CONTROLS).sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")
