"""A place in the octets of one command, and the small pieces of grammar read from there (RFC 3501 §9)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from services.mail_access.imap.grammar.bad_syntax import BadSyntax, ImpossibleName
from services.mail_access.imap.values.flags import SYSTEM_FLAG_BY_NAME, Flags
from services.mail_access.imap.values.sequence_set import STAR, SequenceSet
from shared.conversation.spool import Spool
from shared.messages.mutf7 import decode_mutf7

# ATOM-CHAR leaves out ( ) { SP CTL % * " \ ] and 8-bit octets; ASTRING-CHAR has ] as well. As Dovecot does, we also
# take % * \ unquoted, which clients forget to quote in passwords and search strings. A mailbox name with 8-bit octets
# is read, and then refused by NO, not BAD.
_ATOM = re.compile(rb"[!#$&'+\-./0-9:;<=>?@A-Z\[^_`a-z|}~,]+")
_ASTRING_ATOM = re.compile(rb"[!#$%&'*+\-./0-9:;<=>?@A-Z\[\\\]^_`a-z|}~,]+")
_MAILBOX_ATOM = re.compile(rb"[!#$%&'*+\-./0-9:;<=>?@A-Z\[\\\]^_`a-z|}~,\x80-\xff]+")
_TAG = re.compile(rb"[!#$&'\-./0-9:;<=>?@A-Z\[\]^_`a-z|}~,]+")
_QUOTED = re.compile(rb'"((?:[^\x00\r\n"\\]|\\["\\])*)"')
_QUOTED_PAIR = re.compile(rb'\\(["\\])')
_LITERAL = re.compile(rb"\{(\d+)\+?\}\r\n")
_DIGITS = re.compile(rb"\d+")
_SET = re.compile(rb"(?:\d{1,10}|\*)(?::(?:\d{1,10}|\*))?(?:,(?:\d{1,10}|\*)(?::(?:\d{1,10}|\*))?)*")
_FLAG = re.compile(rb"\\?[!#$&'+\-./0-9:;<=>?@A-Z\[^_`a-z|}~,]+")

_COLON, _STAR, _BACKSLASH = b":*\\"  # looked for as numbers, which takes a quarter of the time
MOST_NUMBER: Final = (1 << 32) - 1
MOST_MODSEQ: Final = (1 << 63) - 1  # RFC 7162 §7: mod-sequence-value is a positive 63-bit number
KEYWORD_OCTETS: Final = 128  # longer than any client's; every keyword is repeated in every FETCH of FLAGS
PATTERN_OCTETS: Final = 4096  # four times the longest name: matching takes time for each octet of the pattern


class Cursor:
    """Reads forward over `text`. It has the `{size}` of each literal, `literals` their octets, in the same order.

    As in Dovecot, any number of spaces may stand where the grammar has one, behind "(", before ")" and at the end.
    """

    __slots__ = ("_literals", "_literals_used", "at", "text")

    def __init__(self, text: bytes, literals: Sequence[bytes | Spool] = ()) -> None:
        self.text = text
        self.at = 0
        self._literals = literals
        self._literals_used = 0

    # -- single octets -------------------------------------------------------------------------------------------

    def take(self, octets: bytes) -> bool:
        """Step over `octets` if they come next."""
        if self.text.startswith(octets, self.at):
            self.at += len(octets)
            return True
        return False

    def expect(self, octets: bytes, what: str) -> None:
        if not self.take(octets):
            raise BadSyntax(f"expected {what}")

    def blanks(self) -> bool:
        """Step over spaces; whether there were any."""
        text, at = self.text, self.at + 1
        if text[at - 1 : at] != b" ":
            return False
        while text[at : at + 1] == b" ":
            at += 1
        self.at = at
        return True

    def space(self) -> None:
        if not self.blanks():
            raise BadSyntax("expected a space and an argument")

    def follows(self) -> bool:
        """Step over spaces; true if there were some, and neither the end nor a closing parenthesis follows."""
        return self.blanks() and self.text[self.at : self.at + 1] not in (b"", b")")

    def open(self, what: str) -> None:
        self.expect(b"(", what)
        self.blanks()

    def close(self, what: str) -> None:
        self.blanks()
        self.expect(b")", what)

    def at_end(self) -> bool:
        return self.at >= len(self.text)

    def end(self) -> None:
        self.blanks()
        if self.at < len(self.text):
            raise BadSyntax("more than the command takes")

    def peek(self) -> bytes:
        return self.text[self.at : self.at + 1]

    def match(self, pattern: re.Pattern[bytes], what: str) -> bytes:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise BadSyntax(f"expected {what}")
        self.at = found.end()
        return found.group()

    # -- words ---------------------------------------------------------------------------------------------------

    def tag(self) -> bytes:
        return self.match(_TAG, "a tag")

    def atom(self, what: str = "an atom") -> bytes:
        return self.match(_ATOM, what)

    def word(self, what: str = "a word") -> bytes:
        """An atom whose case does not matter, in upper case."""
        return self.match(_ATOM, what).upper()

    def astring(self, what: str = "a string") -> bytes:
        if self.peek() in (b'"', b"{"):
            return self.string(what)
        return self.match(_ASTRING_ATOM, what)

    def string(self, what: str = "a string") -> bytes:
        first = self.peek()
        if first == b'"':
            return self._quoted()
        if first == b"{":
            literal = self.literal()
            if isinstance(literal, Spool):
                raise BadSyntax("a message where a string was expected")
            return literal
        raise BadSyntax(f"expected {what}")

    def nstring(self) -> bytes | None:
        if self.peek() in (b'"', b"{"):
            return self.string()
        if self.word("a string or NIL") == b"NIL":
            return None
        raise BadSyntax("expected a string or NIL")

    def _quoted(self) -> bytes:
        found = _QUOTED.match(self.text, self.at)
        if found is None:
            raise BadSyntax("a quoted string does not end")
        self.at = found.end()
        inside = found.group(1)
        return _QUOTED_PAIR.sub(rb"\1", inside) if _BACKSLASH in inside else inside

    def literal(self) -> bytes | Spool:
        found = _LITERAL.match(self.text, self.at)
        if found is None or self._literals_used >= len(self._literals):
            raise BadSyntax("expected a literal")
        self.at = found.end()
        literal = self._literals[self._literals_used]
        self._literals_used += 1
        return literal

    # -- numbers -------------------------------------------------------------------------------------------------

    def number(self, most: int = MOST_NUMBER, least: int = 0) -> int:
        digits = self.match(_DIGITS, "a number")
        # Compared by length first: Python's int() is quadratic, and refuses more than 4,300 digits.
        if len(digits) > 20 or not least <= (value := int(digits)) <= most:
            raise BadSyntax("a number out of range")
        return value

    def sequence_set(self) -> SequenceSet:
        text = self.match(_SET, "a sequence set")
        items = dict.fromkeys(text.split(b","))  # without repetitions
        if _COLON not in text and _STAR not in text:
            numbers = list(map(int, items))
            if min(numbers) < 1 or max(numbers) > MOST_NUMBER:
                raise BadSyntax(_OUT_OF_RANGE)
            return SequenceSet(tuple(zip(numbers, numbers, strict=True)))
        ranges = []
        for item in items:
            low, _, high = item.partition(b":")
            first = _set_number(low)
            ranges.append((first, _set_number(high) if high else first))
        return SequenceSet(tuple(ranges))

    def sequence_set_or_saved(self) -> SequenceSet | None:
        """None for `$`, the saved result (RFC 5182)."""
        return None if self.take(b"$") else self.sequence_set()

    # -- mailboxes and flags -------------------------------------------------------------------------------------

    def mailbox(self) -> str:
        """A name. Raises ImpossibleName."""
        return mailbox_name(self._mailbox_octets("a mailbox name"))

    def list_mailbox(self) -> str:
        """A pattern of LIST, or the reference before it. One that is not modified UTF-7 is read as UTF-8."""
        raw = self._mailbox_octets("a mailbox pattern")
        if len(raw) > PATTERN_OCTETS:
            raise BadSyntax("a mailbox pattern is too long")
        try:
            return mailbox_name(raw)
        except ImpossibleName:
            return raw.decode("utf-8", "replace")

    def _mailbox_octets(self, what: str) -> bytes:
        return self.string() if self.peek() in (b'"', b"{") else self.match(_MAILBOX_ATOM, what)

    def flag_list(self) -> Flags:
        """`(\\Seen Work)`."""
        self.open("a list of flags")
        names = []
        if not self.take(b")"):
            names.append(self.match(_FLAG, "a flag"))
            while self.follows():
                names.append(self.match(_FLAG, "a flag"))
            self.close("the end of the flags")
        return _flags(names)

    def bare_flags(self) -> Flags:
        """STORE also takes flags without parentheses."""
        if self.peek() == b"(":
            return self.flag_list()
        names = [self.match(_FLAG, "a flag")]
        while self.follows():
            names.append(self.match(_FLAG, "a flag"))
        return _flags(names)


_OUT_OF_RANGE = "message numbers run from 1 to 4294967295"


def _set_number(text: bytes) -> int:
    if text == b"*":
        return STAR
    number = int(text)
    if not 1 <= number <= MOST_NUMBER:
        raise BadSyntax(_OUT_OF_RANGE)
    return number


def mailbox_name(raw: bytes) -> str:
    """The name in Unicode; INBOX, also as first level, in upper case (RFC 3501 §5.1). Raises ImpossibleName."""
    try:
        name = decode_mutf7(raw)
    except ValueError:
        raise ImpossibleName from None
    head, slash, rest = name.partition("/")
    return f"INBOX{slash}{rest}" if head.upper() == "INBOX" else name


def _flags(names: Sequence[bytes]) -> Flags:
    mask = 0
    keywords: dict[str, str] = {}
    for name in names:
        if not name.startswith(b"\\"):
            if len(name) > KEYWORD_OCTETS:
                raise BadSyntax("a keyword is too long")
            keywords.setdefault(name.lower().decode("ascii"), name.decode("ascii"))
        elif name.lower() in SYSTEM_FLAG_BY_NAME:
            mask |= SYSTEM_FLAG_BY_NAME[name.lower()]
        elif name.lower() != rb"\recent":  # the server alone sets it (RFC 3501 §2.3.2): ignored, as it does no harm
            raise BadSyntax("there is no such system flag")
    return Flags(mask, tuple(keywords.values()))
