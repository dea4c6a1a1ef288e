"""IMAP commands over a mailbox of 5,000 messages.

Cold is the first time that this is asked of the mailbox after it was filled (the system's page cache is as filling has
left it), warm the second time, on a new connection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from integration_tests.benchmarks.figures import Figure
from integration_tests.benchmarks.jobs.job import Job, scaled
from integration_tests.benchmarks.messages import (
    RARE_EVERY,
    RARE_WORD,
    SUBJECT_EVERY,
    SUBJECT_WORD,
    corpus,
)
from integration_tests.benchmarks.meter import Meter
from integration_tests.benchmarks.server import Server
from integration_tests.benchmarks.wire.imap import Imap

MESSAGES = 5000
COPIED = 1000
ACCOUNT = -2
MAILBOX = "Benchmark"
OTHER = "Benchmark-Copies"
TEMPERATURES = ("cold", "warm")
FETCHED = b" FETCH ("
FETCHES = {
    "FETCH flags": "FETCH 1:* (UID FLAGS)",
    "FETCH ENVELOPE, BODYSTRUCTURE": "FETCH 1:* (UID FLAGS ENVELOPE BODYSTRUCTURE)",
    "FETCH bodies": "FETCH 1:* BODY.PEEK[]",
}


class _Commands:
    """The figures of one run as they come."""

    def __init__(self, server: Server, count: int) -> None:
        self._server, self._count = server, count
        self.figures: list[Figure] = []

    def run(self) -> None:
        with self._connect() as imap:
            imap.make_anew(MAILBOX)
            imap.make_anew(OTHER)
            with Meter(self._server) as filling:
                imap.fill(MAILBOX, messages := list(corpus(self._count)))
        self.figures.append(Figure("APPEND", self._count / filling.seconds, "messages/s", more=True))
        octets = sum(map(len, messages))
        for temperature in TEMPERATURES:
            self._read(temperature, octets)
        for temperature in TEMPERATURES:
            self._write(temperature)
        with self._connect() as imap:
            imap.remove(MAILBOX)
            imap.remove(OTHER)

    def _connect(self) -> Imap:
        return Imap(self._server.host, self._server.imap_port, self._server.account(ACCOUNT), self._server.password)

    def _time(self, name: str, work: Callable[[], int], expected: int) -> None:
        with Meter(self._server) as meter:
            got = work()
        if got != expected:
            raise RuntimeError(f"{self._server.name}, {name}: {got} instead of {expected}")
        self.figures.append(Figure(name, meter.seconds * 1000, "ms", more=False))

    def _read(self, temperature: str, octets: int) -> None:
        with self._connect() as imap:
            self._time(f"SELECT, {temperature}", lambda: len(imap.command(f"SELECT {MAILBOX}")) * 0, 0)
            for name, command in FETCHES.items():
                self._time(f"{name}, {temperature}", partial(imap.count, command, FETCHED), self._count)
            if imap.octets < octets:
                raise RuntimeError(f"{self._server.name} sent {imap.octets} octets of {octets}")
            text, subject = self._count // RARE_EVERY, self._count // SUBJECT_EVERY
            self._time(f"SEARCH TEXT, {temperature}", lambda: _hits(imap, f"TEXT {RARE_WORD}"), text)
            self._time(f"SEARCH SUBJECT, {temperature}", lambda: _hits(imap, f"SUBJECT {SUBJECT_WORD}"), subject)

    def _write(self, temperature: str) -> None:
        copied = min(COPIED, self._count // 2)
        with self._connect() as imap:
            imap.command(f"SELECT {MAILBOX}")
            mark = f"STORE 1:{self._count} +FLAGS (\\Seen)"
            self._time(f"STORE on all, {temperature}", lambda: imap.count(mark, FETCHED), self._count)
            copy = f"COPY 1:{copied} {OTHER}"
            self._time(f"COPY of {copied}, {temperature}", lambda: len(imap.command(copy)) * 0, 0)
            imap.count("STORE 1:* -FLAGS.SILENT (\\Seen)", FETCHED)
            imap.command(f"SELECT {OTHER}")
            imap.count("STORE 1:* +FLAGS.SILENT (\\Deleted)", FETCHED)
            self._time(f"EXPUNGE of {copied}, {temperature}", lambda: imap.count("EXPUNGE", b" EXPUNGE\r\n"), copied)


def _hits(imap: Imap, key: str) -> int:
    for line in imap.command(f"UID SEARCH {key}").split(b"\r\n"):
        if line.upper().startswith(b"* SEARCH"):
            return len(line.split()) - 2
    return 0


def _run(server: Server, scale: float) -> Sequence[Figure]:
    commands = _Commands(server, scaled(MESSAGES, scale, 100) // 100 * 100)
    commands.run()
    return commands.figures


JOBS = [Job("imap", f"IMAP over {MESSAGES} messages of 4 KB: FETCH, SEARCH, STORE, COPY, EXPUNGE, cold and warm", _run)]
