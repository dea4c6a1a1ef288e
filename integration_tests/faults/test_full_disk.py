"""A full disk: new mail is refused in time, reading, deleting and signing in go on, nothing that was kept is lost."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from integration_tests.faults.ledger import message_id, numbers_by_message, read_folder
from integration_tests.stack.local import own_stack
from integration_tests.stack.member import Member
from integration_tests.stack.small_disk import MIB, SETTINGS, CannotMount, ballast, small_disk
from integration_tests.stack.stack import Stack
from integration_tests.stack.wire import Wire
from shared.database.checkpoint import checkpoint
from shared.testing.eventually import eventually

LITTLE_OCTETS = 48 * MIB  # not enough for new mail, and enough to keep the reserve
BODY = b"x" * 70 + b"\r\n"


@pytest.fixture(scope="module")
def disk(session_dir: Path) -> Iterator[Path]:
    """A small disk of its own."""
    with contextlib.ExitStack() as mounted:
        try:
            disk = mounted.enter_context(small_disk(session_dir / "disk"))
        except CannotMount as refused:
            pytest.skip(str(refused))
        yield disk


@pytest.fixture(scope="module")
def small(disk: Path) -> Iterator[Stack]:
    """A stack whose store is on the small disk."""
    with own_stack(disk / "state", SETTINGS) as made:
        yield made


def letter(number: int, size_octets: int) -> bytes:
    head = b"From: stranger@example.org\r\nSubject: tea\r\nMessage-ID: <%d@disk.example>\r\n\r\n" % number
    return head + BODY * (size_octets // len(BODY))


def deliver(stack: Stack, member: Member, octets: bytes) -> bytes:
    """The reply that counts: MAIL's if that is refused, else the last one."""
    with Wire(stack.smtp) as wire:
        wire.smtp_reply()
        wire.smtp(b"EHLO there.example")
        if not (reply := wire.smtp(b"MAIL FROM:<stranger@example.org>")).startswith(b"250"):
            return reply
        wire.smtp(b"RCPT TO:<%b>" % member.address.encode())
        wire.smtp(b"DATA")
        return wire.smtp(octets + b".")


def reserve_of(disk: Path) -> Path:
    return disk / "state" / "postgres" / "reserve"


def test_a_disk_that_others_filled_to_the_last_octet_gets_its_reserve_back(small: Stack, disk: Path) -> None:
    member = small.new_member()
    eventually(reserve_of(disk).exists, "a reserve is kept")
    checkpoint(small.environment["AGORA_DATABASE_URL"])  # else the supervisor's gives room for more
    with ballast(disk, 0) as take_again:
        eventually(lambda: not reserve_of(disk).exists(), "the reserve is given back")
        take_again(LITTLE_OCTETS)  # with all of the reserve there might be just room for new mail
        small.wait_until_ready()
        assert deliver(small, member, letter(1, 1000)).startswith(b"452 4.3.1")
        with member.imap("INBOX") as session:
            assert session.noop()[0] == "OK"
    eventually(lambda: deliver(small, member, letter(2, 1000)).startswith(b"250"), "mail is taken again")
    eventually(reserve_of(disk).exists, "a reserve is kept again")
    with member.imap("INBOX") as session:
        assert session.uid("SEARCH", "ALL")[1] == [b"1"]


def test_a_store_that_was_killed_on_a_full_disk_comes_back_by_its_reserve(small: Stack, disk: Path) -> None:
    member = small.new_member()
    octets = letter(3, 100_000)
    eventually(lambda: deliver(small, member, octets).startswith(b"250"), "there is room")
    eventually(reserve_of(disk).exists, "a reserve is kept")
    with ballast(disk, 0):
        small.kill("postgres")
        small.wait_until_ready()
        [(_, found)] = read_folder(member, "INBOX")
        assert found.endswith(octets)
        with member.imap("INBOX") as session:
            session.store("1", "+FLAGS", r"(\Deleted)")
            assert session.expunge() == ("OK", [b"1"])


def test_status_says_what_the_disk_lacks(small: Stack, disk: Path) -> None:
    eventually(reserve_of(disk).exists, "a reserve is kept")
    with ballast(disk, LITTLE_OCTETS):
        eventually(lambda: "new messages are refused below 64 MiB" in small.agora("status").stdout, "status says it")


def test_a_page_is_never_emptied(small: Stack, disk: Path) -> None:
    member = small.new_member()
    host, port = small.web
    url = f"http://{host}:{port}/FullDisk-{member.name}"
    signed = (member.name, member.password)
    checkpoint(small.environment["AGORA_DATABASE_URL"])  # the tests before have left a long log
    # The disk may have been full a moment ago: each process looks at it from time to time.
    eventually(lambda: requests.put(url, "kept", auth=signed, timeout=60).status_code == 201, "a page is taken")
    texts = ["kept"]  # the last one is what was acknowledged
    with ballast(disk, LITTLE_OCTETS):

        def is_refused() -> bool:
            text = "".join(f"{number:x}\n" for number in range(len(texts), 400_000))
            status = requests.put(url, text, auth=signed, timeout=60).status_code
            if status == 200:
                texts.append(text)
            return status in (503, 507)

        eventually(is_refused, "a large page is refused")
        shown = requests.get(url, headers={"Accept": "text/markdown"}, timeout=60)
        assert (shown.status_code, shown.text) == (200, texts[-1])


def test_mail_that_fills_the_disk_is_refused_while_there_is_room_to_work(small: Stack, disk: Path) -> None:
    member = small.new_member()
    kept: list[bytes] = []
    reply = b""
    for number in range(1000):
        octets = letter(number, 5 * MIB)
        reply = deliver(small, member, octets)
        if not reply.startswith(b"250"):
            break
        kept.append(octets)
    assert reply[:9] == b"452 4.3.1"
    assert len(kept) > 20
    checkpoint(small.environment["AGORA_DATABASE_URL"])  # else the supervisor's gives room for more
    with ballast(disk, LITTLE_OCTETS), member.imap("INBOX") as session:  # signing in and reading go on
        _, found = session.uid("SEARCH", "ALL")
        assert len(found[0].split()) == len(kept)
        with Wire(small.imap) as wire:
            wire.line()
            wire.imap(b'LOGIN "%b" "%b"' % (member.name.encode(), member.password.encode()))
            refusal = wire.imap(b"APPEND Archive {%d+}\r\n%b" % (len(kept[0]), kept[0]))[-1]
            assert refusal.startswith(b"NO [UNAVAILABLE] storage is full")
            wire.imap(b"SELECT INBOX")
            assert wire.imap(b"COPY 1:* Archive")[-1].startswith(b"NO [UNAVAILABLE] storage is full")
        session.store("1:5", "+FLAGS", r"(\Deleted)")  # and deleting
        status, gone = session.expunge()
        assert (status, len(gone)) == ("OK", 5)
    left = numbers_by_message(read_folder(member, "INBOX"))
    assert set(left) == {message_id(octets) for octets in kept[5:]}
