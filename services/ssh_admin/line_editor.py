"""The editor of the shell's lines: prompt_toolkit over a session's channel, with Emacs' keys, history and completion.

Its work is bounded: what is typed is taken 32 octets at a time, and a line has LONGEST_LINE characters.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, TextIO, cast

from prompt_toolkit import PromptSession
from prompt_toolkit.application import create_app_session
from prompt_toolkit.clipboard import InMemoryClipboard
from prompt_toolkit.data_structures import Size
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.utils import get_cwidth
from twisted.conch.ssh.transport import DISCONNECT_BY_APPLICATION
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall

from services.ssh_admin.completion import ShellCompleter
from services.ssh_admin.keys_input import KeysInput
from services.ssh_admin.session_channel import SessionChannel
from services.ssh_admin.shared_editor_parts import share_key_bindings, share_style
from services.ssh_admin.streams import MOST_UNREAD
from shared.administration.shell_lines import MOST_LINES

LONGEST_LINE = 4096  # characters
AT_ONCE = 32  # octets: a key costs up to 2 ms, for each is drawn, or searched for in the history
TAB = b"\t"
ENDS = re.compile(rb"[\t\r\n\x03\x04]")  # what is behind one waits: for names, for the next line
CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
# What is typed behind a Tab waits until names were found, the first key until the history is there; looked at so often.
COMPLETION_SECONDS = 0.01
IDLE_SECONDS = 60.0  # without a key
_IDLE = "(nothing was typed)"  # the result of a session that is dropped: this object
PASTES_ARE_BRACKETED = "\x1b[?2004h"  # as prompt_toolkit asks the terminal while it reads


share_key_bindings()


class LineInterrupted(Exception):
    """Ctrl-C was pressed. KeyboardInterrupt would end the process's asyncio loop."""


