"""Errors of a news session. Their sentences are for people, and safe to print on a terminal."""

from __future__ import annotations

from shared.command_line.terminal.printable import printable


class NewsError(Exception):
    """The session cannot go on as it was asked to."""


class ConnectionFailed(NewsError):
    """The server cannot be reached, or the connection has ended."""


class UnreadableAnswer(NewsError):
    """The server's answer is not NNTP, or is longer than this client takes."""


class NotEncrypted(NewsError):
    """A password was to go in the clear to another host."""


class RefusedByServer(NewsError):
    """The server's reply is a refusal; the sentence is its line."""

    def __init__(self, code: int, line: bytes) -> None:
        super().__init__(printable(line.decode("utf-8", "replace")))
        self.code = code
