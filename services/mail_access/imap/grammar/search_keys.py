"""The keys of SEARCH (RFC 3501 §6.4.4 and §9, search-key), to a tree of bounded depth."""

from __future__ import annotations

from collections.abc import Callable

from services.mail_access.imap.grammar.bad_syntax import BadSyntax, UnsupportedCharset
from services.mail_access.imap.grammar.cursor import MOST_MODSEQ, Cursor
from services.mail_access.imap.grammar.dates import parse_date
from services.mail_access.imap.values import search as keys
from services.mail_access.imap.values.flags import ANSWERED, DELETED, DRAFT, FLAGGED, RECENT, SEEN
from services.mail_access.imap.values.search import SearchKey, Span
from shared.messages.search_text import searchable

MOST_DEPTH = 50  # parentheses, NOT and OR within one another; people stop at three, programs at ten
MOST_KEYS = 2000  # a client that searches many Message-IDs at once stays far below

CHARSETS = {b"US-ASCII": "ascii", b"UTF-8": "utf-8"}


class SearchProgram:
    """Reads search keys from a cursor. `mentions_modseq` tells whether MODSEQ was among them."""

    def __init__(self, cursor: Cursor, charset: bytes) -> None:
        codec = CHARSETS.get(charset.upper())
        if codec is None:
            raise UnsupportedCharset
        self._cursor = cursor
        self._codec = codec
        self._depth = 0
        self._keys = 0
        self.mentions_modseq = False

    def read(self) -> SearchKey:
        """One or more keys, all of which must hold."""
        found = [self._key()]
        while self._cursor.follows():
            found.append(self._key())
        return found[0] if len(found) == 1 else keys.And(tuple(found))

    def _key(self) -> SearchKey:
        cursor = self._cursor
        self._keys += 1
        if self._keys > MOST_KEYS:
            raise BadSyntax("too many search keys")
        first = cursor.peek()
        if first == b"(":
            return self._deeper(self._parenthesised)
        if first.isdigit() or first == b"*":
            return keys.InSet(cursor.sequence_set(), uid=False)
        if cursor.take(b"$"):
            return keys.SavedResult()
        name = cursor.word("a search key")
        simple = _SIMPLE.get(name)
        if simple is not None:
            return simple
        read = _WITH_ARGUMENT.get(name)
        if read is None:
            raise BadSyntax("unknown search key")
        cursor.space()
        return read(self)

    def _deeper(self, read: Callable[[], SearchKey]) -> SearchKey:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise BadSyntax("search keys too deep")
        key = read()
        self._depth -= 1
        return key

    def _parenthesised(self) -> SearchKey:
        self._cursor.open("search keys")
        key = self.read()
        self._cursor.close("the end of the search keys")
        return key

    def negation(self) -> SearchKey:
        return keys.Not(self._deeper(self._key))

    def either(self) -> SearchKey:
        one = self._deeper(self._key)
        self._cursor.space()
        return keys.Or(one, self._deeper(self._key))

    def needle(self) -> str:
        raw = self._cursor.astring("a string to look for")
        try:
            return searchable(raw.decode(self._codec))
        except UnicodeDecodeError:
            if self._codec == "ascii":  # 8-bit without CHARSET: clients mean UTF-8
                return searchable(raw.decode("utf-8", "replace"))
            raise BadSyntax("the string is not in the charset that was named") from None

    def header(self) -> SearchKey:
        field = self._cursor.astring("a header name").lower()
        self._cursor.space()
        return keys.InHeader(field, self.needle())

    def keyword(self) -> keys.HasKeyword:
        """An atom, or a string as some clients send it; one that no keyword can be is on no message."""
        return keys.HasKeyword(self._cursor.astring("a keyword").lower().decode("ascii", "replace"))

    def day(self, make: Callable[..., SearchKey], span: Span) -> SearchKey:
        return make(span, parse_date(self._cursor.astring("a date")))

    def octets(self) -> int:
        return self._cursor.number(most=(1 << 63) - 1)

    def uids(self) -> SearchKey:
        if self._cursor.take(b"$"):
            return keys.SavedResult()
        return keys.InSet(self._cursor.sequence_set(), uid=True)

    def modseq(self) -> SearchKey:
        cursor = self._cursor
        if cursor.peek() == b'"':  # an entry name and type: every entry shares the message's one modseq
            cursor.string()
            cursor.space()
            if cursor.word("an entry type") not in (b"PRIV", b"SHARED", b"ALL"):
                raise BadSyntax("an entry type is priv, shared or all")
            cursor.space()
        self.mentions_modseq = True
        return keys.ChangedSince(cursor.number(most=MOST_MODSEQ))


def _not(key: SearchKey) -> SearchKey:
    return keys.Not(key)


_SIMPLE: dict[bytes, SearchKey] = {
    b"ALL": keys.All(),
    b"ANSWERED": keys.HasFlag(ANSWERED),
    b"DELETED": keys.HasFlag(DELETED),
    b"DRAFT": keys.HasFlag(DRAFT),
    b"FLAGGED": keys.HasFlag(FLAGGED),
    b"SEEN": keys.HasFlag(SEEN),
    b"UNANSWERED": _not(keys.HasFlag(ANSWERED)),
    b"UNDELETED": _not(keys.HasFlag(DELETED)),
    b"UNDRAFT": _not(keys.HasFlag(DRAFT)),
    b"UNFLAGGED": _not(keys.HasFlag(FLAGGED)),
    b"UNSEEN": _not(keys.HasFlag(SEEN)),
    b"RECENT": keys.HasFlag(RECENT),
    b"OLD": _not(keys.HasFlag(RECENT)),
    b"NEW": keys.And((keys.HasFlag(RECENT), _not(keys.HasFlag(SEEN)))),
}

_WITH_ARGUMENT: dict[bytes, Callable[[SearchProgram], SearchKey]] = {
    b"BCC": lambda program: keys.InHeader(b"bcc", program.needle()),
    b"CC": lambda program: keys.InHeader(b"cc", program.needle()),
    b"FROM": lambda program: keys.InHeader(b"from", program.needle()),
    b"SUBJECT": lambda program: keys.InHeader(b"subject", program.needle()),
    b"TO": lambda program: keys.InHeader(b"to", program.needle()),
    b"HEADER": SearchProgram.header,
    b"BODY": lambda program: keys.InBody(program.needle()),
    b"TEXT": lambda program: keys.InText(program.needle()),
    b"KEYWORD": SearchProgram.keyword,
    b"UNKEYWORD": lambda program: _not(program.keyword()),
    b"BEFORE": lambda program: program.day(keys.Received, Span.BEFORE),
    b"ON": lambda program: program.day(keys.Received, Span.ON),
    b"SINCE": lambda program: program.day(keys.Received, Span.SINCE),
    b"SENTBEFORE": lambda program: program.day(keys.Sent, Span.BEFORE),
    b"SENTON": lambda program: program.day(keys.Sent, Span.ON),
    b"SENTSINCE": lambda program: program.day(keys.Sent, Span.SINCE),
    b"LARGER": lambda program: keys.LargerThan(program.octets()),
    b"SMALLER": lambda program: keys.SmallerThan(program.octets()),
    b"UID": SearchProgram.uids,
    b"MODSEQ": SearchProgram.modseq,
    b"NOT": SearchProgram.negation,
    b"OR": SearchProgram.either,
}
