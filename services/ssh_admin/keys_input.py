"""The keys that come by a session's channel, as prompt_toolkit reads them: without a file descriptor."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from prompt_toolkit.input import Input
from prompt_toolkit.input.typeahead import get_typeahead
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding import KeyPress

MOST_PASTED = 4096  # characters of one paste: a line has no more


class KeysInput(Input):
    """Takes octets, gives keys. What comes while nobody reads waits.

    A paste (xterm's bracketed one) is one key: of one that is too long, or never ends, the rest is lost.
    """

    def __init__(self) -> None:
        self._keys: list[KeyPress] = []
        self._parser = Vt100Parser(self._keys.append)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._ready: Callable[[], None] | None = None
        self._closed = False
        self._unfinished = 0  # characters of a paste, or of an escape sequence, whose end has not come

    def feed(self, data: bytes) -> None:
        """Something was typed."""
        text = self._decoder.decode(data)
        keys = len(self._keys)
        self._parser.feed(text)
        self._unfinished = 0 if len(self._keys) > keys else self._unfinished + len(text)
        if self._unfinished > MOST_PASTED:
            self._parser.reset()
            self._unfinished = 0
        self._tell()

    def close(self) -> None:
        """Nothing more will be typed."""
        self._closed = True
        self._tell()

    def has_more(self) -> bool:
        """Whether keys wait to be read, of which prompt_toolkit may have put some aside at the end of a line."""
        self._keys[:0] = get_typeahead(self)
        return bool(self._keys)

    def _tell(self) -> None:
        if self._ready is not None:
            self._ready()

    # What prompt_toolkit asks

    @property
    def closed(self) -> bool:
        return self._closed

    def read_keys(self) -> list[KeyPress]:
        keys = [KeyPress(each.key, each.data[:MOST_PASTED]) for each in self._keys]
        self._keys.clear()
        return keys

    def flush_keys(self) -> list[KeyPress]:
        self._parser.flush()
        return self.read_keys()

    def fileno(self) -> int:
        raise OSError("there is no file")

    def typeahead_hash(self) -> str:
        return f"channel-{id(self)}"

    def raw_mode(self) -> AbstractContextManager[None]:
        return nullcontext()

    def cooked_mode(self) -> AbstractContextManager[None]:
        return nullcontext()

    def attach(self, input_ready_callback: Callable[[], None]) -> AbstractContextManager[None]:
        return self._attached(input_ready_callback)

    def detach(self) -> AbstractContextManager[None]:
        return self._attached(None)

    @contextmanager
    def _attached(self, ready: Callable[[], None] | None) -> Iterator[None]:
        before, self._ready = self._ready, ready
        if self._keys or self._closed:
            self._tell()
        try:
            yield
        finally:
            self._ready = before
