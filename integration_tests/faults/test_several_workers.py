"""Several processes behind one door: one of them may die, and a renewed certificate is served by all."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from integration_tests.stack.idler import Idler
from integration_tests.stack.process import children
from integration_tests.stack.stack import Stack
from integration_tests.stack.wire import Wire
from shared.runtime.development_authority import ensure_certificate
from shared.testing.eventually import eventually

pytestmark = pytest.mark.local_only

MESSAGE = b"From: stranger@example.org\r\nSubject: tea\r\n\r\nAt four?\r\n"
WORKERS = 2
ATTEMPTS = 5  # the machine may stand still in one
AT_ONCE_SECONDS = 2  # by polling it takes up to five


def _workers(stack: Stack, program: str) -> list[int]:
    parent = stack.pid(program)
    assert parent is not None
    return children(parent)


@pytest.mark.parametrize("program", ["smtp_ingest", "mail_access"])
def test_a_killed_worker_is_missed_by_its_own_clients_only_and_replaced(narrow: Stack, program: str) -> None:
    stack = narrow
    door = stack.smtp if program == "smtp_ingest" else stack.imap
    parent, before = stack.pid(program), _workers(stack, program)
    assert len(before) == WORKERS
    clients = [Wire(door) for _ in range(20)]
    assert all(client.line() for client in clients)
    os.kill(min(before, key=_sockets), signal.SIGKILL)  # not the one that happens to have all of them
    lost = [client for client in clients if not _answers(client, program)]
    assert len(lost) < len(clients)
    for _ in range(20):
        with Wire(door) as newcomer:
            assert newcomer.line()
    eventually(lambda: len(_workers(stack, program)) == WORKERS, "another worker is there", timedelta(seconds=30))
    stack.wait_until_ready()
    assert stack.pid(program) == parent
    for client in clients:
        client.close()


def _sockets(pid: int) -> int:
    return sum(os.readlink(each).startswith("socket:") for each in Path(f"/proc/{pid}/fd").iterdir())


def _answers(client: Wire, program: str) -> bool:
    try:
        client.send(b"NOOP\r\n" if program == "smtp_ingest" else b"1 NOOP\r\n")
        return bool(client.line())
    except (OSError, EOFError):
        return False


def test_news_reach_a_session_in_whichever_process_it_is(narrow: Stack) -> None:
    member = narrow.new_member()
    idlers = [Idler(member) for _ in range(8)]

    def slowest_seconds() -> float:
        begun = time.monotonic()
        member.receive(MESSAGE)
        for idler in idlers:
            idler.seconds_until_arrival()
        return time.monotonic() - begun

    assert any(slowest_seconds() < AT_ONCE_SECONDS for _ in range(ATTEMPTS))
    for idler in idlers:
        idler.wire.close()


def test_a_renewed_certificate_is_served_on_the_next_connection_of_every_door(narrow: Stack) -> None:
    stack = narrow
    before = {door: _shown(stack, door) for door in _STARTS}
    assert len(set(before.values())) == 1
    _renew(stack.ca_file.parent)
    for _ in range(4 * WORKERS):  # connections go to whichever worker is quicker
        after = {_shown(stack, door) for door in _STARTS}
        assert len(after) == 1
        assert after.isdisjoint(before.values())


def _renew(folder: Path) -> None:
    """Put others in the places of the key and the certificate, as certbot does: a worker may begin at any moment."""
    with TemporaryDirectory(dir=folder.parent) as elsewhere:
        for name in ("authority.pem", "authority-key.pem"):
            shutil.copy(folder / name, elsewhere)
        new, old = ensure_certificate(Path(elsewhere), "localhost"), ensure_certificate(folder, "localhost")
        owner = old.key.stat()
        for made, place in ((new.key, old.key), (new.certificate, old.certificate)):
            os.chown(made, owner.st_uid, owner.st_gid)  # the stack may run as another user than the tests
            made.replace(place)


def _smtp_start(wire: Wire) -> None:
    wire.smtp_reply()
    wire.smtp(b"EHLO client.example")
    assert wire.smtp(b"STARTTLS").startswith(b"220 ")


def _lmtp_start(wire: Wire) -> None:
    wire.smtp_reply()
    wire.smtp(b"LHLO client.example")
    assert wire.smtp(b"STARTTLS").startswith(b"220 ")


def _imap_start(wire: Wire) -> None:
    wire.line()
    assert wire.imap(b"STARTTLS")[-1].startswith(b"OK ")


def _pop3_start(wire: Wire) -> None:
    wire.line()
    wire.send(b"STLS\r\n")
    assert wire.line().startswith(b"+OK")


def _at_once(wire: Wire) -> None:
    """TLS from the first octet."""


_STARTS: dict[str, Callable[[Wire], None]] = {
    "smtp": _smtp_start,
    "submission": _smtp_start,
    "lmtp": _lmtp_start,
    "imap": _imap_start,
    "pop3": _pop3_start,
    "submissions": _at_once,
    "imaps": _at_once,
    "pop3s": _at_once,
}


def _shown(stack: Stack, door: str) -> bytes:
    with Wire(getattr(stack, door)) as wire:
        _STARTS[door](wire)
        wire.start_tls(stack.tls_context())
        return wire.certificate
