"""Commands as octets, and the values that they mean."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.mail_access.imap.grammar.bad_syntax import BadSyntax, ImpossibleName, UnsupportedCharset
from services.mail_access.imap.grammar.command import parse_command
from services.mail_access.imap.grammar.dates import parse_date_time, render_date_time
from services.mail_access.imap.grammar.search_keys import MOST_DEPTH
from services.mail_access.imap.values import commands as c
from services.mail_access.imap.values import search as s
from services.mail_access.imap.values.fetch import Fact, Section
from services.mail_access.imap.values.flags import DELETED, SEEN, Flags
from services.mail_access.imap.values.sequence_set import STAR, SequenceSet
from shared.testing.fastest import processor_seconds

ONE = SequenceSet(((1, 1),))
ALL = SequenceSet(((1, STAR),))

COMMANDS: list[tuple[bytes, tuple[bytes, ...], c.Command]] = [
    (b"NOOP", (), c.Noop()),
    (b"noop", (), c.Noop()),
    (b"LOGIN alice secret", (), c.Login(b"alice", b"secret")),
    (b'LOGIN "a\\"l\\\\ice" ""', (), c.Login(b'a"l\\ice', b"")),
    (b"LOGIN {5}\r\n {6+}\r\n", (b"alice", b"se\r\net"), c.Login(b"alice", b"se\r\net")),
    (b"AUTHENTICATE plain", (), c.Authenticate("PLAIN", None)),
    (b"AUTHENTICATE PLAIN =", (), c.Authenticate("PLAIN", b"=")),
    (b"ENABLE condstore X-GOOD", (), c.Enable((b"CONDSTORE", b"X-GOOD"))),
    (b"ID NIL", (), c.Id()),
    (b'ID ("name" "x" "version" NIL)', (), c.Id()),
    (b"SELECT inbox", (), c.Select("INBOX", False, False)),
    (b"EXAMINE Inbox/x (CONDSTORE)", (), c.Select("INBOX/x", True, True)),
    (b"SELECT &ZeVnLIqe-", (), c.Select("日本語", False, False)),
    (b"CREATE Sent2 (USE (\\sent))", (), c.Create("Sent2", "\\Sent")),
    (b"RENAME a b", (), c.Rename("a", "b")),
    (b'LIST "" *', (), c.List("", ["*"])),
    (b'LIST "" (a "b%") RETURN (SUBSCRIBED STATUS (MESSAGES UNSEEN))', (),
     c.List("", ["a", "b%"], extended=True, returns=frozenset({b"SUBSCRIBED"}), status=(b"MESSAGES", b"UNSEEN"))),
    (b'LIST (SUBSCRIBED RECURSIVEMATCH) "" %', (),
     c.List("", ["%"], extended=True, select=frozenset({b"SUBSCRIBED", b"RECURSIVEMATCH"}))),
    (b'LSUB "" %', (), c.List("", ["%"], lsub=True)),
    (b"STATUS x (MESSAGES SIZE)", (), c.Status("x", (b"MESSAGES", b"SIZE"))),
    (b"EXPUNGE", (), c.Expunge(None)),
    (b"UID EXPUNGE 1", (), c.Expunge(ONE)),
    (b"STORE 1 +flags.silent \\Seen Work", (),
     c.Store(False, ONE, "add", True, Flags(SEEN, ("Work",)), None)),
    (b"UID STORE 1:* (UNCHANGEDSINCE 7) FLAGS ()", (), c.Store(True, ALL, "replace", False, Flags(), 7)),
    (b"STORE $ -FLAGS (\\Deleted)", (), c.Store(False, None, "remove", False, Flags(DELETED), None)),
    (b"COPY 1 x", (), c.Copy(False, ONE, "x", False)),
    (b"UID MOVE 1 x", (), c.Copy(True, ONE, "x", True)),
    (b"FETCH 1 FAST", (), c.Fetch(False, ONE, (Fact.FLAGS, Fact.INTERNALDATE, Fact.SIZE), None)),
    (b"FETCH 1 (UID flags UID)", (), c.Fetch(False, ONE, (Fact.UID, Fact.FLAGS), None)),
    (b"FETCH 1 BODY", (), c.Fetch(False, ONE, (Fact.BODY,), None)),
    (b"FETCH 1 BODY[]", (), c.Fetch(False, ONE, (Section(b"BODY[]"),), None)),
    (b"FETCH 1 body.peek[1.2.mime]<0.10>", (),
     c.Fetch(False, ONE, (Section(b"BODY[1.2.MIME]<0>", (1, 2), "MIME", (), (0, 10), True),), None)),
    (b'FETCH 1 BODY[HEADER.FIELDS (Subject "x y")]', (),
     c.Fetch(False, ONE, (Section(b'BODY[HEADER.FIELDS (Subject "x y")]', (), "HEADER.FIELDS",
                                  (b"subject", b"x y")),), None)),
    (b"UID FETCH 1 FLAGS (CHANGEDSINCE 12)", (), c.Fetch(True, ONE, (Fact.FLAGS,), 12)),
    (b"SEARCH ALL", (), c.Search(False, s.All(), None, False)),
    (b"UID SEARCH RETURN () NOT SEEN", (),
     c.Search(True, s.Not(s.HasFlag(SEEN)), frozenset({b"ALL"}), False)),
    (b"SEARCH CHARSET utf-8 SUBJECT {3}\r\n", ("Ü!".encode(),),
     c.Search(False, s.InHeader(b"subject", "ü!"), None, False)),
    (b"SEARCH OR FROM a (TO b 1)", (),
     c.Search(False, s.Or(s.InHeader(b"from", "a"), s.And((s.InHeader(b"to", "b"), s.InSet(ONE, False)))),
              None, False)),
    (b'SEARCH MODSEQ "/flags/\\\\draft" all 620', (), c.Search(False, s.ChangedSince(620), None, True)),
    (b"SEARCH SENTSINCE 1-Feb-1994 UID 1 LARGER 9", (),
     c.Search(False, s.And((s.Sent(s.Span.SINCE, date(1994, 2, 1)), s.InSet(ONE, True), s.LargerThan(9))),
              None, False)),
    (b"SEARCH KEYWORD Work UNKEYWORD $Junk", (),
     c.Search(False, s.And((s.HasKeyword("work"), s.Not(s.HasKeyword("$junk")))), None, False)),
    (b"COMPRESS deflate", (), c.Compress(b"DEFLATE")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "literals", "command"), COMMANDS, ids=[text.decode() for text, _, _ in COMMANDS])
def test_command_means(text: bytes, literals: tuple[bytes, ...], command: c.Command) -> None:
    assert parse_command(text, literals) == command


KINDER: list[tuple[bytes, c.Command]] = [
    (b"FETCH 1 FLAGS (CHANGEDSINCE 0)", c.Fetch(False, ONE, (Fact.FLAGS,), 0)),
    (b'SEARCH KEYWORD "Work"', c.Search(False, s.HasKeyword("work"), None, False)),
    (b'SEARCH KEYWORD "no (keyword)"', c.Search(False, s.HasKeyword("no (keyword)"), None, False)),
    (b"SEARCH SUBJECT 50%", c.Search(False, s.InHeader(b"subject", "50%"), None, False)),
    (b"LOGIN alice p%ss*\\w]rd", c.Login(b"alice", b"p%ss*\\w]rd")),
    (b"AUTHENTICATE PLAIN ", c.Authenticate("PLAIN", None)),
    (b"AUTHENTICATE PLAIN AGE= ", c.Authenticate("PLAIN", b"AGE=")),
    (b'LIST "" "R&D*"', c.List("", ["R&D*"])),
    (b'LIST "R&D" "B\xc3\xbc%"', c.List("R&D", ["B\u00fc%"])),
    (b'LSUB "" "R&D"', c.List("", ["R&D"], lsub=True)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "command"), KINDER, ids=[text.decode() for text, _ in KINDER])
def test_command_is_understood_as_dovecot_does(text: bytes, command: c.Command) -> None:
    assert parse_command(text) == command


_QUOTED_OR_GAP = re.compile(rb'"(?:[^"\\]|\\.)*"|[ ()]')


def spread(text: bytes) -> bytes:
    """With spaces wherever somebody may have put some."""

    def spaced(found: re.Match[bytes]) -> bytes:
        return {b" ": b"   ", b"(": b"(  ", b")": b"  )"}.get(found.group(), found.group())

    return _QUOTED_OR_GAP.sub(spaced, text) + b"  "


@pytest.mark.parametrize(
    ("text", "literals", "command"), COMMANDS, ids=[spread(text).decode() for text, _, _ in COMMANDS]
)
def test_stray_blanks_mean_nothing(text: bytes, literals: tuple[bytes, ...], command: c.Command) -> None:
    assert parse_command(spread(text), literals) == command


IMPOSSIBLE = [b'"R&D"', b"R&D", b'"B\xc3\xbcro"', b"B\xc3\xbcro", b"&x", b'"\xff"', b'"a\x07"', b"&AGE", b'"&AA0-"']


@pytest.mark.parametrize("name", IMPOSSIBLE)
@pytest.mark.parametrize(
    "command", [b"SELECT ", b"CREATE ", b"DELETE ", b"RENAME x ", b"SUBSCRIBE ", b"COPY 1 ", b"UID MOVE 1 "]
)
def test_name_that_is_not_modified_utf_7_is_no_mistake_of_the_client_program(command: bytes, name: bytes) -> None:
    with pytest.raises(ImpossibleName):
        parse_command(command + name)


def test_append_takes_flags_and_date() -> None:
    text = b'APPEND x (\\Seen Work) " 1-Feb-1994 21:52:25 -0800" {3}\r\n'
    command = parse_command(text, (b"abc",))
    assert isinstance(command, c.Append)
    assert (command.mailbox, command.flags) == ("x", Flags(SEEN, ("Work",)))
    assert command.received_at == datetime(1994, 2, 2, 5, 52, 25, tzinfo=UTC)
    assert command.message.octets == b"abc"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"3-Feb-2025 18:28:47 +0000", datetime(2025, 2, 3, 18, 28, 47, tzinfo=UTC)),
        (b" 3-Feb-2025 18:28:47 +0000", datetime(2025, 2, 3, 18, 28, 47, tzinfo=UTC)),
        (b"03-feb-2025  18:28:47 -0130", datetime(2025, 2, 3, 19, 58, 47, tzinfo=UTC)),
        (b"13-Feb-2025 18:28:47 GMT", datetime(2025, 2, 13, 18, 28, 47, tzinfo=UTC)),
        (b"01-Jan-0001 00:00:00 +0000", datetime(1, 1, 1, tzinfo=UTC)),
        (b"31-Dec-9999 23:59:60 +0000", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_date_times_are_read_as_clients_write_them(text: bytes, expected: datetime) -> None:
    assert parse_date_time(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        b"01-Jan-0001 00:00:00 +0100", b"31-Dec-9999 23:59:59 -0001", b"01-Jan-0000 00:00:00 +0000",
        b"31-Feb-2025 00:00:00 +0000", b"1-Jan-2025 24:00:00 +0000", b"1-Jan-2025 00:00:00 +2400", b"1-Jan-2025",
        b"1-Jan-2025 00:00:00", b"123-Jan-2025 00:00:00 +0000", b"",
    ],
)  # fmt: skip
def test_date_times_that_could_not_be_read_back_are_refused(text: bytes) -> None:
    with pytest.raises(BadSyntax):
        parse_date_time(text)


@given(st.datetimes(), st.integers(-1439, 1439))
def test_every_date_time_that_is_taken_is_given_back(when: datetime, zone: int) -> None:
    octets = render_date_time(when.replace(tzinfo=timezone(timedelta(minutes=zone))))
    try:
        taken = parse_date_time(octets.strip(b'"'))
    except BadSyntax:
        return
    assert render_date_time(taken.astimezone(UTC).astimezone(taken.tzinfo)) == octets


WRONG = [
    b"", b"FROB", b"NOOP x", b"LOGIN alice", b'LOGIN "alice pw', b"LOGIN alice pw more", b"LOGIN {3}\r\n pw",
    b"SELECT", b"SELECT a b", b"STORE 1 FLAGS (\\Frob)", b"STORE 0 FLAGS ()",
    b"STORE 1 FLAGS", b"FETCH 1", b"FETCH 1 ()", b"FETCH 1 FROB", b"FETCH 1 BODY[", b"FETCH 1 BODY[0]",
    b"FETCH 1 BODY[MIME]", b"FETCH 1 BODY[]<1>", b"FETCH 1 BODY[]<1.0>", b"FETCH 1 (FLAGS", b"FETCH 1 (FAST)",
    b"FETCH 1 BODY[HEADER.FIELDS ()]", b"SEARCH", b"SEARCH FROB", b"SEARCH (ALL", b"SEARCH NOT", b"SEARCH OR ALL",
    b"SEARCH ON 31-Feb-2024", b"SEARCH 0", b"SEARCH ALL ALL)", b"UID NOOP", b"UID", b"STATUS x ()", b"STATUS x (FROB)",
    b'LIST (RECURSIVEMATCH) "" *', b'LIST "" () RETURN', b"ENABLE", b"ID x", b"APPEND x", b"APPEND x {0}",
    b'APPEND x "yesterday" {1}\r\n', b"CREATE x (USE (\\All))",
    b"FETCH 1 BODY[1.HEADER.FIELDS (x)]<99999999999999999999.1>",
    b"SEARCH RETURN (ALL", b"SEARCH RETURN (ALLCOUNT) ALL", b'SEARCH RETURN (MIN"x") ALL', b"(CHANGEDSINCE 0)",
    b'LIST "" x RETURN (CHILDREN"x")', b'ID ("a" "b"', b'ID ("a")', b"LOGIN al(ice pw",
    b"STORE 1 (UNCHANGEDSINCE x) FLAGS ()", b"MOVE 1", b"AUTHENTICATE",
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_wrong_command_is_refused(text: bytes) -> None:
    with pytest.raises(BadSyntax):
        parse_command(text)


def test_other_charsets_are_refused_by_their_code() -> None:
    with pytest.raises(UnsupportedCharset):
        parse_command(b"SEARCH CHARSET KOI8-R TEXT x")


def test_search_keys_may_be_nested_but_not_for_ever() -> None:
    deep = MOST_DEPTH - 1
    parse_command(b"SEARCH " + b"(" * deep + b"ALL" + b")" * deep)
    for opening in (b"(", b"NOT ", b"OR ALL "):
        with pytest.raises(BadSyntax, match="too deep"):
            parse_command(b"SEARCH " + opening * 100_000 + b"ALL")


@pytest.mark.parametrize(
    "text",
    [
        b"SEARCH " + b"(" * 200_000,
        b"FETCH " + b"1," * 100_000,
        b"FETCH " + b"9" * 200_000 + b" FLAGS",
        b'LOGIN "' + b"\\" * 200_000,
        b'LIST "" ' + b"*" * 200_000,
        b"STORE 1 FLAGS (" + b"a " * 100_000,
        b"FETCH 1 BODY[" + b"1." * 100_000,
        b"SEARCH " + b"ALL " * 60_000,
    ],
    ids=lambda text: text[:20].decode(),
)
def test_long_nonsense_takes_little_time(text: bytes) -> None:
    def work() -> None:
        with suppress(BadSyntax):
            parse_command(text)

    assert processor_seconds(work) < 1


_PIECES = st.sampled_from(
    [b" ", b"(", b")", b'"', b"\\", b"{3}\r\n", b"*", b"%", b"1:*", b"1", b",", b"[", b"]", b"<0.5>", b"NIL", b"UID",
     b"FETCH", b"SEARCH", b"STORE", b"COPY", b"LIST", b"BODY", b"HEADER.FIELDS", b"FLAGS", b"OR", b"NOT", b"CHARSET",
     b"UTF-8", b"TEXT", b"\xff", b"\x00", b"&", b"&AGE-", b"RETURN", b"APPEND", b"x", b"$", b"\\Seen", b"+", b"=",
     b"1-Feb-2024", b"AUTHENTICATE", b"PLAIN", b"SELECT", b"INBOX", b"(CONDSTORE)", b"MODSEQ", b"CREATE", b"(USE ("]
)  # fmt: skip


@settings(max_examples=400)
@given(st.one_of(st.binary(max_size=80), st.lists(_PIECES, max_size=14).map(b"".join)))
def test_any_octets_are_a_command_or_a_mistake(text: bytes) -> None:
    try:
        command = parse_command(text, [b"abc"] * 3)
    except (BadSyntax, ImpossibleName, UnsupportedCharset):
        return
    assert isinstance(command, c.Command)
