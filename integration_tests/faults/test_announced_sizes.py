"""Sizes that are announced and never can be: refused at once, in the protocol's words, whatever was to follow."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from integration_tests.faults.doors import enter, enter_imap, enter_smtp
from integration_tests.faults.memory import MIB, grows_by_less_than
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack

FOUR_GB = b"4294967296"
AT_ONCE_SECONDS = 20  # with the sign-ins, on a busy machine; what is announced would take hours
PARENTHESES = b"(" * MIB


@pytest.fixture(autouse=True)
def at_once_and_without_memory(stack: Stack, member: Member) -> Iterator[None]:
    with grows_by_less_than(stack, "mail_access", 16 * MIB), grows_by_less_than(stack, "smtp_ingest", 16 * MIB):
        begun = time.monotonic()
        yield
        assert time.monotonic() - begun < AT_ONCE_SECONDS


def test_a_stranger_is_refused_a_literal_of_4_gb_and_may_go_on(stack: Stack) -> None:
    with enter(stack, "imap") as wire:
        assert wire.imap(b"LOGIN {%b}" % FOUR_GB)[-1].startswith(b"BAD [TOOBIG] ")
        assert wire.imap(b"NOOP")[-1].startswith(b"OK ")


def test_a_stranger_who_sends_4_gb_unasked_is_sent_away(stack: Stack) -> None:
    with enter(stack, "imap") as wire:
        wire.send(b"1 LOGIN {%b+}\r\nand so on" % FOUR_GB)
        assert wire.rest() == b"* BYE [TOOBIG] literal too large\r\n"


def test_a_literal_without_a_command_ends_the_connection(stack: Stack) -> None:
    with enter(stack, "imap") as wire:
        wire.send(b"{%b+}\r\n" % FOUR_GB)
        assert wire.rest().startswith(b"* BYE ")


@pytest.mark.parametrize("literal", [b"{18446744073709551616}", b"{99999999999999999999999999999999999999}"])
def test_a_number_that_fits_no_integer_is_only_too_big(stack: Stack, literal: bytes) -> None:
    with enter(stack, "imap") as wire:
        assert wire.imap(b"LOGIN " + literal)[-1].startswith(b"BAD ")
        assert wire.imap(b"NOOP")[-1].startswith(b"OK ")


def test_a_megabyte_of_open_parentheses_is_one_bad_line(stack: Stack) -> None:
    with enter(stack, "imap") as wire:
        wire.send(PARENTHESES + b"\r\n1 FETCH " + PARENTHESES + b"\r\n2 NOOP\r\n")
        assert wire.line().startswith(b"* BAD ")
        assert wire.until(rb"2 ")[-1].startswith(b"2 OK ")


def test_deeply_nested_parentheses_of_a_member_are_refused(member: Member) -> None:
    with enter_imap(member) as wire:
        for command in (b"FETCH 1 ", b"SEARCH ", b"STORE 1 FLAGS ", b"STATUS INBOX ", b"LIST "):
            assert wire.imap(command + b"(" * 100_000)[-1].startswith(b"BAD ")
        assert wire.imap(b"SEARCH " + b"NOT " * 20_000 + b"ALL")[-1].startswith((b"BAD ", b"OK "))
        assert wire.imap(b"SEARCH " + b"(" * 20_000 + b"ALL" + b")" * 20_000)[-1].startswith((b"BAD ", b"OK "))
        assert wire.imap(b"NOOP")[-1].startswith(b"OK ")


def test_appending_4_gb_is_refused_before_it_is_sent(member: Member) -> None:
    with enter_imap(member) as wire:
        assert wire.imap(b"APPEND INBOX {%b}" % FOUR_GB)[-1].startswith(b"NO [TOOBIG] ")
        assert wire.imap(b"NOOP")[-1].startswith(b"OK ")
        wire.send(b"1 APPEND INBOX {%b+}\r\nSubject: and so on" % FOUR_GB)
        assert wire.rest().startswith(b"* BYE [TOOBIG] ")


def test_mail_of_4_gb_is_refused_when_it_is_announced(stack: Stack, member: Member) -> None:
    with enter(stack, "smtp") as wire:
        wire.smtp(b"EHLO client.example")
        assert wire.smtp(b"MAIL FROM:<stranger@example.org> SIZE=" + FOUR_GB).startswith(b"552 5.3.4 ")
    with enter_smtp(stack, member) as wire:
        assert wire.smtp(b"BDAT %b LAST\r\nSubject: and so on" % FOUR_GB).startswith(b"552 5.3.4 ")
