"""Clients that hardly read, hardly write, or fall silent in the middle: they cost little, and not for ever."""

from __future__ import annotations

import time

import pytest

from integration_tests.faults.doors import an_ordinary_visit, enter, enter_imap, enter_pop3, enter_smtp
from integration_tests.faults.memory import MIB, grows_by_less_than
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from integration_tests.stack.wire import Wire
from shared.testing.undisturbed import undisturbed

LARGE = b"Subject: large\r\n\r\n" + b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd\r\n" * 312_500
SLOW_CLIENTS = 4
SLOW_SECONDS = 3
VISIT_SECONDS = 20
# Each may hold one piece that was read from the store, one gathered and one on its way; not the 20 MB.
OCTETS_FOR_SLOW_ONES = SLOW_CLIENTS * 6 * MIB


def _read_slowly(wires: list[Wire]) -> None:
    """One octet a second from each."""
    for _ in range(SLOW_SECONDS):
        for wire in wires:
            assert wire.receive(1)
        time.sleep(1)


@pytest.mark.parametrize("door", ["imap", "pop3"])
def test_a_very_slow_reader_costs_no_memory_and_delays_nobody(stack: Stack, door: str) -> None:
    readers = [stack.new_member() for _ in range(SLOW_CLIENTS if door == "pop3" else 1)]
    for reader in readers:
        reader.receive(LARGE)
    neighbour = stack.new_member()
    an_ordinary_visit(neighbour)
    wires = [_begin(door, readers[number % len(readers)]) for number in range(SLOW_CLIENTS)]
    with grows_by_less_than(stack, "mail_access", OCTETS_FOR_SLOW_ONES):
        for wire in wires:
            wire.send(b"RETR 1\r\n" if door == "pop3" else b"1 FETCH 1 (BODY.PEEK[])\r\n")
        _read_slowly(wires)
        assert an_ordinary_visit(neighbour) < VISIT_SECONDS
    for wire in wires:
        wire.close()


def _begin(door: str, reader: Member) -> Wire:
    return enter_pop3(reader) if door == "pop3" else enter_imap(reader)


def test_half_messages_of_many_clients_are_on_disk_and_not_in_memory(stack: Stack, member: Member) -> None:
    clients = [enter_smtp(stack, member) for _ in range(20)]
    half = LARGE[: 8 * MIB]
    with grows_by_less_than(stack, "smtp_ingest", 20 * 3 * MIB):
        for client in clients:
            assert client.smtp(b"DATA").startswith(b"354 ")
            client.send(half)
        assert an_ordinary_visit(stack.new_member()) < VISIT_SECONDS
    for client in clients:
        client.close()
    with member.imap() as session:  # who leaves in the middle has sent nothing
        assert session.select("INBOX")[1] == [b"0"]


@pytest.mark.local_only
@undisturbed  # it is cut off after two seconds of silence, in whatever it says
def test_half_a_message_and_then_silence_ends_with_421_and_without_a_message(narrow: Stack) -> None:
    member = narrow.new_member()
    with enter_smtp(narrow, member) as wire:
        wire.smtp(b"DATA")
        wire.send(b"Subject: half\r\n\r\nand then")
        begun = time.monotonic()
        assert wire.rest() == b"421 4.4.2 you were silent for too long, goodbye\r\n"
        assert time.monotonic() - begun < 20  # two seconds, and others may have the processor
    with member.imap() as session:
        assert session.select("INBOX")[1] == [b"0"]


@pytest.mark.local_only
@pytest.mark.parametrize(("door", "farewell"), [("smtp", b"421 "), ("submission", b"421 "), ("pop3", b"-ERR ")])
@undisturbed
def test_a_line_that_comes_an_octet_a_second_ends_like_silence(narrow: Stack, door: str, farewell: bytes) -> None:
    with enter(narrow, door) as wire:
        begun, heard = time.monotonic(), b""
        while not heard and time.monotonic() - begun < 20:
            wire.send(b"N")
            heard = wire.receive_within(1)
        assert heard.startswith(farewell)
