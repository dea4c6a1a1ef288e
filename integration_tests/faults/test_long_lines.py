"""Lines of a megabyte, at every door and in every state: one refusal, and the conversation goes on."""

from __future__ import annotations

import pytest

from integration_tests.faults.doors import (
    DOORS,
    IN_THE_CLEAR,
    LAST_WORDS,
    enter,
    enter_imap,
    enter_pop3,
    enter_submission,
    newest,
    send_by_smtp,
)
from integration_tests.faults.memory import MIB, grows_by_less_than
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from integration_tests.stack.wire import Wire
from shared.doors import find_door

LINE = b"x" * MIB


def _refuses_one_line(door: str, wire: Wire, line: bytes = LINE) -> None:
    if "imap" in door:
        wire.send(line + b"\r\n2 NOOP\r\n")
        assert b"BAD " in wire.line()
        assert wire.line().startswith(b"2 OK ")
    elif "pop3" in door:
        wire.send(line + b"\r\nCAPA\r\n")
        assert wire.line().startswith(b"-ERR ")
        assert wire.until(rb"\.$")[0].startswith(b"+OK")
    elif "nntp" in door:
        wire.send(line + b"\r\nDATE\r\n")
        assert wire.line().startswith(b"501 ")
        assert wire.line().startswith(b"111 ")
    else:
        assert wire.smtp(line).startswith(b"500 5.5.2 ")
        assert wire.smtp(b"NOOP").startswith(b"250 ")


@pytest.mark.parametrize("door", DOORS)
def test_a_strangers_line_of_a_megabyte_is_refused_and_the_next_one_obeyed(stack: Stack, door: str) -> None:
    with enter(stack, door) as wire:
        _refuses_one_line(door, wire)


def test_a_members_line_of_a_megabyte_is_refused_and_the_next_one_obeyed(member: Member) -> None:
    with enter_submission(member) as wire:
        _refuses_one_line("submissions", wire)
    with enter_pop3(member) as wire:
        _refuses_one_line("pop3s", wire)
    with enter_imap(member) as wire:
        _refuses_one_line("imaps", wire, b"1 SEARCH TEXT " + LINE)


@pytest.mark.parametrize("door", IN_THE_CLEAR)
def test_a_line_without_end_ends_the_connection(stack: Stack, door: str) -> None:
    program = find_door(door).service
    with grows_by_less_than(stack, program, 8 * MIB), enter(stack, door) as wire:
        try:
            for _ in range(64):
                wire.send(LINE)
        except ConnectionError:
            return  # told while we were still talking, and hung up on
        assert wire.rest().startswith((LAST_WORDS[door], b"500 ", b"501 "))


def test_a_message_with_a_line_of_a_megabyte_is_kept_as_it_is(stack: Stack, member: Member) -> None:
    octets = b"Subject: one line\r\n\r\n" + LINE + b"\r\n"
    assert send_by_smtp(stack, member, octets).startswith(b"250 ")
    assert newest(member).endswith(octets)
