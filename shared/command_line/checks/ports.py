"""Whether the doors are open, or could be opened."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Sequence

from shared.command_line.checks.finding import Finding, fine, wrong
from shared.command_line.doors import DOORS, LOOPBACK, DoorPort, PortSettingWrong, is_free, settled_ports
from shared.command_line.place import Place

PATIENCE_SECONDS = 5
TLS_DOORS = frozenset({"submissions", "imaps", "pop3s", "http_proxy_tls"})
# The others greet.
FIRST_WORDS = dict.fromkeys(
    ("http_proxy", "http_proxy_tls"), b"GET /proxy.pac HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
)


def check_ports(place: Place) -> Sequence[Finding]:
    """With a running stack: every door greets. Without: every port is free."""
    record = place.running()
    if record is not None:
        return [_greets(door, record.ports[door.name]) for door in DOORS]
    try:
        ports = settled_ports(os.environ, place.ports(), free=False)
    except PortSettingWrong as error:
        return [wrong("ports", str(error), "A port is a number from 1 to 65535.")]
    taken = [door for door in DOORS if not is_free(ports[door.name])]
    if not taken:
        return [fine("ports", "all are free for `agora up`")]
    return [
        wrong(
            "ports", f"{ports[door.name]} for {door.title} is taken", f"Set {door.setting}, or use `up --ports free`."
        )
        for door in taken
    ]


def _greets(door: DoorPort, port: int) -> Finding:
    subject = f"{door.title}, port {port}"
    try:
        with socket.create_connection((LOOPBACK, port), timeout=PATIENCE_SECONDS) as connection:
            greeting = _read_greeting(connection, door)
    except OSError as error:
        return wrong(subject, f"does not answer: {error}", f"`agora status` and `agora logs {door.service}` say more.")
    if not greeting:
        return wrong(subject, "does not greet", f"`agora logs {door.service}` says more.")
    return fine(subject, greeting.decode(errors="replace").strip())


def _read_greeting(connection: socket.socket, door: DoorPort) -> bytes:
    if door.name not in TLS_DOORS:
        return _first_line(connection, door)
    context = ssl.create_default_context()  # whether it is trusted is another check's question
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with context.wrap_socket(connection) as encrypted:
        return _first_line(encrypted, door)


def _first_line(connection: socket.socket, door: DoorPort) -> bytes:
    connection.sendall(FIRST_WORDS.get(door.name, b""))
    return connection.recv(512).partition(b"\n")[0]
