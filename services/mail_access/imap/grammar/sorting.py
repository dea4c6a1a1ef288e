"""SORT and THREAD (RFC 5256 §5)."""

from __future__ import annotations

from services.mail_access.imap.grammar.bad_syntax import BadSyntax
from services.mail_access.imap.grammar.cursor import Cursor
from services.mail_access.imap.grammar.search_keys import SearchProgram
from services.mail_access.imap.values.commands import Sort, Thread
from services.mail_access.imap.values.search import SearchKey
from services.mail_access.imap.values.sorting import SortBy, SortCriterion, ThreadAlgorithm

_BY = {each.value.encode("ascii"): each for each in SortBy}
_ALGORITHMS = {each.value.encode("ascii"): each for each in ThreadAlgorithm}


def parse_sort(cursor: Cursor, uid: bool) -> Sort:
    """SORT (criteria) charset keys. Each criterion counts once, at its first place."""
    cursor.space()
    cursor.open("a list of sort criteria")
    criteria: dict[SortBy, SortCriterion] = {}
    while True:
        word, is_reverse = cursor.word("a sort criterion"), False
        if word == b"REVERSE":
            cursor.space()
            word, is_reverse = cursor.word("a sort criterion"), True
        by = _BY.get(word)
        if by is None:
            raise BadSyntax("unknown sort criterion")
        criteria.setdefault(by, SortCriterion(by, is_reverse))
        if not cursor.follows():
            break
    cursor.close("the end of the sort criteria")
    return Sort(uid, tuple(criteria.values()), _key(cursor))


def parse_thread(cursor: Cursor, uid: bool) -> Thread:
    """THREAD algorithm charset keys."""
    cursor.space()
    algorithm = _ALGORITHMS.get(cursor.word("a thread algorithm"))
    if algorithm is None:
        raise BadSyntax("unknown thread algorithm")
    return Thread(uid, algorithm, _key(cursor))


def _key(cursor: Cursor) -> SearchKey:
    cursor.space()
    charset = cursor.astring("a charset")
    cursor.space()
    return SearchProgram(cursor, charset).read()
