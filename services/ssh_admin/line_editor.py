"""The editor of the shell's lines: prompt_toolkit over a session's channel, with Emacs' keys, history and completion.

Its work is bounded: what is typed is taken 32 octets at a time, and a line has LONGEST_LINE characters.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any, TextIO, cast

from prompt_toolkit import PromptSession
from prompt_toolkit.data_structures import Size
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.output.vt100 import Vt100_Output
from twisted.conch.ssh.transport import DISCONNECT_BY_APPLICATION
from twisted.internet.defer import Deferred

from services.ssh_admin.completion import ShellCompleter
from services.ssh_admin.keys_input import KeysInput
from services.ssh_admin.session_channel import SessionChannel
from services.ssh_admin.streams import MOST_UNREAD

LONGEST_LINE = 4096  # characters
AT_ONCE = 32  # octets: a key costs up to 2 ms, for each is drawn, or searched for in the history
TAB = b"\t"
COMPLETION_SECONDS = 0.01  # what is typed behind a Tab waits until names were found, looked at so often


class LineInterrupted(Exception):
    """Ctrl-C was pressed. KeyboardInterrupt would end the process's asyncio loop."""


class LineEditor:
    """The lines of one session."""

    def __init__(
        self, channel: SessionChannel, reactor: Any, history: Sequence[str], completer: ShellCompleter
    ) -> None:
        """`history`: the newest first."""
        self._channel = channel
        self._reactor = reactor
        self._completer = completer
        self._keys = KeysInput()
        self._waiting = bytearray()
        self._taking = False
        self._reading: asyncio.Future[str] | None = None
        output = Vt100_Output(
            cast(TextIO, _ChannelText(channel)), self._size, term=channel.terminal or "dumb", enable_cpr=False
        )
        self._session: PromptSession[str] = PromptSession(
            history=InMemoryHistory(list(reversed(history))),
            completer=completer,
            complete_while_typing=False,
            editing_mode=EditingMode.EMACS,
            enable_suspend=False,
            enable_open_in_editor=False,
            input=self._keys,
            output=output,
            interrupt_exception=LineInterrupted,
        )

    async def read_line(self, prompt: str) -> str:
        """A line, when it is typed. Raises LineInterrupted for Ctrl-C, EOFError for Ctrl-D and at the end."""
        self._reading = asyncio.ensure_future(self._read(prompt))
        try:
            return await Deferred.fromFuture(self._reading)
        finally:
            self._reading = None

    async def _read(self, prompt: str) -> str:
        return await self._session.prompt_async(prompt, handle_sigint=False)

    def feed(self, data: bytes) -> None:
        """Something was typed."""
        self._waiting += data
        if not self._taking:
            self._taking = True
            self._take()

    def take_back(self) -> bytes:
        """What was typed and not read yet: it is for the command that begins now."""
        data = bytes(self._waiting)
        self._waiting.clear()
        return data

    def resized(self) -> None:
        """The terminal has another size."""
        if self._reading is not None:
            self._session.app._on_resize()

    def close(self) -> None:
        """The session is over."""
        self._waiting.clear()
        self._keys.close()
        if self._reading is not None:
            with contextlib.suppress(RuntimeError):
                self._reading.cancel()

    def _take(self) -> None:
        """Some of what was typed; the rest once others had their turn."""
        if not self._waiting or self._reading is None:
            self._taking = False
            return
        if self._completer.is_busy:
            self._reactor.callLater(COMPLETION_SECONDS, self._take)
            return
        data = bytes(self._waiting[:AT_ONCE])
        if (tab := data.find(TAB)) >= 0:
            data = data[: tab + 1]
        del self._waiting[: len(data)]
        self._channel.consumed(len(data))
        if len(self._session.default_buffer.text) > LONGEST_LINE:
            data = bytes(each for each in data if each < 0x20 or each == 0x7F)
        self._keys.feed(data)
        self._reactor.callLater(COMPLETION_SECONDS if data.endswith(TAB) else 0, self._take)

    def begin_taking(self) -> None:
        """A line is read from here on: what was typed ahead belongs to it."""
        if self._waiting and not self._taking:
            self._taking = True
            self._reactor.callLater(0, self._take)

    def _size(self) -> Size:
        return Size(rows=self._channel.lines, columns=self._channel.columns)


class _ChannelText:
    """A channel as a text file to write to."""

    encoding = "utf-8"

    def __init__(self, channel: SessionChannel) -> None:
        self._channel = channel

    def write(self, text: str) -> int:
        """Send `text`; a client that does not read loses the connection."""
        if self._channel.waiting_octets > MOST_UNREAD:
            self._channel.conn.transport.end(DISCONNECT_BY_APPLICATION, "the client does not read")
        else:
            self._channel.put(text.encode("utf-8", "replace"))
        return len(text)

    def flush(self) -> None:
        """All is sent as soon as the client takes it."""

    def isatty(self) -> bool:
        """It is shown on a terminal."""
        return True
