"""Requests to the proxy and to the private HTTP ports by those who have no account, or only one."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Sequence

from integration_tests.benchmarks.figures import Figure
from integration_tests.benchmarks.jobs.abuse.attack import Attack, Attacker
from integration_tests.benchmarks.jobs.job import scaled
from integration_tests.benchmarks.server import Server
from integration_tests.benchmarks.silent_names import silent_name
from integration_tests.stack.wire import Wire

STRANGE_REQUESTS = 600
SILENT_NAMES = 300
SILENT_SECONDS = 8.0  # a look-up is given up after 10
OPTIONS = 7_500  # in one Connection field: 60 KB
PRIVATE_REQUESTS = 300
# As a page asks that has another name for this machine, and as another user of this machine does.
PRIVATE_PAGES = ((b"/metrics", b"attacker.example"), (b"/proxy/usage.json", b"127.0.0.1"))
GIVEN = "pages given to strangers"
LENGTH = re.compile(rb"^content-length: *(\d+)", re.IGNORECASE | re.MULTILINE)


def _connection_fields(attacker: Attacker) -> None:
    """Each request names other options; none is let through."""
    left = scaled(STRANGE_REQUESTS, attacker.scale)
    while left and attacker.may_go_on:
        with attacker.stranger(attacker.server.proxy_port) as wire:
            while left and attacker.may_go_on:
                options = b",".join(b"%03x%04x" % (left, number) for number in range(OPTIONS))
                wire.send(b"GET http://x.example/ HTTP/1.1\r\nHost: x.example\r\nConnection: %b\r\n\r\n" % options)
                left -= 1
                if not _answer(wire):
                    break


def _silent_names(attacker: Attacker) -> None:
    """One member asks for as many sites as may be, and nobody knows where they are."""
    with contextlib.ExitStack() as waiting:
        for number in range(scaled(SILENT_NAMES, attacker.scale)):
            wire = waiting.enter_context(attacker.stranger(attacker.server.proxy_port))
            wire.send(attacker.page(silent_name(number)))
        time.sleep(SILENT_SECONDS)


def _private_ports(attacker: Attacker) -> Sequence[Figure]:
    """Asks without credentials."""
    told = 0
    for port in attacker.server.private_ports:
        for number in range(scaled(PRIVATE_REQUESTS, attacker.scale)):
            with Wire((attacker.server.host, port), timeout=attacker.seconds_left) as wire:
                asked = PRIVATE_PAGES[number % len(PRIVATE_PAGES)]
                wire.send(b"GET %b HTTP/1.1\r\nHost: %b\r\nConnection: close\r\n\r\n" % asked)
                told += b" 200 " in wire.rest()[:16]
    return [Figure(GIVEN, told, "", more=False)]


def _has_private_ports(server: Server) -> bool:
    return bool(server.private_ports)


def _answer(wire: Wire) -> bytes:
    """The status line of an answer that was read to its end; b"" when the connection ends with it."""
    head = b"\r\n".join(wire.until(rb"$"))
    length = LENGTH.search(head)
    left = int(length[1]) if length else 0
    while left > 0:
        left -= len(wire.receive(left)) or left
    return b"" if b"connection: close" in head.lower() else head.partition(b"\r\n")[0]


ATTACKS = (
    Attack(
        "silent-names",
        f"{SILENT_NAMES} pages of sites whose name server is silent",
        _silent_names,
        bystanders=("proxy", "names"),
        needs=lambda server: server.has_silent_names,
    ),
    Attack(
        "connection-fields",
        f"{STRANGE_REQUESTS} long Connection fields of strangers",
        _connection_fields,
        bystanders=("proxy",),
    ),
    Attack(
        "private-ports",
        "private ports asked by strangers",
        _private_ports,
        bystanders=("proxy",),
        needs=_has_private_ports,
    ),
)
