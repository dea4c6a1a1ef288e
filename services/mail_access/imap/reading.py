"""Takes one command off the conversation, literals included, and refuses what is too large before it is sent.

Nothing of a command that was refused is held: the rest of it is read, counted and thrown away.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from services.mail_access.imap.grammar.bad_syntax import BadSyntax
from services.mail_access.imap.grammar.command import parse_tag
from services.mail_access.imap.grammar.cursor import Cursor
from services.mail_access.imap.response import Reply, bad, no
from shared.conversation.conversation import Conversation
from shared.conversation.errors import LineTooLong, SpoolFull
from shared.conversation.spool import Spool
from shared.give_way import Turns

KIB, MIB = 1024, 1024 * 1024

# A literal at the end of a line announces how many octets follow; with + they come unasked (RFC 7888). Of a line that
# is too long only the end is known; if that begins with digits, they may be the end of a longer number.
_MARK = re.compile(rb"\{(\d+)(\+?)\}\Z")
_MARK_AT_LAST = re.compile(rb"(?:\{|\A)(\d+)(\+?)\}\Z")
_MESSAGE_NEXT = re.compile(rb"[^ ]+ +APPEND +[^ ]", re.IGNORECASE)
_LINES_BETWEEN_LOOKS = 100  # at the clock


@dataclass(frozen=True, slots=True)
class CommandBounds:
    """The bounds of a command: its lines and strings together, and the message of an APPEND."""

    text_octets: int
    message_octets: int
    # Of a command that was refused: above this of literals, or above `text_octets` of lines, the connection ends.
    refused_octets: int


# A stranger needs two names and a password, a SASL response, or ID with 30 fields, whose names have up to 30 octets and
# values 1,024 (RFC 2971 §3.3): 32 KiB with what is around them. This is also all the memory that a stranger can fill.
STRANGER = CommandBounds(text_octets=40 * KIB, message_octets=0, refused_octets=64 * KIB)


def member(message_octets: int) -> CommandBounds:
    """For those who have signed in. Clients that list 20,000 UIDs one by one need 200 KiB."""
    return CommandBounds(text_octets=256 * KIB, message_octets=message_octets, refused_octets=4 * message_octets)


class Farewell(Exception):
    """The connection must end: `line` is the untagged BYE."""

    def __init__(self, line: bytes) -> None:
        super().__init__(line)
        self.line = line


@dataclass(slots=True)
class RawCommand:
    """A command's octets. `refusal` is set if part of it was too large, and then nothing else of it is here."""

    tag: bytes
    text: bytes
    name_at: int
    literals: list[bytes | Spool] = field(default_factory=list)
    refusal: Reply | None = None

    @property
    def lost_message(self) -> bool:
        """Whether it is an APPEND whose message was refused."""
        return self.refusal in (_MESSAGE_TOO_LARGE, _NO_ROOM)

    def close(self) -> None:
        for literal in self.literals:
            if isinstance(literal, Spool):
                literal.close()
        self.literals.clear()

    def refuse(self, refusal: Reply) -> None:
        """Drop everything but the tag."""
        self.refusal = refusal
        self.close()
        self.text = b""


async def read_command(conversation: Conversation, line: bytes | LineTooLong, bounds: CommandBounds) -> RawCommand:
    """The command that begins with `line`, whose literals are asked for and read.

    Raises BadSyntax if there is no tag to answer to, Farewell.
    """
    cursor = Cursor(line.first if isinstance(line, LineTooLong) else line)
    try:
        tag = parse_tag(cursor)
    except BadSyntax:
        if _mark(line):  # the octets that follow would be taken for commands, by which a stranger could smuggle some
            raise Farewell(b"* BYE a literal without a command\r\n") from None
        raise
    if isinstance(line, LineTooLong):
        raw = RawCommand(tag, b"", cursor.at, refusal=_LINE_TOO_LONG)
    else:
        raw = RawCommand(tag, line, cursor.at)
        if len(line) > bounds.text_octets:
            raw.refuse(_COMMAND_TOO_LONG)
        if not line.endswith(b"}"):
            return raw
    mark = _mark(line)
    if mark is not None:
        await _Literals(conversation, raw, bounds).read(mark)
    return raw


_LINE_TOO_LONG = bad(b"line too long")
_COMMAND_TOO_LONG = bad(b"command too long")
_LITERAL_TOO_LARGE = bad(b"literal too large", code=b"TOOBIG")
_MESSAGE_TOO_LARGE = no(b"message too large", code=b"TOOBIG")
_NO_ROOM = no(b"no room for the message, try again later", code=b"UNAVAILABLE")
_Mark = re.Match[bytes]


