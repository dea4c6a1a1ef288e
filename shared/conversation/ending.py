"""The endings of a conversation that do not come from the session itself."""

from __future__ import annotations

from enum import Enum, auto


class Ending(Enum):
    """An ending, for which `Conversation.farewell` has the protocol's last words.

    For the last two there are no last words: the client is gone, or would not understand them.
    """

    IDLE = auto()  # the client was silent, or too slow in sending or taking
    SHUTDOWN = auto()  # this process is leaving; the client may come back at once
    LINE_TOO_LONG = auto()  # a line went on past every bound
    INTERNAL_ERROR = auto()  # our bug
    HTTP = auto()  # the client's first line is a request of HTTP
    TOO_MANY = auto()  # connections, in total or from one address
    CLIENT_LEFT = auto()
    GARBLED = auto()  # a broken compressed stream, TLS handshake or PROXY header


UNSPOKEN = frozenset({Ending.CLIENT_LEFT, Ending.GARBLED})


class Ended(BaseException):
    """The conversation is over; raised in the middle of a read or a drain, caught by the base alone.

    Not an `Exception`, so that a session's `except Exception` around a command cannot swallow it
    (as asyncio does with CancelledError). `finally` clauses run as usual.
    """

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending)
        self.ending = ending