class LineEditor:
    """The lines of one session.

    An idle one has little: prompt_toolkit's session, which takes 390 KB, is made for the first key of a line and
    dropped at its end, or when the line is empty and nothing was typed for a while. Without one the prompt stands on
    the terminal as it was written.
    """

    def __init__(
        self,
        channel: SessionChannel,
        reactor: Any,
        history: Callable[[], Coroutine[Any, Any, Sequence[str]]],
        completer: ShellCompleter,
        keys: KeysInput,
    ) -> None:
        """`history` gives lines, the newest first. `keys` may be those of an editor before: what was typed is there."""
        self._channel = channel
        self._reactor = reactor
        self._history = history
        self._completer = completer
        self._keys = keys
        self._text = _ChannelText(channel)
        self._clipboard = InMemoryClipboard()  # for Ctrl-Y; it outlives a session
        self._lines: deque[str] | None = None  # the history and what was read since, unless nothing was for a while
        self._session: PromptSession[str] | None = None
        self._typed: asyncio.Future[None] | None = None  # is waited for, or is about to make a session
        self._typed_at = 0.0
        self._rows = 0  # that the cursor is below the prompt's first one while there is no session
        self._waiting = bytearray()
        self._taking = False
        self._reading: asyncio.Future[str] | None = None

    async def read_line(self, prompt: str) -> str:
        """A line, when it is typed. Raises LineInterrupted for Ctrl-C, EOFError for Ctrl-D and at the end."""
        self._reading = asyncio.ensure_future(self._read(prompt))
        try:
            return await Deferred.fromFuture(self._reading)
        finally:
            self._reading = None

    async def _read(self, prompt: str) -> str:
        with create_app_session():  # else a key would act on the shell that was last to read, whosever it is
            return await self._read_here(prompt)

    async def _read_here(self, prompt: str) -> str:
        if self._channel.mid_line:
            self._text.write("\r\n")  # else a key would have the prompt drawn over what is there
        self._text.write(PASTES_ARE_BRACKETED + prompt)
        self._rows = (get_cwidth(prompt) - 1) // self._channel.columns
        while True:
            await self._wait_for_a_key()
            line = await self._read_in_session(prompt)
            if line is not _IDLE:
                self._note(line)
                return line

    async def _read_in_session(self, prompt: str) -> str:
        assert self._session is not None
        self._typed_at = self._reactor.seconds()
        looking = LoopingCall(self._drop_if_idle)
        looking.clock = self._reactor
        looking.start(IDLE_SECONDS, now=False)
        try:
            return await self._session.prompt_async(prompt, handle_sigint=False, set_exception_handler=False)
        finally:
            looking.stop()
            self._text.muted = False
            self._session = None  # Python's collector takes it

    async def _wait_for_a_key(self) -> None:
        """There is a session then, and the cursor is where the prompt begins."""
        self._typed = asyncio.get_event_loop().create_future()
        try:
            if not self._keys.has_more():
                forgetting = self._reactor.callLater(IDLE_SECONDS, self._forget_lines)
                try:
                    await self._typed
                finally:
                    if forgetting.active():
                        forgetting.cancel()
            if self._lines is None:
                lines = await Deferred.fromCoroutine(self._history()).asFuture(asyncio.get_event_loop())
                self._lines = deque(reversed(lines), MOST_LINES)
        finally:
            self._typed = None
        self._session = self._make_session(self._lines)
        self._text.write((f"\x1b[{self._rows}A" if self._rows else "") + "\r")

    def _forget_lines(self) -> None:
        self._lines = None

    def _note(self, line: str) -> None:
        """Give `line` back by the key for the one before, command or slip, as the session did that is gone with it."""
        if self._lines is not None and line and (not self._lines or self._lines[-1] != line):
            self._lines.append(line)

    def _make_session(self, lines: Iterable[str]) -> PromptSession[str]:
        output = Vt100_Output(
            cast(TextIO, self._text), self._size, term=self._channel.terminal or "dumb", enable_cpr=False
        )
        session: PromptSession[str] = PromptSession(
            history=InMemoryHistory(list(lines)),
            clipboard=self._clipboard,
            completer=self._completer,
            complete_while_typing=False,
            editing_mode=EditingMode.EMACS,
            enable_suspend=False,
            enable_open_in_editor=False,
            input=self._keys,
            output=output,
            interrupt_exception=LineInterrupted,
            include_default_pygments_style=False,
        )
        share_style(session.app)
        return session

    def _drop_if_idle(self) -> None:
        """End a session in which nothing is typed; the terminal is left as it is, and hears nothing of it."""
        session = self._session
        assert session is not None
        app = session.app
        if (
            self._reactor.seconds() - self._typed_at >= IDLE_SECONDS
            and not (session.default_buffer.text or app.layout.is_searching or self._waiting)
            and app.is_running
            and not app.is_done
        ):
            self._rows = app.renderer._cursor_pos.y
            self._text.muted = True
            app.exit(result=_IDLE)  # with an exception keys that come at this moment would be lost

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
        if self._reading is not None and self._session is not None:
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
        if self._typed is not None and not self._typed.done():
            self._typed.set_result(None)
        if self._completer.is_busy or not self._takes_keys:
            self._reactor.callLater(COMPLETION_SECONDS, self._take)
            return
        data = bytes(self._waiting[:AT_ONCE])
        if (end := ENDS.search(data)) is not None:
            data = data[: end.end()]
        dropped = 0
        if self._is_full:
            key = CONTROL.search(data)  # what is behind it may belong to the next line
            dropped = len(data) if key is None else key.start()
            data = data if key is None else data[: key.end()]
        del self._waiting[: len(data)]
        self._channel.consumed(len(data))
        self._keys.feed(data[dropped:])
        self._typed_at = self._reactor.seconds()
        self._reactor.callLater(COMPLETION_SECONDS if data.endswith(TAB) else 0, self._take)

    @property
    def _is_full(self) -> bool:
        """Whether the line that is being typed is as long as lines may be."""
        session = self._session
        if session is None or not session.app.is_running or session.app.is_done:
            return False
        return len(session.default_buffer.text) > LONGEST_LINE

    @property
    def _takes_keys(self) -> bool:
        """Whether there is a session, with its lines to go back to: prompt_toolkit loads them as a prompt begins."""
        session = self._session
        if session is None or session.app.is_done:
            return False
        loading = session.default_buffer._load_history_task
        return loading is not None and loading.done()

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
        self.muted = False

    def write(self, text: str) -> int:
        """Send `text`; a client that does not read loses the connection."""
        if self.muted:
            return len(text)
        if self._channel.waiting_octets > MOST_UNREAD:
            self._channel.conn.transport.end(DISCONNECT_BY_APPLICATION, "the client does not read")
        else:
            self._channel.put(text.encode("utf-8", "replace"))
            self._channel.mid_line = False  # by the time that a line is read
        return len(text)

    def flush(self) -> None:
        """All is sent as soon as the client takes it."""

    def isatty(self) -> bool:
        """It is shown on a terminal."""
        return True
