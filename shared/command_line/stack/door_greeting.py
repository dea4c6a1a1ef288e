"""A door's greeting: its first line, by a real connection."""

from __future__ import annotations

import re
import socket
import ssl

from shared.administration.readiness import Where
from shared.command_line.terminal.printable import printable
from shared.doors import DoorPort

PATIENCE_SECONDS = 5
LONGEST_OCTETS = 512
ASK_FOR_SOMETHING = b"GET %b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
PAGES = {"http_proxy_report": b"/proxy/", "web": b"/about", "web_tls": b"/about"}  # of the others, the PAC file
_BANANA_WORD = re.compile(rb"\x82([!-~]+)")  # Perspective Broker begins with the dialects that it speaks, in no line


def read_greeting(door: DoorPort, where: Where) -> str:
    """The first line that the server at `where` sends, without its end; empty if it closes the connection.

    A server that waits for its client is asked for a page. Whether a certificate is trusted is another question.
    Raises OSError: nothing listens there, or nothing comes within PATIENCE_SECONDS; socket.gaierror for no such host.
    """
    with socket.create_connection(where, timeout=PATIENCE_SECONDS) as connection:
        if not door.tls:
            return _first_line(connection, door)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with context.wrap_socket(connection) as encrypted:
            return _first_line(encrypted, door)


def _first_line(connection: socket.socket, door: DoorPort) -> str:
    if not door.greets:
        connection.sendall(ASK_FOR_SOMETHING % PAGES.get(door.name, b"/proxy.pac"))
    came = connection.recv(LONGEST_OCTETS)
    if door.name.startswith("pb"):
        return b", ".join(_BANANA_WORD.findall(came)).decode()
    line = came.partition(b"\n")[0]
    return printable(line.decode(errors="replace").strip())
