"""However octets arrive, the inbox gives the same lines and runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.conversation.errors import KEPT_OCTETS, LineTooLong
from shared.conversation.inbox import Inbox

LINEISH = st.lists(st.sampled_from([b"\r\n", b"\r", b"\n", b"a", b"\0", b".", b"word"])).map(b"".join)


@given(LINEISH, st.lists(st.integers(0, 10_000)))
def test_lines_are_the_same_however_cut(octets: bytes, places: list[int]) -> None:
    from shared.conversation.tests.sessions import cut

    inbox, lines = Inbox(), []
    for piece in cut(octets, places):
        inbox.append(piece)
        while (line := inbox.take_line(1000)) is not None:
            lines.append(line)
    *expected, rest = octets.split(b"\n")
    assert lines == [line.removesuffix(b"\r") for line in expected]
    assert len(inbox) == len(rest)
    assert inbox.take(10_000) == rest


@given(st.lists(st.one_of(st.binary(max_size=20), st.integers(0, 30), st.just("line")), max_size=40))
def test_inbox_is_a_queue(actions: list[bytes | int | str]) -> None:
    inbox, model = Inbox(), b""
    for action in actions:
        if isinstance(action, bytes):
            inbox.append(action)
            model += action
        elif isinstance(action, int):
            assert inbox.take(action) == model[:action]
            model = model[action:]
        elif b"\n" in model:
            assert inbox.has_line()
            line, _, model = model.partition(b"\n")
            assert inbox.take_line(1000) == line.removesuffix(b"\r")
        else:
            assert not inbox.has_line()
            assert inbox.take_line(1000) is None
        assert len(inbox) == len(model)


def test_limit_counts_the_line_end() -> None:
    inbox = Inbox()
    inbox.append(b"12345678\r\n123456789\r\nnext\r\n")
    assert inbox.take_line(10) == b"12345678"
    with pytest.raises(LineTooLong):
        inbox.take_line(10)
    assert inbox.take_line(10) == b"next"


def test_line_too_long_tells_how_it_begins_and_ends() -> None:
    inbox = Inbox()
    inbox.append(b"tag LOGIN " + b"x" * 1000 + b" {12+}\r\n")
    with pytest.raises(LineTooLong) as raised:
        inbox.take_line(100)
    too_long = raised.value
    assert too_long.first == (b"tag LOGIN " + b"x" * 1000)[:KEPT_OCTETS]
    assert too_long.last == b"x" * (KEPT_OCTETS - 6) + b" {12+}"
    assert too_long.octets == 1016


def test_nothing_is_held_once_all_is_taken() -> None:
    inbox = Inbox()
    inbox.append(b"a" * 10_000)
    inbox.append(b"\r\n")
    assert inbox.take_line(20_000) == b"a" * 10_000
    assert inbox._octets == b""
