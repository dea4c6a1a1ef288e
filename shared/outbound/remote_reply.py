"""A reply of another mail server, and the faults of one that makes no sense or keeps us waiting."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)
_STATUS = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: |$)")
_UNPRINTED = re.compile(r"[^\x20-\x7e\x80-\U0010ffff]+")
LONGEST_TEXT = 400  # characters that are shown of a reply


class ServerFault(Exception):
    """The conversation with a server has ended without a reply that counts. All of them may be over later."""

    def __init__(self, text: str, status: str = "4.4.2", code: int | None = None) -> None:
        super().__init__(text)
        self.status = status  # RFC 3463
        self.code = code


class RemoteReply(NamedTuple):
    """A whole reply: its code, the status of RFC 3463 (made of the code where it has none), its lines."""

    code: int
    status: str
    lines: Sequence[str]  # without code

    @property
    def text(self) -> str:
        """As it is shown and kept: the code, and all lines as one, cut."""
        return f"{self.code} {_UNPRINTED.sub(' ', ' '.join(self.lines)).strip()}"[:LONGEST_TEXT].rstrip()

    @property
    def is_good(self) -> bool:
        return self.code < 300

    @property
    def is_permanent(self) -> bool:
        return self.code >= 500


def read_reply_line(line: bytes) -> tuple[int, bool, str]:
    """Code, whether it is the last line, and text. Raises ServerFault."""
    match = _LINE.fullmatch(line)
    if match is None:
        raise ServerFault("the server says what is no reply of SMTP", "4.5.0")
    return int(match[1]), match[2] != b"-", (match[3] or b"").decode("utf-8", "replace")


def reply_of(code: int, lines: Sequence[str]) -> RemoteReply:
    """The reply with these lines. The status of the last line counts, if it is of the code's class."""
    match = _STATUS.match(lines[-1])
    if match is not None and match[1][0] == str(code)[0]:
        return RemoteReply(code, match[1], lines)
    return RemoteReply(code, f"{code // 100}.0.0", lines)
