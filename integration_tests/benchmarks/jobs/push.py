"""The time from SMTP's 250 to IMAP's untagged EXISTS."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from functools import partial

from integration_tests.benchmarks.figures import Figure, percentile
from integration_tests.benchmarks.jobs.job import Job, scaled
from integration_tests.benchmarks.messages import simple_message
from integration_tests.benchmarks.server import Server
from integration_tests.benchmarks.wire.answered_and_told import LONGEST_SECONDS, answered_and_told
from integration_tests.benchmarks.wire.imap import Imap
from integration_tests.benchmarks.wire.smtp import SENDER

SESSIONS = 50  # each of another account
MESSAGES = 200


class _Sender:
    """A blocking SMTP connection."""

    def __init__(self, server: Server) -> None:
        self.socket = socket.create_connection((server.host, server.smtp_port), LONGEST_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._replies = self.socket.makefile("rb", buffering=0)
        self.reply(b"2")
        self.say(b"EHLO load.sender.example\r\n", b"2")

    def say(self, command: bytes, wanted: bytes) -> None:
        self.socket.sendall(command)
        self.reply(wanted)

    def reply(self, wanted: bytes) -> None:
        line = b"   -"
        while line[3:4] == b"-":
            line = self._replies.readline()
        if line[:1] != wanted:
            raise RuntimeError(f"refused: {line.decode(errors='replace')}")


class _Push:
    """Delivers a message and sees when the sender hears 250 and the recipient's session EXISTS."""

    def __init__(self, server: Server, idlers: Sequence[Imap]) -> None:
        self._server, self._idlers, self._sender = server, idlers, _Sender(server)

    def measure(self, number: int) -> tuple[float, float]:
        """Seconds from 250 to EXISTS (below zero: it came sooner), and from the end of DATA."""
        place = number % len(self._idlers)
        address = self._server.address(place)
        self._sender.say(f"MAIL FROM:<{SENDER}>\r\n".encode(), b"2")
        self._sender.say(f"RCPT TO:<{address}>\r\n".encode(), b"2")
        self._sender.say(b"DATA\r\n", b"3")
        message = simple_message(4096, address, f"{number}.{time.time_ns():x}") + b".\r\n"
        began = time.perf_counter()
        self._sender.socket.sendall(message)
        accepted, exists = answered_and_told(
            self._sender.socket, partial(self._sender.reply, b"2"), self._idlers[place].socket
        )
        return exists - accepted, exists - began


def _run(server: Server, scale: float) -> Sequence[Figure]:
    count = scaled(MESSAGES, scale, 10)
    idlers = []
    for number in range(min(SESSIONS, server.accounts)):
        imap = Imap(server.host, server.imap_port, server.account(number), server.password)
        imap.command("SELECT INBOX")
        imap.idle()
        idlers.append(imap)
    push = _Push(server, idlers)
    time.sleep(1)  # whatever signing in has left to do
    measured = [push.measure(number) for number in range(count)]
    for imap in idlers:
        imap.close()
    from_250 = [each[0] * 1000 for each in measured]
    from_data = [each[1] * 1000 for each in measured]
    return [
        Figure("250 to EXISTS, p50", percentile(from_250, 50), "ms", more=False),
        Figure("250 to EXISTS, p99", percentile(from_250, 99), "ms", more=False),
        Figure("250 to EXISTS, longest", max(from_250), "ms"),
        Figure("end of DATA to EXISTS, p50", percentile(from_data, 50), "ms", more=False),
    ]


JOBS = [Job("push", f"push: {MESSAGES} messages, one after the other, to {SESSIONS} sessions in IDLE", _run)]
