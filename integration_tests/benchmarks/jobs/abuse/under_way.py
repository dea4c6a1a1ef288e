"""Messages that begin and do not end."""

from __future__ import annotations

import contextlib
import time

from integration_tests.benchmarks.jobs.abuse.attack import Attack, Attacker
from integration_tests.benchmarks.jobs.job import scaled
from integration_tests.benchmarks.server import Server
from integration_tests.stack.wire import Wire

CONNECTIONS = 200
HALF_MESSAGE = b"Subject: half\r\n\r\n" + (b"x" * 70 + b"\r\n") * 14_444  # 1.04 MB
HELD_SECONDS = 1.0


def _half_messages(attacker: Attacker) -> None:
    """A connection that is refused is given up."""
    with contextlib.ExitStack() as held:
        for _ in range(scaled(CONNECTIONS, attacker.scale)):
            with contextlib.suppress(OSError, EOFError):
                wire = held.enter_context(attacker.stranger(attacker.server.smtp_port))
                if _may_send(wire, attacker.server):
                    wire.send(HALF_MESSAGE)
            if not attacker.may_go_on:
                break
        time.sleep(HELD_SECONDS)


def _may_send(wire: Wire, server: Server) -> bool:
    wire.smtp(b"EHLO attacker.example")
    wire.smtp(b"MAIL FROM:<stranger@sender.example>")
    wire.smtp(b"RCPT TO:<%b>" % server.address(0).encode())
    return wire.smtp(b"DATA").startswith(b"354")


ATTACKS = (
    Attack("half-messages", f"{CONNECTIONS} messages of 1 MB that do not end", _half_messages, bystanders=("smtp",)),
)
