"""PostgreSQL away: every door says so in its own words, sessions survive, and go on when it is back."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
from base64 import b64encode
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest

from integration_tests.faults.ledger import message_id, read_folder
from integration_tests.faults.load import Load
from integration_tests.stack.member import Member
from integration_tests.stack.process import family
from integration_tests.stack.quiet_logs import quiet_logs
from integration_tests.stack.stack import Stack
from integration_tests.stack.wire import Wire
from shared.administration.readiness import Readiness, ask

MESSAGE = b"From: stranger@example.org\r\nSubject: tea\r\n\r\nAt four?\r\n"
# A statement may take 5 s on the tests' stack, and the silence after that 15 s (looked at every 5 s), before its
# connection is given up; then another is tried for 5 s, and an outage's first 5 s are waited out.
TOLD_WITHIN_SECONDS = 60
BACK = timedelta(seconds=40)


@dataclass
class Visitor:
    """Somebody with a session at each door, from before it happened."""

    member: Member
    smtp: Wire
    imap: Wire
    pop3: Wire

    def mail(self) -> bytes:
        """Hand in a message; the reply that counts."""
        self.smtp.smtp(b"RSET")
        self.smtp.smtp(b"MAIL FROM:<stranger@example.org>")
        recipient = self.smtp.smtp(b"RCPT TO:<%b>" % self.member.address.encode())
        if not recipient.startswith(b"250"):
            return recipient
        assert self.smtp.smtp(b"DATA").startswith(b"354")
        return self.smtp.smtp(MESSAGE + b".")

    def append(self) -> bytes:
        return self.imap.imap(b"APPEND Archive {%d+}\r\n%b" % (len(MESSAGE), MESSAGE))[-1]

    def status(self) -> bytes:
        return self.imap.imap(b"STATUS Archive (MESSAGES)")[-1]

    def retrieve(self) -> bytes:
        self.pop3.send(b"RETR 1\r\n")
        reply = self.pop3.line()
        if reply.startswith(b"+OK"):
            self.pop3.until(rb"\.$")
        return reply


@contextlib.contextmanager
def _visitor(mortal: Stack) -> Iterator[Visitor]:
    member = mortal.new_member()
    member.receive(MESSAGE)
    name, password = member.name.encode(), member.password.encode()
    context = mortal.tls_context()
    with (
        Wire(mortal.smtp, timeout=TOLD_WITHIN_SECONDS) as smtp,
        Wire(mortal.imaps, tls=context, timeout=TOLD_WITHIN_SECONDS) as imap,
        Wire(mortal.pop3s, tls=context, timeout=TOLD_WITHIN_SECONDS) as pop3,
    ):
        smtp.smtp_reply()
        smtp.smtp(b"EHLO client.example")
        imap.line()
        assert imap.imap(b"LOGIN %b %b" % (name, password))[-1].startswith(b"OK")
        assert imap.imap(b"SELECT INBOX")[-1].startswith(b"OK")
        pop3.send(b"USER %b\r\nPASS %b\r\n" % (name, password))
        assert all(pop3.line().startswith(b"+OK") for _ in range(3))
        yield Visitor(member, smtp, imap, pop3)


@contextlib.contextmanager
def _hanging(stack: Stack) -> Iterator[None]:
    """PostgreSQL is there and does not move, as on a machine whose disk has gone."""
    postmaster = stack.pid("postgres")
    assert postmaster is not None
    stopped = [*family(postmaster)]
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in reversed(stopped):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        stack.wait_until_ready(BACK)


@dataclass(frozen=True)
class Outage:
    """What was said while PostgreSQL was gone, and by the same sessions when it was back."""

    meanwhile: Mapping[str, bytes]
    readiness: Readiness | None  # None where its port is not ours to ask
    afterwards: Mapping[str, bytes]


def _ask_all(visitor: Visitor) -> dict[str, bytes]:
    return {
        "mail": visitor.mail(),
        "append": visitor.append(),
        "status": visitor.status(),
        "retrieve": visitor.retrieve(),
    }


@pytest.fixture(scope="module")
def outage(mortal: Stack) -> Outage:
    newcomer = mortal.new_member()  # nobody has seen this password yet
    with quiet_logs(mortal), _visitor(mortal) as visitor:
        with mortal.without("postgres"):
            meanwhile = {**_ask_all(visitor), **_sign_in_everywhere(newcomer)}
            readiness = ask(mortal.health("mail_access"))
        return Outage(meanwhile, readiness, {**_ask_all(visitor), **_sign_in_everywhere(newcomer)})


def _sign_in_everywhere(member: Member) -> dict[str, bytes]:
    name, password, context = member.name.encode(), member.password.encode(), member.stack.tls_context()
    with Wire(member.stack.imaps, tls=context) as imap:
        imap.line()
        by_imap = imap.imap(b"LOGIN %b %b" % (name, password))[-1]
    with Wire(member.stack.pop3s, tls=context) as pop3:
        pop3.send(b"USER %b\r\nPASS %b\r\n" % (name, password))
        by_pop3 = [pop3.line() for _ in range(3)][-1]
    with Wire(member.stack.submissions, tls=context) as smtp:
        smtp.smtp_reply()
        smtp.smtp(b"EHLO client.example")
        by_smtp = smtp.smtp(b"AUTH PLAIN " + b64encode(b"\0%b\0%b" % (name, password)))
    return {"imap sign-in": by_imap, "pop3 sign-in": by_pop3, "smtp sign-in": by_smtp}


@pytest.mark.parametrize(
    ("what", "reply"),
    [
        ("mail", b"451 4.3.0 storage is away, try again"),
        ("append", b"NO [UNAVAILABLE] "),
        ("status", b"NO [UNAVAILABLE] "),
        ("retrieve", b"-ERR [SYS/TEMP] "),
    ],
)
def test_every_door_says_that_the_store_is_away(outage: Outage, what: str, reply: bytes) -> None:
    assert outage.meanwhile[what].startswith(reply)


@pytest.mark.parametrize(
    ("what", "reply"),
    [
        ("imap sign-in", b"NO [UNAVAILABLE] "),
        ("pop3 sign-in", b"-ERR [SYS/TEMP] "),
        ("smtp sign-in", b"45"),  # 535 would have the program ask for another password
    ],
)
def test_nobody_is_told_that_the_password_is_wrong(outage: Outage, what: str, reply: bytes) -> None:
    assert outage.meanwhile[what].startswith(reply)


def test_sessions_survive_and_go_on(outage: Outage) -> None:
    done = {what: bool(re.match(rb"2|OK|\+OK", reply)) for what, reply in outage.afterwards.items()}
    assert all(done.values()), outage.afterwards


def test_readiness_names_the_store(outage: Outage) -> None:
    if outage.readiness is None:
        pytest.skip("the services' private ports are not ours to ask")
    assert not outage.readiness.ready
    assert json.loads(outage.readiness.text)["store"]["state"] == "away"
    assert json.loads(outage.readiness.text)["store"]["reason"]


@pytest.mark.local_only
def test_a_store_that_hangs_is_told_within_seconds_and_nothing_promised_is_lost(
    mortal: Stack,
) -> None:
    members = [mortal.new_member("alice"), mortal.new_member("bob")]
    with _visitor(mortal) as visitor, Load(mortal, members, seed=1) as load:
        load.wait_for_progress(BACK)
        with _hanging(mortal), ThreadPoolExecutor() as at_once:
            asked = [at_once.submit(ask) for ask in (visitor.mail, visitor.status, visitor.retrieve)]
            smtp, imap, pop3 = (each.result() for each in asked)
        assert smtp.startswith(b"451 4.3.0 ")
        assert imap.startswith(b"NO [UNAVAILABLE] ")
        assert pop3.startswith(b"-ERR [SYS/TEMP] ")
        load.wait_for_progress(BACK)
        assert visitor.mail().startswith(b"250 ")
    for (_, folder), promised in load.ledger.by_place().items():
        kept = {message_id(octets) for _, octets in read_folder(promised[0].member, folder)}
        assert {each.message_id for each in promised} <= kept
