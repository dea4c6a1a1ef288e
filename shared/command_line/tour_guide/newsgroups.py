"""The stations of the tour at the newsgroups: a newsreader over TLS, and the same article behind IMAP."""

from __future__ import annotations

import imaplib
import re
import smtplib
import socket
import time
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from io import BufferedRWPair

from shared.command_line.terminal.quantities import counted
from shared.command_line.tour_guide.doors import TIMEOUT_SECONDS, Doors, Visitor
from shared.command_line.tour_guide.station import NotAsPromised, Station, station


def visit_newsgroups(doors: Doors, visitor: Visitor) -> Iterator[Station]:
    """Sign in, ask for the groups, and post to the visitor's room, if there is one; the article is in IMAP, too."""
    begun = time.perf_counter()
    host, port = doors["nntps"]
    with (
        socket.create_connection((host, port), TIMEOUT_SECONDS) as connection,
        doors.tls.wrap_socket(connection, server_hostname=host) as secured,
        secured.makefile("rwb") as session,
    ):
        _expect(session.readline(), b"200 ")
        _ask(session, f"AUTHINFO USER {visitor.name}", b"381 ")
        _ask(session, f"AUTHINFO PASS {visitor.password}", b"281 ")
        _ask(session, "LIST ACTIVE", b"215 ")
        groups = sum(1 for _ in iter(session.readline, b".\r\n"))
        what = f"{visitor.name} signs in over TLS and asks for newsgroups: {counted(groups, 'group')}"
        yield station("NNTP", what, begun)
        if visitor.room is not None:
            yield from _post_and_read(doors, visitor, visitor.room, session)
        _ask(session, "QUIT", b"205 ")


def _post_and_read(doors: Doors, visitor: Visitor, room: str, session: BufferedRWPair) -> Iterator[Station]:
    begun = time.perf_counter()
    _ask(session, "POST", b"340 ")
    _ask(session, f"{_article(visitor, room)}.", b"240 ")
    yield station("NNTP", f"POST to {room}: 240, it is on disk", begun)
    begun = time.perf_counter()
    number = int(_ask(session, f"GROUP {room}", b"211 ").split()[3])
    _ask(session, f"ARTICLE {number}", b"220 ")
    by_nntp = b"".join(line.removeprefix(b".") for line in iter(session.readline, b".\r\n"))
    yield station("NNTP", f"ARTICLE {number} of {room}: {len(by_nntp)} octets", begun)
    begun = time.perf_counter()
    uid, by_imap = _fetch_by_imap(doors, visitor, room)
    if (uid, by_imap) != (number, by_nntp):
        raise NotAsPromised("IMAP gives another number or other octets than NNTP")
    what = f"FETCH in Rooms/{room}: UID {uid}, {len(by_imap)} octets, the same as by NNTP"
    yield station("IMAP", what, begun)
    yield from _mail_and_read(doors, visitor, room, number, session)


def _mail_and_read(
    doors: Doors, visitor: Visitor, room: str, before: int, session: BufferedRWPair
) -> Iterator[Station]:
    """A mail to the room's address is a post: it has the number after `before`."""
    begun = time.perf_counter()
    address = f"{room}@{visitor.address.rpartition('@')[2]}"
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Tour <{visitor.address}>", address, "By mail"
    mail["Date"], mail["Message-ID"] = formatdate(localtime=True), make_msgid(domain="tour.invalid")
    mail.set_content("Without.")
    with smtplib.SMTP(*doors["submission"], timeout=TIMEOUT_SECONDS) as client:
        client.starttls(context=doors.tls)
        client.login(visitor.name, visitor.password)
        client.sendmail(visitor.address, [address], mail.as_bytes(policy=SMTP))
    yield station("submission", f"a mail to {address}: 250, it is a post, and on disk", begun)
    begun = time.perf_counter()
    number = int(_ask(session, f"GROUP {room}", b"211 ").split()[3])
    identifier = _ask(session, f"STAT {number}", b"223 ").split()[2].decode()
    if (number, identifier) != (before + 1, mail["Message-ID"]):
        raise NotAsPromised(f"NNTP has {identifier} as the number {number} instead of the mail")
    yield station("NNTP", f"the mail is number {number} of {room}", begun)


def _fetch_by_imap(doors: Doors, visitor: Visitor, room: str) -> tuple[int, bytes]:
    """The UID of the newest message in the room's folder, and its octets."""
    with imaplib.IMAP4_SSL(*doors["imaps"], ssl_context=doors.tls, timeout=TIMEOUT_SECONDS) as session:
        session.login(visitor.name, visitor.password)
        status, answer = session.select(f'"Rooms/{room}"', readonly=True)
        if status != "OK":
            raise NotAsPromised(f"IMAP answers {answer!r} to SELECT of Rooms/{room}")
        _, data = session.fetch("*", "(UID BODY.PEEK[])")
        if not isinstance(data[0], tuple) or (uid := re.search(rb"UID (\d+)", data[0][0])) is None:
            raise NotAsPromised(f"IMAP has no message in Rooms/{room}")
        return int(uid[1]), data[0][1]


def _article(visitor: Visitor, room: str) -> str:
    """Its lines; none of them begins with a dot."""
    article = EmailMessage(SMTP)
    article["From"] = f"Tour <{visitor.address}>"
    article["Newsgroups"] = room
    article["Subject"] = "By NNTP"
    article["Date"] = formatdate(localtime=True)
    article["Message-ID"] = make_msgid(domain="tour.invalid")
    article.set_content("With milk?")
    return article.as_string()


def _ask(session: BufferedRWPair, command: str, code: bytes) -> bytes:
    session.write(f"{command}\r\n".encode())
    session.flush()
    return _expect(session.readline(), code)


def _expect(reply: bytes, code: bytes) -> bytes:
    if not reply.startswith(code):
        raise NotAsPromised(f"NNTP answers {reply.decode(errors='replace').strip()!r}")
    return reply
