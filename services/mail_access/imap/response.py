"""The tagged reply, which ends a command (RFC 3501 §7.1)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """OK, NO or BAD with its text; `code` is a response code without the brackets."""

    condition: bytes
    text: bytes
    code: bytes = b""

    def render(self, tag: bytes) -> bytes:
        code = b"[" + self.code + b"] " if self.code else b""
        return b"%b %b %b%b\r\n" % (tag, self.condition, code, self.text)


def ok(text: bytes, code: bytes = b"") -> Reply:
    return Reply(b"OK", text, code)


def no(text: bytes, code: bytes = b"") -> Reply:
    """The command was understood and cannot be done."""
    return Reply(b"NO", text, code)


def bad(text: bytes, code: bytes = b"") -> Reply:
    """The client's mistake."""
    return Reply(b"BAD", text, code)


class Refused(Exception):
    """Ends a command with a NO or BAD that is not an error of the domain."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply)
        self.reply = reply
