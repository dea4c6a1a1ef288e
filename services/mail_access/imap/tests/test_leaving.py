"""Sessions that are ended: the process leaves, the client is silent, a command fails by our fault."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.mail_access.imap.commands import noop
from services.mail_access.imap.doors import make_factory
from services.mail_access.imap.tests.conftest import House
from services.mail_access.imap.tests.wire_client import Client
from shared.conversation.limits import Limits
from shared.mail import intake
from shared.testing.reactor import wait_for
from shared.testing.serving import serving


def test_a_process_that_leaves_says_so(house: House) -> None:
    factory = make_factory(house.parts, "imap")
    with serving(factory) as port:
        idle, busy = Client(port), Client(port)
        for client in (idle, busy):
            client.do(b'LOGIN alice "correct horse"')
        _, octets = idle.tagged(b"IDLE")
        idle.send(octets)
        assert idle.continuation().startswith(b"+")
        wait_for(lambda: factory.shut_down(timedelta(seconds=5)))
        for client in (idle, busy):
            assert client.continuation() == b"* BYE the server is shutting down, connect again"
            client.close()


def test_who_is_silent_for_too_long_is_logged_out(house: House) -> None:
    factory = make_factory(house.parts, "imap")
    factory.limits = Limits(line_octets=8192, idle=timedelta(seconds=1))
    with serving(factory) as port:
        client = Client(port)
        assert client.continuation() == b"* BYE autologout, you were silent for too long"
        client.close()


def test_our_own_fault_ends_the_command_and_not_the_session(imap_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(noop, "ok")
    client = Client(imap_port)
    (result,) = client.run(b"NOOP")
    assert (result.condition, result.code) == (b"NO", b"SERVERBUG")
    monkeypatch.undo()
    client.do(b"NOOP")
    client.close()


def test_a_bug_in_append_ends_the_command_and_frees_the_intake(
    house: House, imap_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(intake, "render")
    client = Client(imap_port)
    client.do(b'LOGIN alice "correct horse"')
    (result,) = client.run(b"APPEND INBOX {14+}\r\nSubject: x\r\n\r\n")
    assert (result.condition, result.code) == (b"NO", b"SERVERBUG")
    assert house.parts.intake.memory.octets == 0
    monkeypatch.undo()
    client.do(b"APPEND INBOX {14+}\r\nSubject: x\r\n\r\n")
    client.close()
