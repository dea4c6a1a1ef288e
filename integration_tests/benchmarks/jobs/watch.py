"""Mail in by SMTP, by turns while nobody and while somebody watches all that happens: `agora watch` in a process."""

from __future__ import annotations

import contextlib
import smtplib
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from integration_tests.benchmarks.figures import Figure, median
from integration_tests.benchmarks.jobs.job import Job, scaled
from integration_tests.benchmarks.jobs.smtp_in import take_in
from integration_tests.benchmarks.messages import simple_message
from integration_tests.benchmarks.processes import cpu_seconds
from integration_tests.benchmarks.server import Server
from shared.events.activity_feed import ASK_SECONDS
from shared.testing.eventually import eventually

MESSAGES, CONNECTIONS = 5000, 20  # as smtp-20
PAIRS = 2  # the second one begins with the watcher
ACCEPTED, PROCESSOR = "accepted", "server's processor"
UNNOTICED_SECONDS = ASK_SECONDS + 0.5  # so long do services publish events after the last watcher has left


class _Watcher:
    """`agora watch`, what it has shown, and what it has used."""

    def __init__(self, shown: Path, process: subprocess.Popen[bytes]) -> None:
        self._shown = shown
        self._pid = process.pid

    @property
    def messages(self) -> int:
        return self._shown.read_bytes().count(b'"event": "message"')

    def wait_for(self, messages: int) -> None:
        """Return when so many are shown: none was left out."""
        eventually(lambda: self.messages >= messages, f"{messages} messages are shown")

    @property
    def cpu_seconds(self) -> float:
        return cpu_seconds([self._pid])


@contextlib.contextmanager
def _watching(server: Server) -> Iterator[_Watcher]:
    """A watcher that is heard of by the service that takes in mail."""
    with (
        tempfile.TemporaryDirectory() as directory,
        (Path(directory) / "shown").open("wb") as shown,
        server.agora("watch", "--json", stdout=shown) as process,
    ):
        watcher = _Watcher(Path(shown.name), process)
        try:
            eventually(lambda: _is_shown(server, watcher), "the watcher shows a message")
            yield watcher
        finally:
            process.terminate()
    time.sleep(UNNOTICED_SECONDS)


def _is_shown(server: Server, watcher: _Watcher) -> bool:
    """Whether what happens is shown by now."""
    with smtplib.SMTP(server.host, server.smtp_port) as session:
        session.sendmail("load@sender.example", [server.address(0)], simple_message(200, server.address(0), "probe"))
    return watcher.messages > 0


def _measured(server: Server, scale: float) -> dict[str, float]:
    figures = take_in(server, scale, connections=CONNECTIONS, count=MESSAGES, octets=4096)
    return {figure.what: figure.value for figure in figures}


def _run(server: Server, scale: float) -> Sequence[Figure]:
    count = scaled(MESSAGES, scale, CONNECTIONS)
    alone: list[dict[str, float]] = []
    watched: list[dict[str, float]] = []
    shares: list[float] = []
    for number in range(2 * PAIRS):
        if number % 4 in (0, 3):
            alone.append(_measured(server, scale))
            continue
        with _watching(server) as watcher:
            before, used, began = watcher.messages, watcher.cpu_seconds, time.perf_counter()
            watched.append(_measured(server, scale))
            shares.append((watcher.cpu_seconds - used) / (time.perf_counter() - began))
            watcher.wait_for(before + count)
    slower = [1 - with_it[ACCEPTED] / without[ACCEPTED] for without, with_it in zip(alone, watched, strict=True)]
    figures = [
        Figure("accepted, nobody watches", median([each[ACCEPTED] for each in alone]), "messages/s", more=True),
        Figure("accepted, somebody watches", median([each[ACCEPTED] for each in watched]), "messages/s", more=True),
        Figure("slower while somebody watches", median(slower) * 100, "%", more=False),
        Figure("the watcher's processor", median(shares) * 100, "% of a processor"),
    ]
    if PROCESSOR in alone[0]:
        figures += [
            Figure(f"{PROCESSOR}, {who}", median([each[PROCESSOR] for each in those]), "µs/message", more=False)
            for who, those in (("nobody watches", alone), ("somebody watches", watched))
        ]
    return figures


JOBS = [
    Job(
        "watch",
        f"smtp-20 {2 * PAIRS} times, by turns without and with a watcher who is shown every message",
        _run,
        fits=lambda server: server.is_ours,
    )
]
