"""Plays transcripts (shared/testing/transcript.py) to a session in this process, or to a server over TCP.

The player's own events: `the server closes` (nothing more may come before it), `the client leaves`, `the client says no
more` (a half-closed connection), `the client goes over to TLS`, `the client compresses`, and, where time is a
`task.Clock`, `300 seconds pass`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from shared.testing.transcript import (
    Mark,
    Step,
    Transcript,
    TranscriptBroken,
    expected_octets,
    expected_pattern,
    filled_in,
    load,
    sent_octets,
)
from shared.testing.wire import ANSWER_SECONDS, SilentServer, SocketWire, StringWire, Wire

Events = Mapping[str, Callable[[], object]]
PASSING = re.compile(r"(\d+(?:\.\d+)?) seconds? pass(?:es)?")


class Difference(AssertionError):
    """The server said something else than the transcript."""


def play(
    transcript: Transcript | Path,
    host: str,
    port: int,
    *,
    tls: bool = False,
    events: Events | None = None,
    names: Mapping[str, str] | None = None,
    timeout_seconds: float = ANSWER_SECONDS,
) -> dict[str, str]:
    """Play over TCP and return the names that were given and taken. Raises Difference.

    Blocks: the server runs in another process, or on the tests' reactor in its thread.
    """
    wire = SocketWire(host, port, tls=tls, timeout_seconds=timeout_seconds)
    try:
        return play_on(wire, transcript, events, names)
    finally:
        wire.close()


def play_in_memory(
    transcript: Transcript | Path,
    factory: Factory,
    *,
    clock: Clock | None = None,
    events: Events | None = None,
    names: Mapping[str, str] | None = None,
    peer: IAddress | None = None,
) -> dict[str, str]:
    """Play to a session of `factory` on a StringTransport, for sessions whose every answer comes at once.

    At the end nothing unexpected may be left. Raises Difference.
    """
    address: Any = peer or IPv4Address("TCP", "127.0.0.1", 40000)
    protocol = factory.buildProtocol(address)
    wire = StringWire(protocol, clock, StringTransport(peerAddress=address))
    try:
        taken = play_on(wire, transcript, events, names)
        if wire.transport.value() or wire._received:
            raise Difference(f"the server also said {wire._received + wire.transport.value()!r}")
        return taken
    finally:
        wire.close()


def play_on(
    wire: Wire, transcript: Transcript | Path, events: Events | None = None, names: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Play on a connection that is there already, and leave it open."""
    if isinstance(transcript, Path):
        transcript = load(transcript)
    known = dict(names or {})
    for step in transcript.steps:
        try:
            _play_step(wire, step, events or {}, known)
        except (Difference, SilentServer, TranscriptBroken) as error:
            where = f"{transcript.name}:{step.line_number}: {step.mark.value} {step.text}"
            raise Difference(f"{where}\n  {error}") from error
    return known


def _play_step(wire: Wire, step: Step, events: Events, known: dict[str, str]) -> None:
    if step.mark in (Mark.SEND_LINE, Mark.SEND_OCTETS, Mark.SEND_REPEATED):
        wire.send(sent_octets(step, known))
    elif step.mark is Mark.EVENT:
        _cause(wire, filled_in(step.text, known), events)
    elif step.mark is Mark.EXPECT_LINE:
        _compare(expected_octets(step, known), wire.read_line())
    elif step.mark is Mark.EXPECT_OCTETS:
        expected = expected_octets(step, known)
        _compare(expected, wire.read_exactly(len(expected)))
    else:
        _expect_like(wire, step, known)


def _compare(expected: bytes, received: bytes) -> None:
    if expected != received:
        raise Difference(f"expected {expected!r}\n  received {received!r}")


def _expect_like(wire: Wire, step: Step, known: dict[str, str]) -> None:
    pattern = expected_pattern(step, known)
    line = wire.read_line()
    while (match := pattern.fullmatch(line)) is None:
        if step.mark is Mark.EXPECT_LIKE:
            raise Difference(f"received {line!r}")
        line = wire.read_line()
    known.update({name: octets.decode("utf-8", "surrogateescape") for name, octets in match.groupdict().items()})


def _cause(wire: Wire, event: str, events: Events) -> None:
    if event in events:
        events[event]()
    elif event == "the server closes":
        _compare(b"", wire.read_to_end())
    elif event == "the client leaves":
        wire.close()
    elif event == "the client says no more":
        wire.half_close()
    elif event == "the client goes over to TLS":
        wire.start_tls()
    elif event == "the client compresses":
        wire.compress()
    elif passing := PASSING.fullmatch(event):
        wire.pass_time(float(passing[1]))
    else:
        raise TranscriptBroken("nobody told what this event is")
