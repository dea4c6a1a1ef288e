"""The data items of FETCH (RFC 3501 §6.4.5 and §9, fetch-att)."""

from __future__ import annotations

import re

from services.mail_access.imap.grammar.bad_syntax import BadSyntax
from services.mail_access.imap.grammar.cursor import Cursor
from services.mail_access.imap.values.fetch import Fact, FetchItem, Section

_NAME = re.compile(rb"[A-Za-z0-9.]+")
_SECTION_WORD = re.compile(rb"[A-Za-z.]+")
_PART_NUMBER = re.compile(rb"(?:[1-9]\d{0,9}\.)*[1-9]\d{0,9}")

MOST_ITEMS = 64  # each may be a piece of every message; real clients ask for about a dozen
MOST_FIELDS = 200  # header names in one HEADER.FIELDS
MOST_LEVELS = 100  # part numbers in one section, twice as deep as the scanner of messages goes

MACROS = {
    b"FAST": (Fact.FLAGS, Fact.INTERNALDATE, Fact.SIZE),
    b"ALL": (Fact.FLAGS, Fact.INTERNALDATE, Fact.SIZE, Fact.ENVELOPE),
    b"FULL": (Fact.FLAGS, Fact.INTERNALDATE, Fact.SIZE, Fact.ENVELOPE, Fact.BODY),
}
_FACTS = {fact.value: fact for fact in Fact}
_WHOLE = {
    b"RFC822": Section(b"RFC822"),
    b"RFC822.HEADER": Section(b"RFC822.HEADER", what="HEADER", peek=True),
    b"RFC822.TEXT": Section(b"RFC822.TEXT", what="TEXT"),
}


def parse_fetch_items(cursor: Cursor) -> tuple[FetchItem, ...]:
    """A macro, one item, or a parenthesised list. Raises BadSyntax."""
    if cursor.take(b"("):
        cursor.blanks()
        items = [_item(cursor)]
        while cursor.follows():
            items.append(_item(cursor))
            if len(items) > MOST_ITEMS:
                raise BadSyntax("too many data items")
        cursor.close("the end of the data items")
        return tuple(dict.fromkeys(items))
    start = cursor.at
    macro = MACROS.get(cursor.match(_NAME, "a data item").upper())
    if macro is not None:
        return macro
    cursor.at = start
    return (_item(cursor),)


def _item(cursor: Cursor) -> FetchItem:
    name = cursor.match(_NAME, "a data item").upper()
    if name in (b"BODY", b"BODY.PEEK") and cursor.take(b"["):
        return _section(cursor, peek=name == b"BODY.PEEK")
    item = _FACTS.get(name) or _WHOLE.get(name)
    if item is None:
        raise BadSyntax("unknown data item")
    return item


def _section(cursor: Cursor, peek: bool) -> Section:
    start = cursor.at
    path: tuple[int, ...] = ()
    what = ""
    fields: tuple[bytes, ...] = ()
    if cursor.peek().isdigit():
        numbers = cursor.match(_PART_NUMBER, "a part number").split(b".")
        if len(numbers) > MOST_LEVELS:
            raise BadSyntax("a section too deep")
        path = tuple(map(int, numbers))
        if cursor.take(b"."):
            what = _section_text(cursor, within_part=True)
    elif cursor.peek() != b"]":
        what = _section_text(cursor, within_part=False)
    if what.startswith("HEADER.FIELDS"):
        fields = _field_names(cursor)
    label = b"BODY[" + _label(cursor, start, what, fields) + b"]"
    cursor.expect(b"]", "the end of the section")
    partial = _partial(cursor)
    if partial is not None:
        label += b"<%d>" % partial[0]
    return Section(label, path, what, tuple(name.lower() for name in fields), partial, peek)


def _section_text(cursor: Cursor, within_part: bool) -> str:
    what = cursor.match(_SECTION_WORD, "a section").upper().decode("ascii")
    if what in ("HEADER", "TEXT", "HEADER.FIELDS", "HEADER.FIELDS.NOT") or (what == "MIME" and within_part):
        return what
    raise BadSyntax("unknown section")


def _field_names(cursor: Cursor) -> tuple[bytes, ...]:
    cursor.space()
    cursor.open("a list of header names")
    names = [cursor.astring("a header name")]
    while cursor.follows():
        names.append(cursor.astring("a header name"))
        if len(names) > MOST_FIELDS:
            raise BadSyntax("too many header names")
    cursor.close("the end of the header names")
    cursor.blanks()
    return tuple(names)


def _label(cursor: Cursor, start: int, what: str, fields: tuple[bytes, ...]) -> bytes:
    """The section as sent, in upper case but for the field names, which are repeated as atoms or quoted strings."""
    if not what.startswith("HEADER.FIELDS"):
        return cursor.text[start : cursor.at].upper()
    before, _, _ = cursor.text[start : cursor.at].partition(b" ")
    return before.upper() + b" (" + b" ".join(map(_as_astring, fields)) + b")"


_PLAIN_NAME = re.compile(rb"[!#$&'+\-./0-9:;<=>?@A-Z\[^_`a-z|}~,]+")


def _as_astring(name: bytes) -> bytes:
    if _PLAIN_NAME.fullmatch(name):
        return name
    if all(0x20 <= octet < 0x7F for octet in name):
        return b'"' + name.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    return b"{%d}\r\n%b" % (len(name), name)


def _partial(cursor: Cursor) -> tuple[int, int] | None:
    if not cursor.take(b"<"):
        return None
    first = cursor.number(most=(1 << 63) - 1)
    cursor.expect(b".", "a dot between the two numbers")
    most = cursor.number(most=(1 << 63) - 1, least=1)
    cursor.expect(b">", "the end of the octet range")
    return first, most
