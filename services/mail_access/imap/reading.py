"""Takes one command off the conversation, literals included, and refuses what is too large before it is sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.mail_access.imap.grammar.bad_syntax import BadSyntax
from services.mail_access.imap.grammar.cursor import Cursor
from services.mail_access.imap.response import Reply, bad, no
from shared.conversation.conversation import Conversation
from shared.conversation.errors import SpoolFull
from shared.conversation.spool import Spool

KIB, MIB = 1024, 1024 * 1024

# A literal at the end of a line announces how many octets follow; with + they come unasked (RFC 7888).
_MARK = re.compile(rb"\{(\d+)(\+?)\}\Z")
_MESSAGE_NEXT = re.compile(rb"[^ ]+ APPEND (?!\Z)", re.IGNORECASE)
_SWALLOW_PIECE = 256 * KIB


@dataclass(frozen=True, slots=True)
class Allowance:
    """How large a command may be: its lines and strings together, and the message of an APPEND."""

    text_octets: int
    message_octets: int
    swallowed_octets: int  # of literals that come unasked and too large: above this the connection ends


# A stranger needs two names and a password, or a SASL response. This is also all the memory that he can fill.
STRANGER = Allowance(text_octets=8 * KIB, message_octets=0, swallowed_octets=64 * KIB)


def member(message_octets: int) -> Allowance:
    """For those who have signed in. Clients that list 20,000 UIDs one by one need 200 KiB."""
    return Allowance(text_octets=256 * KIB, message_octets=message_octets, swallowed_octets=4 * message_octets)


class Farewell(Exception):
    """The connection must end: `line` is the untagged BYE."""

    def __init__(self, line: bytes) -> None:
        super().__init__(line)
        self.line = line


@dataclass(slots=True)
class RawCommand:
    """A command's octets. `refusal` is set if part of it was too large, and then nothing else of it counts."""

    tag: bytes
    text: bytes
    name_at: int
    literals: list[bytes | Spool] = field(default_factory=list)
    refusal: Reply | None = None

    @property
    def brings_message(self) -> bool:
        """Whether it is an APPEND."""
        return _MESSAGE_NEXT.match(self.text) is not None

    def close(self) -> None:
        for literal in self.literals:
            if isinstance(literal, Spool):
                literal.close()


async def read_command(conversation: Conversation, line: bytes, allowance: Allowance) -> RawCommand:
    """The command that begins with `line`, whose literals are asked for and read.

    Raises BadSyntax if there is no tag to answer to, Farewell.
    """
    cursor = Cursor(line)
    try:
        tag = _tag(cursor)
    except BadSyntax:
        if _MARK.search(line):  # what follows would be taken for commands: a stranger's way to smuggle some
            raise Farewell(b"* BYE a literal without a command\r\n") from None
        raise
    raw = RawCommand(tag, line, cursor.at)
    if line.endswith(b"}") and _MARK.search(line):
        await _read_literals(conversation, raw, line, allowance)
    elif len(line) > allowance.text_octets:
        raw.refusal = bad(b"command line too long")
    return raw


def _tag(cursor: Cursor) -> bytes:
    tag = cursor.tag()
    if not cursor.take(b" "):
        raise BadSyntax("a command is a tag, a space and a name")
    return tag


async def _read_literals(conversation: Conversation, raw: RawCommand, line: bytes, allowance: Allowance) -> None:
    lines: list[bytes] = []
    held = swallowed = 0
    try:
        while True:
            lines.append(line)
            held += len(line)
            mark = _MARK.search(line)
            if mark is None:
                break
            lines.append(b"\r\n")
            digits, comes_unasked = mark.group(1), bool(mark.group(2))
            size = int(digits) if len(digits) <= 15 else 1 << 62  # int() is slow on long numbers; both are too much
            is_message = _is_message(lines, raw.literals)
            if raw.refusal is None:
                raw.refusal = _refusal(size, is_message, held, allowance)
            if raw.refusal is None:
                if not comes_unasked:
                    conversation.write(b"+ go ahead\r\n")
                held += 0 if is_message else size
                await _take(conversation, raw, size, is_message)
            elif not comes_unasked:
                return  # it was not sent, nor will be the rest of the command
            else:
                swallowed += size
                if swallowed > allowance.swallowed_octets:
                    raise Farewell(b"* BYE [TOOBIG] literal too large\r\n")
                await _swallow(conversation, size)
            line = await _next_line(conversation)
            if held + len(line) > allowance.text_octets and raw.refusal is None:
                raw.refusal = bad(b"command too long")
    except BaseException:
        raw.close()
        raise
    raw.text = b"".join(lines)


def _is_message(lines: Sequence[bytes], literals: Sequence[bytes | Spool]) -> bool:
    """Whether the literal whose mark was just read is the message of an APPEND: some argument stands before it."""
    if any(isinstance(literal, Spool) for literal in literals):
        return False
    before = b"".join(lines[:4])[: -len(b"\r\n")] if len(lines) <= 4 else b""
    before = before[: before.rfind(b"{")]
    return _MESSAGE_NEXT.match(before) is not None


def _refusal(size: int, is_message: bool, held: int, allowance: Allowance) -> Reply | None:
    if is_message and allowance.message_octets:
        if size > allowance.message_octets:
            return no(b"message too large", code=b"TOOBIG")
    elif held + size > allowance.text_octets:
        return bad(b"literal too large", code=b"TOOBIG")
    return None


async def _take(conversation: Conversation, raw: RawCommand, size: int, is_message: bool) -> None:
    if not is_message:
        raw.literals.append(await conversation.read_exactly(size))
        return
    spool = Spool(conversation.claim)
    raw.literals.append(spool)
    try:
        await conversation.read_into(size, spool)
    except SpoolFull:
        raw.refusal = no(b"no room to take in a message, try again later", code=b"UNAVAILABLE")


async def _swallow(conversation: Conversation, size: int) -> None:
    while size > 0:
        piece = await conversation.read_exactly(min(size, _SWALLOW_PIECE))
        size -= len(piece)


async def _next_line(conversation: Conversation) -> bytes:
    line = await conversation.read_line()
    if line is None:
        raise Farewell(b"")
    return line
