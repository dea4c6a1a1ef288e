"""The names that LIST and LSUB answer with."""

from __future__ import annotations

import re
import time
import timeit
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mail_access.imap.grammar.command import parse_command
from services.mail_access.imap.listing import Listed, listed, render_listed
from services.mail_access.imap.patterns import Patterns
from services.mail_access.imap.values.commands import List


@dataclass
class Name:
    name: str
    selectable: bool = True
    special_use: str | None = None


FOLDERS = [Name("INBOX"), Name("Sent", special_use="\\Sent"), Name("a", selectable=False), Name("a/b"), Name("a/b/c"),
           Name("日本語")]  # fmt: skip
SUBSCRIBED = {"INBOX", "a/b", "gone", "gone2/x"}


def answers(command: bytes) -> list[str]:
    parsed = parse_command(command)
    assert isinstance(parsed, List)
    word = b"LSUB" if parsed.lsub else b"LIST"
    return [render_listed(line, word).decode().strip() for line in lines(parsed)]


def lines(command: List) -> list[Listed]:
    return [line for line in listed(command, FOLDERS, SUBSCRIBED) if line is not None]


def test_everything() -> None:
    assert answers(b'LIST "" *') == [
        '* LIST (\\HasNoChildren) "/" "INBOX"',
        '* LIST (\\HasNoChildren \\Sent) "/" "Sent"',
        '* LIST (\\Noselect \\HasChildren) "/" "a"',
        '* LIST (\\HasChildren) "/" "a/b"',
        '* LIST (\\HasNoChildren) "/" "a/b/c"',
        '* LIST (\\HasNoChildren) "/" "&ZeVnLIqe-"',
    ]


@pytest.mark.parametrize(
    ("command", "names"),
    [
        (b'LIST "" %', ["INBOX", "Sent", "a", "日本語"]),
        (b'LIST "" a/%', ["a/b"]),
        (b'LIST a/ *', ["a/b", "a/b/c"]),
        (b'LIST "" inBox', ["INBOX"]),
        (b'LIST "" iNb*', ["INBOX"]),
        (b'LIST "" %/%', ["a/b"]),
        (b'LIST "" *b*', ["INBOX", "a/b", "a/b/c"]),
        (b'LIST (SPECIAL-USE) "" *', ["Sent"]),
        (b'LIST (SUBSCRIBED) "" *', ["INBOX", "a/b", "gone", "gone2/x"]),
        (b'LIST "" ("a" "Sent")', ["Sent", "a"]),
        (b'LSUB "" *', ["INBOX", "a/b", "gone", "gone2/x"]),
    ],
)  # fmt: skip
def test_names_that_match(command: bytes, names: list[str]) -> None:
    parsed = parse_command(command)
    assert isinstance(parsed, List)
    assert [line.name for line in lines(parsed)] == names


def test_subscribed_names_that_do_not_exist_are_told_so() -> None:
    assert answers(b'LIST (SUBSCRIBED) "" g*') == [
        '* LIST (\\NonExistent \\HasNoChildren \\Subscribed) "/" "gone"',
        '* LIST (\\NonExistent \\HasNoChildren \\Subscribed) "/" "gone2/x"',
    ]


def test_recursive_match_tells_of_subscribed_inferiors() -> None:
    assert answers(b'LIST (SUBSCRIBED RECURSIVEMATCH) "" %') == [
        '* LIST (\\HasNoChildren \\Subscribed) "/" "INBOX"',
        '* LIST (\\Noselect \\HasChildren) "/" "a" ("CHILDINFO" ("SUBSCRIBED"))',
        '* LIST (\\NonExistent \\HasNoChildren \\Subscribed) "/" "gone"',
        '* LIST (\\NonExistent \\HasNoChildren) "/" "gone2" ("CHILDINFO" ("SUBSCRIBED"))',
    ]


def test_lsub_tells_a_matching_parent_of_a_subscribed_name() -> None:
    """RFC 3501 §6.3.9: LSUB % with foo/bar subscribed answers foo with \\Noselect."""
    assert answers(b'LSUB "" %')[1:] == [
        '* LSUB (\\Noselect) "/" "a"',
        '* LSUB (\\Noselect) "/" "gone"',
        '* LSUB (\\Noselect) "/" "gone2"',
    ]


_SMALL = st.text("ab/", max_size=8)


@given(st.text("ab/%*", max_size=8), _SMALL)
def test_patterns_match_as_the_regular_expression_would(pattern: str, name: str) -> None:
    expression = "".join({"*": ".*", "%": "[^/]*"}.get(each, re.escape(each)) for each in pattern)
    assert Patterns([pattern]).matches(name) == bool(re.fullmatch(expression, name))


@given(st.lists(st.text("ab/%*", max_size=6), min_size=1, max_size=4), _SMALL)
def test_several_patterns_match_what_one_of_them_matches(patterns: list[str], name: str) -> None:
    together = Patterns(patterns)
    assert together.matches(name) == any(Patterns([pattern]).matches(name) for pattern in patterns)
    superiors = [name[:at] for at, character in enumerate(name) if character == "/"]
    assert list(together.matching_superiors(name)) == [each for each in superiors if together.matches(each)]


def test_a_hundred_patterns_cost_little_more_than_one() -> None:
    """Each was once tried on each name: 100 patterns and 1,860 folders took 11 seconds."""
    names = ["/".join(f"f{number}x{level:02d}" for level in range(10)) for number in range(100)]
    one, hundred = Patterns(["%*%*%*%%1"]), Patterns([f"%*%*%*%%{number}" for number in range(100)])
    assert seconds_to_match(hundred, names) < 20 * seconds_to_match(one, names)


def seconds_to_match(patterns: Patterns, names: list[str]) -> float:
    return min(
        timeit.repeat(lambda: [patterns.matches(name) for name in names], number=1, repeat=5, timer=time.thread_time)
    )
