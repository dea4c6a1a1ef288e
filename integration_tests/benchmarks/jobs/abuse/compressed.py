"""Compressed commands and answers (RFC 4978): few octets on the wire, and very many behind them."""

from __future__ import annotations

import zlib

from integration_tests.benchmarks.jobs.abuse.attack import Attack, Attacker
from integration_tests.benchmarks.jobs.abuse.imap_commands import MESSAGES, SEARCHED, fill
from integration_tests.benchmarks.jobs.job import scaled
from integration_tests.stack.wire import Wire

MESSAGE_OCTETS = 45_000_000
LINE = b"x" * 76 + b"\r\n"
LINE_END = b"\r"  # one that has to be mended


class _Compressed:
    """A connection that was asked to deflate both ways."""

    def __init__(self, wire: Wire) -> None:
        wire.imap(b"COMPRESS DEFLATE")
        self._wire = wire
        self._out = zlib.compressobj(9, zlib.DEFLATED, -15)
        self._in = zlib.decompressobj(-15)

    def send(self, octets: bytes) -> None:
        self._wire.send(self._out.compress(octets) + self._out.flush(zlib.Z_SYNC_FLUSH))

    def read_to(self, tag: bytes) -> None:
        """Read until the answer with this tag has begun, or the connection has ended."""
        kept = b""
        while tag + b" " not in kept:
            received = self._wire.receive()
            if not received:
                return
            kept = kept[-len(tag) :] + self._in.decompress(received)


def _append(attacker: Attacker) -> None:
    """One message that is as it should be, and one of nothing but line ends."""
    with attacker.member() as wire:
        compressed = _Compressed(wire)
        for tag, unit in ((b"first", LINE), (b"last", LINE_END)):
            body = unit * (scaled(MESSAGE_OCTETS, attacker.scale) // len(unit))
            message = b"Subject: large\r\n\r\n" + body
            compressed.send(b"%b APPEND INBOX {%d+}\r\n%b\r\n" % (tag, len(message), message))
            compressed.read_to(tag)


def _fetch(attacker: Attacker) -> None:
    with attacker.member(SEARCHED) as wire:
        compressed = _Compressed(wire)
        compressed.send(b"a FETCH 1:* (UID FLAGS)\r\nlast FETCH 1:* ALL\r\n")
        compressed.read_to(b"last")


ATTACKS = (
    Attack("compressed-append", "compressed APPENDs of 45 MB", _append),
    Attack("compressed-fetch", f"compressed FETCH of {MESSAGES:,} messages", _fetch, fill(SEARCHED, MESSAGES)),
)
