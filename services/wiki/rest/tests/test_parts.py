"""The parts of REST without a store: JSON, cursors, conditions, paths, rates."""

from __future__ import annotations

from collections.abc import Sequence
from time import process_time
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from services.wiki.calls.errors import Unreadable, WrongArguments
from services.wiki.rest.conditions import Conditions, conditions_of
from services.wiki.rest.cursor import cursor_of, place_of
from services.wiki.rest.endpoint import Endpoint, Query, match, query_values
from services.wiki.rest.json_text import record_from, write_json
from services.wiki.rest.rate import Rate


class Wanted(NamedTuple):
    """A body."""

    source: str
    minor: bool = False
    base: int | None = None
    numbers: Sequence[int] = ()


async def _nothing() -> None:
    """Never called."""


def test_bodies_become_records() -> None:
    assert record_from(Wanted, b'{"source": "a\\ud83d\\ude00\\u0000"}') == Wanted("a\U0001f600\0")
    body = b'{"source": "", "minor": true, "base": 7, "numbers": [1, 2]}'
    assert record_from(Wanted, body) == Wanted("", True, 7, [1, 2])
    assert record_from(Wanted, b'{"source": "", "base": null}') == Wanted("")


WRONG = {
    "nothing": b"",
    "no JSON": b"hello",
    "XML": b"<a/>",
    "two documents": b'{"source": ""}{}',
    "list": b"[]",
    "number": b"7",
    "not UTF-8": b'{"source": "\xff"}',
    "half of a surrogate pair": b'{"source": "\\ud800"}',
    "control character": b'{"source": "\x01"}',
    "source missing": b"{}",
    "source null": b'{"source": null}',
    "source a number": b'{"source": 7}',
    "minor a number": b'{"source": "", "minor": 1}',
    "base a boolean": b'{"source": "", "base": true}',
    "base a fraction": b'{"source": "", "base": 1.5}',
    "base beyond 64 bits": b'{"source": "", "base": 9223372036854775808}',
    "base of many digits": b'{"source": "", "base": ' + b"9" * 100_000 + b"}",
    "base NaN": b'{"source": "", "base": NaN}',
    "numbers of text": b'{"source": "", "numbers": ["a"]}',
    "unknown member": b'{"source": "", "<script>": 1}',
    "deep arrays": b'{"source": ' + b"[" * 1_000_000,
    "deep and whole": b'{"source": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"source": ' + b'{"a":' * 1_000_000,
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_body_is_refused_in_words_of_ours(name: str) -> None:
    start = process_time()
    with pytest.raises((Unreadable, WrongArguments)) as refused:
        record_from(Wanted, WRONG[name])
    assert process_time() - start < 2
    assert "<script>" not in str(refused.value)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(-(2**53), 2**53))
def test_cursors_go_round(name: str, number: int) -> None:
    assert list(place_of(cursor_of(name, number), str, int)) == [name, number]


@pytest.mark.parametrize(
    "cursor",
    ["", "!", "a", "bnVsbA", cursor_of(1), cursor_of("a", "b"), "W" * 3000, "W1tbW1tbW1tb", "é", cursor_of(True)],
)
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(WrongArguments):
        place_of(cursor, str)


def test_conditions() -> None:
    assert conditions_of(None, None) == Conditions(None, False)
    assert conditions_of('"7"', None) == Conditions(7, False)
    assert conditions_of('W/"7"', None) == Conditions(7, False)
    assert conditions_of("*", None) == Conditions(None, False)
    assert conditions_of(None, "*") == Conditions(None, True)
    for wrong in ("7", '"7", "8"', '"abc"', '""', '"-7"', ""):
        with pytest.raises(WrongArguments):
            conditions_of(wrong, None)
    with pytest.raises(WrongArguments):
        conditions_of(None, '"7"')


PAGE = Endpoint("GET", "/pages/{name}", "read", "", _nothing)
DIFF = Endpoint("GET", "/pages/{name}/diff", "diff", "", _nothing)
PUT = Endpoint("PUT", "/pages/{name}", "put", "", _nothing)


@pytest.mark.parametrize(
    ("path", "found", "name"),
    [
        (b"/pages/WikiHome", {"GET": PAGE, "PUT": PUT}, "WikiHome"),
        (b"/pages/Any%20Title", {"GET": PAGE, "PUT": PUT}, "Any Title"),
        (b"/pages/A%2Fdiff", {"GET": PAGE, "PUT": PUT}, "A/diff"),
        (b"/pages/A/diff", {"GET": DIFF}, "A"),
        (b"/pages/%2e%2e", {"GET": PAGE, "PUT": PUT}, ".."),
        (b"/pages/a%00b", {"GET": PAGE, "PUT": PUT}, "a\0b"),
        (b"/pages/", {}, None),
        (b"/pages//diff", {}, None),
        (b"/nothing", {}, None),
    ],
)
def test_paths_are_matched_before_slashes_are_unescaped(path: bytes, found: object, name: str | None) -> None:
    endpoints, variables = match((PAGE, DIFF, PUT), path)
    assert endpoints == found
    assert variables.get("name") == name


def test_paths_that_are_not_utf_8_are_refused() -> None:
    with pytest.raises(WrongArguments):
        match((PAGE,), b"/pages/%ff")


def test_queries_have_kinds_and_bounds() -> None:
    queries = (Query("limit", int, "a limit", 100, 1, 1000), Query("q", str, "words", ""), Query("all", bool, "all?"))
    endpoint = Endpoint("GET", "/", "x", "", _nothing, queries=queries)
    assert query_values(endpoint, {}) == {"limit": 100, "q": "", "all": None}
    given_ = {"limit": "7", "q": "é", "all": "false", "other": "x"}
    assert query_values(endpoint, given_) == {"limit": 7, "q": "é", "all": False}
    for name, wrong in (("limit", "0"), ("limit", "1001"), ("limit", "-1"), ("limit", "٣"), ("limit", "9" * 99),
                        ("limit", ""), ("all", "maybe")):  # fmt: skip
        with pytest.raises(WrongArguments):
            query_values(endpoint, {name: wrong})


def test_rates_are_counted_for_each_and_end_with_the_minute() -> None:
    clock = Clock()
    rate = Rate(clock, 2)
    assert [rate.count("alice").is_over for _ in range(3)] == [False, False, True]
    left = rate.count("bob")
    assert (left.requests, left.is_over) == (1, False)
    assert left.fields() == {b"ratelimit-policy": b'"default";q=2;w=60', b"ratelimit": b'"default";r=1;t=60'}
    assert rate.count("alice").fields()[b"retry-after"] == b"60"
    clock.advance(60)
    assert not rate.count("alice").is_over


def test_json_is_utf_8_and_has_no_html_in_it() -> None:
    assert write_json({"a": "é\U0001f600</script>\x00"}) == '{"a":"é\U0001f600</script>\\u0000"}\n'.encode()
