"""The doors as a stranger meets them: what they say first, how they refuse, and how one gets in."""

from __future__ import annotations

import time
from base64 import b64encode

from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from integration_tests.stack.wire import Wire

DOORS = ("smtp", "submission", "submissions", "lmtp", "imap", "imaps", "pop3", "pop3s", "nntp", "nntps")
IN_THE_CLEAR = ("smtp", "submission", "lmtp", "imap", "pop3", "nntp")
GREETING = {"smtp": b"220 ", "submission": b"220 ", "submissions": b"220 ", "lmtp": b"220 "} | {
    "imap": b"* OK ",
    "imaps": b"* OK ",
    "pop3": b"+OK ",
    "pop3s": b"+OK ",
    "nntp": b"200 ",
    "nntps": b"200 ",
}
# A refusal that ends the connection, as RFC 5321 §3.8, RFC 3501 §7.1.5, RFC 1939 §3 and RFC 3977 §3.2.1 have it.
LAST_WORDS = {
    "smtp": b"421 ",
    "submission": b"421 ",
    "submissions": b"421 ",
    "lmtp": b"421 ",
    "imap": b"* BYE ",
    "imaps": b"* BYE ",
    "pop3": b"-ERR ",
    "pop3s": b"-ERR ",
    "nntp": b"400 ",
    "nntps": b"400 ",
}


def enter(stack: Stack, door: str, *, source: str = "", timeout: float = 30) -> Wire:
    """Connected and greeted."""
    tls = stack.tls_context() if door in ("submissions", "imaps", "pop3s", "nntps") else None
    wire = Wire(getattr(stack, door), tls=tls, source=source, timeout=timeout)
    greeting = wire.line()
    assert greeting.startswith(GREETING[door]), greeting
    return wire


def enter_imap(member: Member, mailbox: str | None = "INBOX") -> Wire:
    """Signed in over TLS, a mailbox selected."""
    wire = enter(member.stack, "imaps")
    assert wire.imap(b"LOGIN %b %b" % (member.name.encode(), member.password.encode()))[-1].startswith(b"OK")
    if mailbox is not None:
        assert wire.imap(b"SELECT %b" % mailbox.encode())[-1].startswith(b"OK")
    return wire


def enter_pop3(member: Member) -> Wire:
    """Signed in over TLS. Raises ConnectionRefusedError while another session holds the maildrop."""
    wire = enter(member.stack, "pop3s")
    wire.send(b"USER %b\r\nPASS %b\r\n" % (member.name.encode(), member.password.encode()))
    replies = [wire.line(), wire.line()]
    if not replies[1].startswith(b"+OK"):
        wire.close()
        raise ConnectionRefusedError(replies[1])
    return wire


def enter_smtp(stack: Stack, recipient: Member) -> Wire:
    """As another server, with a recipient accepted."""
    wire = enter(stack, "smtp")
    wire.smtp(b"EHLO client.example")
    assert wire.smtp(b"MAIL FROM:<stranger@example.org>").startswith(b"250 ")
    assert wire.smtp(b"RCPT TO:<%b>" % recipient.address.encode()).startswith(b"250 ")
    return wire


def enter_submission(member: Member) -> Wire:
    """Signed in over TLS."""
    wire = enter(member.stack, "submissions")
    wire.smtp(b"EHLO client.example")
    response = b64encode(b"\0%b\0%b" % (member.name.encode(), member.password.encode()))
    assert wire.smtp(b"AUTH PLAIN " + response).startswith(b"235 ")
    return wire


def send_by_smtp(stack: Stack, recipient: Member, octets: bytes) -> bytes:
    """The reply to a message whose octets are sent as they are, with the final dot behind them."""
    with enter_smtp(stack, recipient) as wire:
        assert wire.smtp(b"DATA").startswith(b"354 ")
        wire.send(octets + b".\r\n")
        return wire.smtp_reply()


def an_ordinary_visit(member: Member) -> float:
    """Receive a message, read it by IMAP; returns the seconds that took. Fails when it is not there."""
    begun = time.monotonic()
    octets = b"Subject: as always\r\nX-Number: %d\r\n\r\nNothing to see here.\r\n" % time.monotonic_ns()
    member.receive(octets)
    assert newest(member).endswith(octets)
    return time.monotonic() - begun


def newest(member: Member) -> bytes:
    """The last message in INBOX, read by IMAP."""
    with member.imap("INBOX") as session:
        found = session.fetch("*", "(BODY.PEEK[])")[1][0]
        assert isinstance(found, tuple)
        return found[1]
