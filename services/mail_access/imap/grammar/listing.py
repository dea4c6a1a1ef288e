"""LIST with its extensions, LSUB and STATUS (RFC 3501 §6.3.8 to §6.3.10, RFC 5258 §6, RFC 5819 §4, RFC 6154 §6)."""

from __future__ import annotations

from collections.abc import Collection

from services.mail_access.imap.grammar.bad_syntax import BadSyntax
from services.mail_access.imap.grammar.cursor import Cursor
from services.mail_access.imap.values.commands import List, Status

STATUS_ITEMS = frozenset(
    {b"MESSAGES", b"RECENT", b"UIDNEXT", b"UIDVALIDITY", b"UNSEEN", b"SIZE", b"HIGHESTMODSEQ"}
)  # fmt: skip
SELECTION_OPTIONS = frozenset({b"SUBSCRIBED", b"REMOTE", b"RECURSIVEMATCH", b"SPECIAL-USE"})
RETURN_OPTIONS = frozenset({b"SUBSCRIBED", b"CHILDREN", b"SPECIAL-USE"})
MOST_PATTERNS = 100  # they are followed together; programs ask for one or two


def parse_list(cursor: Cursor) -> List:
    """What follows `LIST`. Raises BadSyntax."""
    cursor.space()
    extended = cursor.peek() == b"("
    select: frozenset[bytes] = frozenset()
    if extended:
        select = _options(cursor, SELECTION_OPTIONS)
        cursor.space()
    if b"RECURSIVEMATCH" in select and not select & {b"SUBSCRIBED", b"SPECIAL-USE"}:
        raise BadSyntax("RECURSIVEMATCH needs another selection option")
    reference = cursor.list_mailbox()
    cursor.space()
    if cursor.peek() == b"(":
        extended = True
        patterns = _patterns(cursor)
    else:
        patterns = [cursor.list_mailbox()]
    returns: frozenset[bytes] = frozenset()
    status: tuple[bytes, ...] = ()
    if cursor.follows():
        extended = True
        if cursor.word("RETURN") != b"RETURN":
            raise BadSyntax("expected RETURN")
        cursor.space()
        returns, status = _returns(cursor)
    return List(reference, patterns, extended=extended, select=select, returns=returns, status=status)


def parse_lsub(cursor: Cursor) -> List:
    cursor.space()
    reference = cursor.list_mailbox()
    cursor.space()
    return List(reference, [cursor.list_mailbox()], lsub=True)


def parse_status(cursor: Cursor) -> Status:
    cursor.space()
    mailbox = cursor.mailbox()
    cursor.space()
    return Status(mailbox, status_items(cursor))


def status_items(cursor: Cursor) -> tuple[bytes, ...]:
    cursor.open("a list of status items")
    items = [_one_of(cursor, STATUS_ITEMS)]
    while cursor.follows():
        items.append(_one_of(cursor, STATUS_ITEMS))
    cursor.close("the end of the status items")
    return tuple(dict.fromkeys(items))


def _one_of(cursor: Cursor, known: Collection[bytes]) -> bytes:
    word = cursor.word("an option")
    if word not in known:
        raise BadSyntax("unknown option")
    return word


def _options(cursor: Cursor, known: Collection[bytes]) -> frozenset[bytes]:
    cursor.open("a list of options")
    options: set[bytes] = set()
    if not cursor.take(b")"):
        options.add(_one_of(cursor, known))
        while cursor.follows():
            options.add(_one_of(cursor, known))
        cursor.close("the end of the options")
    return frozenset(options)


def _patterns(cursor: Cursor) -> list[str]:
    cursor.open("patterns")
    patterns = [cursor.list_mailbox()]
    while cursor.follows():
        patterns.append(cursor.list_mailbox())
        if len(patterns) > MOST_PATTERNS:
            raise BadSyntax("too many patterns")
    cursor.close("the end of the patterns")
    return patterns


def _returns(cursor: Cursor) -> tuple[frozenset[bytes], tuple[bytes, ...]]:
    cursor.open("a list of options")
    options: set[bytes] = set()
    status: tuple[bytes, ...] = ()
    while not cursor.take(b")"):
        word = cursor.word("an option")
        if word == b"STATUS":
            cursor.space()
            status = status_items(cursor)
        elif word in RETURN_OPTIONS:
            options.add(word)
        else:
            raise BadSyntax("unknown option")
        if not cursor.follows() and cursor.peek() != b")":
            raise BadSyntax("expected a space or the end of the options")
    return frozenset(options), status
