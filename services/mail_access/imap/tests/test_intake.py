"""Messages that APPEND brings count in the intake: above it NO, and afterwards the session goes on."""

from __future__ import annotations

import imaplib
import socket
import struct

from services.mail_access.imap.tests.conftest import PASSWORD, House
from shared.activity.events import Session
from shared.activity.record import recorded
from shared.testing.eventually import eventually

MESSAGE = b"Subject: tea\r\n\r\nAt four?\r\n"


def test_append_above_the_intake_is_refused_for_now(house: House, imap_port: int) -> None:
    intake = house.parts.intake
    memory, files = intake.memory.room(None), intake.files.room(None)
    intake.memory.take(None, memory)  # as other members' messages do
    intake.files.take(None, files)
    with imaplib.IMAP4("127.0.0.1", imap_port) as client:
        client.login("alice", PASSWORD)
        status, (text,) = client.append("INBOX", "", "", MESSAGE)
        assert status == "NO"
        assert text.startswith(b"[UNAVAILABLE] ")
        intake.memory.give_back(None, memory)
        assert client.append("INBOX", "", "", MESSAGE)[0] == "OK"
        assert client.select("INBOX") == ("OK", [b"1"])
    assert intake.memory.octets == 0


def test_a_client_that_leaves_during_appends_frees_the_intake(house: House, imap_port: int) -> None:
    with recorded() as events, socket.create_connection(("127.0.0.1", imap_port)) as client:
        client.sendall(b"a LOGIN alice {13+}\r\ncorrect horse\r\nb SELECT INBOX\r\n")
        received = b""
        while b"\r\nb OK" not in received:
            received += client.recv(65536)
        append = b"c APPEND INBOX {100+}\r\nSubject: tea\r\n\r\n" + b"x" * 84 + b"\r\n"
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closed by RST
        client.sendall(append * 200)
        client.close()
        eventually(lambda: any(isinstance(event, Session) for event in events), "the session is over")
    eventually(lambda: house.parts.intake.memory.octets == 0, "what was under way is given back")