def _mark(line: bytes | LineTooLong) -> _Mark | None:
    """The literal that a line announces."""
    if isinstance(line, LineTooLong):
        return _MARK_AT_LAST.search(line.last)
    return _MARK.search(line) if line.endswith(b"}") else None


class _Literals:
    """Reads the literals of one command, and the lines between them."""

    __slots__ = ("_bounds", "_conversation", "_held", "_passed_lines", "_passed_literals", "_raw", "_text")

    def __init__(self, conversation: Conversation, raw: RawCommand, bounds: CommandBounds) -> None:
        self._conversation = conversation
        self._raw = raw
        self._bounds = bounds
        self._text = bytearray(raw.text)
        self._held = len(raw.text)  # lines and literals, as far as they are kept in memory
        self._passed_lines = self._passed_literals = 0  # octets that came after the refusal

    async def read(self, mark: _Mark | None) -> None:
        """Read to the end of the command whose first line ends in `mark`."""
        conversation = self._conversation
        turns: Turns | None = None
        lines = 0
        try:
            while mark is not None:
                if lines == 1:  # most commands have but one literal
                    turns = Turns(conversation.clock)
                elif turns is not None and lines % _LINES_BETWEEN_LOOKS == 0 and turns.is_over:
                    await turns.give_way()
                digits, plus = mark.groups()
                size = (
                    int(digits) if len(digits) <= 15 else 1 << 62
                )  # int() is slow on long numbers; a number of so many digits is too large anyway
                is_message = self._is_message(mark)
                if self._admits(size, is_message):
                    if not plus:
                        conversation.write(b"+ go ahead\r\n")
                    self._text += b"\r\n"
                    if is_message:
                        await self._take_message(size)
                    else:
                        self._held += size
                        self._raw.literals.append(await conversation.read_exactly(size))
                elif not plus:
                    break  # it will not be sent, nor the rest of the command
                else:
                    await self._pass_over(size)
                try:
                    line: bytes | LineTooLong | None = await conversation.read_line()
                except LineTooLong as too_long:
                    line = too_long
                if line is None:
                    raise Farewell(b"")
                self._line(line)
                mark = _mark(line)
                lines += 1
        except BaseException:
            self._raw.close()
            raise
        if self._raw.refusal is None:
            self._raw.text = bytes(self._text)

    def _admits(self, size: int, is_message: bool) -> bool:
        """Whether a literal is to be kept; if it is too large, the command is refused from here on."""
        if self._raw.refusal is not None:
            return False
        if is_message and self._bounds.message_octets:
            if size <= self._bounds.message_octets:
                return True
            self._refuse(_MESSAGE_TOO_LARGE)
        elif self._held + size <= self._bounds.text_octets:
            return True
        else:
            self._refuse(_LITERAL_TOO_LARGE)
        return False

    async def _pass_over(self, size: int) -> None:
        self._passed_literals += size
        if self._passed_literals > self._bounds.refused_octets:
            raise Farewell(b"* BYE [TOOBIG] literal too large\r\n")
        await self._conversation.discard(size)

    def _is_message(self, mark: _Mark) -> bool:
        """Whether a literal is the message of an APPEND: some argument stands before it, a literal at most."""
        literals = self._raw.literals
        if len(literals) > 1 or (literals and isinstance(literals[0], Spool)):
            return False
        before = len(self._text) - (mark.end() - mark.start())
        return _MESSAGE_NEXT.match(self._text, 0, before) is not None

    async def _take_message(self, size: int) -> None:
        spool = Spool(self._conversation.claim)
        self._raw.literals.append(spool)
        try:
            await self._conversation.read_into(size, spool)
        except SpoolFull:
            self._refuse(_NO_ROOM)

    def _line(self, line: bytes | LineTooLong) -> None:
        """Keep a line, or only count it."""
        octets = len(b"\r\n") + (line.octets if isinstance(line, LineTooLong) else len(line))
        if self._raw.refusal is not None:
            self._passed_lines += octets
            if self._passed_lines > self._bounds.text_octets:
                raise Farewell(b"* BYE [TOOBIG] command too long\r\n")
        elif isinstance(line, LineTooLong):
            self._refuse(_LINE_TOO_LONG)
        elif self._held + octets > self._bounds.text_octets:
            self._refuse(_COMMAND_TOO_LONG)
        else:
            self._held += octets
            self._text += line

    def _refuse(self, refusal: Reply) -> None:
        self._raw.refuse(refusal)
        self._text.clear()
