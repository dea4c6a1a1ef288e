"""The stations of the tour, in their order. Each yields what happened, and raises when it is not as it should be."""

from __future__ import annotations

import hashlib
import poplib
import smtplib
import time
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid

from shared.command_line.terminal.quantities import counted
from shared.command_line.tour_guide.doors import TIMEOUT_SECONDS, Doors, Visitor
from shared.command_line.tour_guide.idle import IdleClient
from shared.command_line.tour_guide.newsgroups import visit_newsgroups
from shared.command_line.tour_guide.robots import ask_a_robot
from shared.command_line.tour_guide.ssh import run_a_command
from shared.command_line.tour_guide.station import NotAsPromised, Station, station
from shared.command_line.tour_guide.way_out import go_out
from shared.command_line.tour_guide.web import write_a_page


def stations(doors: Doors, visitor: Visitor) -> Iterator[Station]:
    """One message by submission and one by LMTP, seen by IMAP and POP3; a robot; newsgroups; SSH; a page; the web."""
    begun = time.perf_counter()
    idle = IdleClient(doors, visitor)
    idle.start()
    yield station("IMAP", f"{visitor.name} signs in over {idle.tls_version}, opens INBOX and waits (IDLE)", begun)
    message = _message(visitor, "By submission", "At four?").as_bytes(policy=SMTP)
    yield from _submit(doors, visitor, message, idle)
    yield from _hand_over_by_lmtp(doors, visitor, idle)
    yield from _stranger_writes_to_nobody(doors, visitor)
    idle.stop()
    begun = time.perf_counter()
    uid, by_imap = idle.fetch_last()
    yield station("IMAP", f"FETCH of the newest: UID {uid}, {len(by_imap)} octets, sha256 {_digest(by_imap)}", begun)
    yield from _retrieve_by_pop3(doors, visitor, by_imap)
    idle.session.logout()
    yield from ask_a_robot(doors, visitor)
    yield from visit_newsgroups(doors, visitor)
    yield from run_a_command(doors, visitor)
    yield from write_a_page(doors, visitor)
    yield from go_out(doors, visitor)


def _submit(doors: Doors, visitor: Visitor, message: bytes, idle: IdleClient) -> Iterator[Station]:
    begun = time.perf_counter()
    with smtplib.SMTP(*doors["submission"], timeout=TIMEOUT_SECONDS) as session:
        session.starttls(context=doors.tls)
        session.login(visitor.name, visitor.password)
        yield station("submission", "STARTTLS, and signs in (AUTH)", begun)
        begun = time.perf_counter()
        session.sendmail(visitor.address, [visitor.address], message)
        taken = time.perf_counter()
        yield station("submission", f'"By submission" to {visitor.address}: 250, it is on disk', begun, taken)
        yield _arrival(idle, taken)


def _hand_over_by_lmtp(doors: Doors, visitor: Visitor, idle: IdleClient) -> Iterator[Station]:
    begun = time.perf_counter()
    with smtplib.LMTP(*doors["lmtp"], timeout=TIMEOUT_SECONDS) as session:
        session.sendmail(
            "neighbour@example.org", [visitor.address], _message(visitor, "By LMTP", "Yes.").as_bytes(policy=SMTP)
        )
        taken = time.perf_counter()
    yield station("LMTP", "another mail server hands over an answer: 250 for its recipient", begun, taken)
    yield _arrival(idle, taken)


def _arrival(idle: IdleClient, taken: float) -> Station:
    new, heard = idle.next_arrival()
    if new != 1:
        raise NotAsPromised(f"IMAP IDLE told of {counted(new, 'new message')} instead of 1")
    return station("IMAP", f"IDLE says * {idle.count} EXISTS, this long after the 250", taken, heard)


def _stranger_writes_to_nobody(doors: Doors, visitor: Visitor) -> Iterator[Station]:
    """Refused, unless the domain has an address for all that lead nowhere else; nothing is sent either way."""
    nobody = f"nobody-{visitor.address}"
    begun = time.perf_counter()
    with smtplib.SMTP(*doors["smtp"], timeout=TIMEOUT_SECONDS) as session:
        session.ehlo()
        session.mail("stranger@example.org")
        code, words = session.rcpt(nobody)
    if code == 250:
        everybody = f"*@{nobody.rpartition('@')[2]}"
        yield station("SMTP", f"a stranger writes to somebody unknown: 250, as {everybody} takes it", begun)
        return
    if code != 550:  # RFC 5321 §4.2.3: mailbox unavailable
        raise NotAsPromised(f"mail for {nobody} was answered by {code} {words.decode(errors='replace')}")
    yield station("SMTP", f"a stranger writes to somebody unknown: {code} {words.decode()}", begun)


def _retrieve_by_pop3(doors: Doors, visitor: Visitor, by_imap: bytes) -> Iterator[Station]:
    begun = time.perf_counter()
    session = poplib.POP3_SSL(*doors["pop3s"], context=doors.tls, timeout=TIMEOUT_SECONDS)
    session.user(visitor.name)
    session.pass_(visitor.password)
    count, _ = session.stat()
    yield station("POP3", f"signs in, {counted(count, 'message')} in the maildrop", begun)
    begun = time.perf_counter()
    _, lines, _ = session.retr(count)
    by_pop3 = b"".join(line + b"\r\n" for line in lines)
    if by_pop3 != by_imap:
        raise NotAsPromised("POP3 gives other octets than IMAP")
    yield station("POP3", f"RETR of the newest: {len(by_pop3)} octets, the same as by IMAP", begun)
    session.quit()


def _message(visitor: Visitor, subject: str, text: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = f"Tour <{visitor.address}>"
    message["To"] = visitor.address
    message["Subject"] = subject
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid(domain="tour.invalid")
    message.set_content(text)
    return message


def _digest(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()[:12]
