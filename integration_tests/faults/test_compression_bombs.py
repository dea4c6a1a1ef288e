"""COMPRESS=DEFLATE: a thousand times as much as was sent comes out, and memory does not follow."""

from __future__ import annotations

import random
import zlib

from integration_tests.faults.doors import an_ordinary_visit, enter_imap
from integration_tests.faults.memory import MIB, grows_by_less_than
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from integration_tests.stack.wire import Wire

VISIT_SECONDS = 10
ATTEMPTS = 3  # the machine may stand still in one; the answers wait all the time


def _compressed(octets: bytes, times: int) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return b"".join(stream.compress(octets) for _ in range(times)) + stream.flush(zlib.Z_SYNC_FLUSH)


def _inflated(octets: bytes) -> bytes:
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(octets)


def _compressing(member: Member) -> Wire:
    wire = enter_imap(member)
    assert wire.imap(b"COMPRESS DEFLATE")[-1].startswith(b"OK ")
    return wire


def test_a_gigabyte_of_nothing_in_a_megabyte_ends_the_connection(stack: Stack, member: Member) -> None:
    with grows_by_less_than(stack, "mail_access", 16 * MIB), _compressing(member) as wire:
        try:
            wire.send(_compressed(b"x" * MIB, 1024))
        except ConnectionError:
            return  # hung up on while we were still talking
        assert _inflated(wire.rest()).startswith(b"* BYE line too long")


def test_many_commands_in_few_octets_wait_until_their_answers_are_taken(stack: Stack, member: Member) -> None:
    neighbour = stack.new_member()
    an_ordinary_visit(neighbour)
    bomb = _compressed(b"1 NOOP\r\n" * 1000, 500)
    with grows_by_less_than(stack, "mail_access", 16 * MIB), _compressing(member) as wire:
        wire.send(bomb)
        assert any(an_ordinary_visit(neighbour) < VISIT_SECONDS for _ in range(ATTEMPTS))


def test_what_is_no_deflate_stream_ends_the_connection(stack: Stack, member: Member) -> None:
    noise = random.Random(4978).randbytes(4096)
    for octets in (noise, b"\xff" * 100, zlib.compress(b"1 NOOP\r\n")):
        with _compressing(member) as wire:
            wire.send(octets)
            wire.half_close()
            wire.rest()
    with enter_imap(member) as wire:
        assert wire.imap(b"NOOP")[-1].startswith(b"OK ")
