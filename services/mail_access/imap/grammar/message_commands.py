"""The commands on messages: APPEND, EXPUNGE, SEARCH, FETCH, STORE, COPY and MOVE."""

from __future__ import annotations

import re

from services.mail_access.imap.grammar.bad_syntax import BadSyntax
from services.mail_access.imap.grammar.cursor import MOST_MODSEQ, Cursor
from services.mail_access.imap.grammar.dates import parse_date_time
from services.mail_access.imap.grammar.fetch_items import parse_fetch_items
from services.mail_access.imap.grammar.search_keys import SearchProgram
from services.mail_access.imap.values.commands import Append, Copy, Expunge, Fetch, Search, Store
from services.mail_access.imap.values.flags import NO_FLAGS
from shared.conversation.spool import Spool
from shared.folders.store_flags import Action

_SEARCH_RETURNS = frozenset({b"MIN", b"MAX", b"ALL", b"COUNT", b"SAVE"})
_RETURN = re.compile(rb"RETURN +", re.IGNORECASE)
_CHARSET = re.compile(rb"CHARSET +", re.IGNORECASE)
_STORE_ITEM = re.compile(rb"([+-]?)FLAGS(\.SILENT)?", re.IGNORECASE)
_ACTIONS: dict[bytes, Action] = {b"+": "add", b"-": "remove", b"": "replace"}


def parse_append(cursor: Cursor) -> Append:
    """RFC 3501 §6.3.11."""
    cursor.space()
    mailbox = cursor.mailbox()
    cursor.space()
    flags = NO_FLAGS
    if cursor.peek() == b"(":
        flags = cursor.flag_list()
        cursor.space()
    received_at = None
    if cursor.peek() == b'"':
        received_at = parse_date_time(cursor.string("a date-time"))
        cursor.space()
    literal = cursor.literal()
    if isinstance(literal, Spool):
        return Append(mailbox, flags, received_at, literal)
    spool = Spool()
    spool.append(literal)
    return Append(mailbox, flags, received_at, spool)


def parse_uid_expunge(cursor: Cursor) -> Expunge:
    """RFC 4315 §2.1."""
    cursor.space()
    return Expunge(cursor.sequence_set())


def parse_search(cursor: Cursor, uid: bool) -> Search:
    """RFC 3501 §6.4.4, RFC 4731 §3.1, RFC 5182 §2.1."""
    cursor.space()
    returns = None
    if _takes(cursor, _RETURN):
        returns = _search_returns(cursor)
        cursor.space()
    charset = b"US-ASCII"
    if _takes(cursor, _CHARSET):
        charset = cursor.astring("a charset")
        cursor.space()
    program = SearchProgram(cursor, charset)
    key = program.read()
    return Search(uid, key, returns, program.mentions_modseq)


def _takes(cursor: Cursor, words: re.Pattern[bytes]) -> bool:
    found = words.match(cursor.text, cursor.at)
    if found is None:
        return False
    cursor.at = found.end()
    return True


def _search_returns(cursor: Cursor) -> frozenset[bytes]:
    cursor.open("a list of results")
    options: set[bytes] = set()
    while not cursor.take(b")"):
        option = cursor.word("a result option")
        if option not in _SEARCH_RETURNS:
            raise BadSyntax("unknown result option")
        options.add(option)
        if not cursor.follows() and cursor.peek() != b")":
            raise BadSyntax("expected a space or the end of the results")
    return frozenset(options or {b"ALL"})  # RFC 4731 §3.1: () means ALL


def parse_fetch(cursor: Cursor, uid: bool) -> Fetch:
    """RFC 3501 §6.4.5, RFC 7162 §3.1.4.1."""
    cursor.space()
    numbers = cursor.sequence_set_or_saved()
    cursor.space()
    items = parse_fetch_items(cursor)
    changed_since = None
    if cursor.follows():
        changed_since = _modifier(cursor, b"CHANGEDSINCE")
    return Fetch(uid, numbers, items, changed_since)


def parse_store(cursor: Cursor, uid: bool) -> Store:
    """RFC 3501 §6.4.6, RFC 7162 §3.1.3."""
    cursor.space()
    numbers = cursor.sequence_set_or_saved()
    cursor.space()
    unchanged_since = None
    if cursor.peek() == b"(":
        unchanged_since = _modifier(cursor, b"UNCHANGEDSINCE")
        cursor.space()
    item = _STORE_ITEM.match(cursor.text, cursor.at)
    if item is None:
        raise BadSyntax("expected FLAGS, +FLAGS or -FLAGS")
    cursor.at = item.end()
    cursor.space()
    flags = cursor.bare_flags()
    return Store(uid, numbers, _ACTIONS[item.group(1)], item.group(2) is not None, flags, unchanged_since)


def _modifier(cursor: Cursor, name: bytes) -> int:
    """A position in the change log.

    Clients that know no position yet send 0, which the grammar of RFC 7162 does not allow in CHANGEDSINCE.
    """
    cursor.open("a modifier in parentheses")
    if cursor.word("a modifier") != name:
        raise BadSyntax("unknown modifier")
    cursor.space()
    modseq = cursor.number(most=MOST_MODSEQ)
    cursor.close("the end of the modifier")
    return modseq


def parse_copy(cursor: Cursor, uid: bool, move: bool) -> Copy:
    """RFC 3501 §6.4.7, RFC 6851 §3."""
    cursor.space()
    numbers = cursor.sequence_set_or_saved()
    cursor.space()
    return Copy(uid, numbers, cursor.mailbox(), move)
