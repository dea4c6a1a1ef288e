"""`agora status --doors`: what a door says, or in words why there is none."""

from __future__ import annotations

import json
import socket
import threading

import pytest

from shared.command_line.service_places import ServicePlaces
from shared.command_line.stack.ports import free_ports
from shared.command_line.stack.show_greetings import show_greetings
from shared.doors import LOOPBACK


def test_what_perspective_broker_speaks_is_shown_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server((LOOPBACK, 0)) as listening:

        def serve() -> None:
            client, _ = listening.accept()
            with client:
                client.sendall(b"\x02\x80\x02\x82pb\x04\x82none")

        threading.Thread(target=serve, daemon=True).start()
        places = ServicePlaces({"pb": (LOOPBACK, listening.getsockname()[1])}, {})
        show_greetings(places, as_json=True)
    assert "pb, none" in capsys.readouterr().out


def test_a_door_that_does_not_answer_says_why_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    (closed,) = free_ports(1)
    with socket.create_server((LOOPBACK, 0)) as imap:
        places = ServicePlaces({"imap": imap.getsockname(), "pop3": (LOOPBACK, closed)}, {})
        threading.Thread(target=lambda: imap.accept()[0].sendall(b"* OK tea\r\n")).start()
        assert show_greetings(places, as_json=True) == 1
    rows = {row["door"]: (row["answers"], row["greeting"]) for row in json.loads(capsys.readouterr().out)}
    assert rows["IMAP"] == (True, "* OK tea")
    assert rows["POP3"] == (False, "Connection refused")
    assert rows["SMTP"] == (None, None)
