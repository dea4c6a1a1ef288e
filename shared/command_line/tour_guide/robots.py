"""The tour's station at a robot: a search by mail, and its answer in the INBOX."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Iterator
from email import message_from_bytes, policy

from shared.command_line.tour_guide.doors import TIMEOUT_SECONDS, Doors, Visitor
from shared.command_line.tour_guide.idle import IdleClient
from shared.command_line.tour_guide.station import NotAsPromised, Station, station

WORDS = "front page"  # of a new wiki's first page


def ask_a_robot(doors: Doors, visitor: Visitor) -> Iterator[Station]:
    """Write to search@, and read what it has found."""
    robot = f"search@{visitor.address.rpartition('@')[2]}"
    idle = IdleClient(doors, visitor)
    idle.start()
    query = f"From: {visitor.address}\r\nTo: {robot}\r\nSubject: {WORDS}\r\n\r\n"
    begun = time.perf_counter()
    with smtplib.SMTP_SSL(*doors["submissions"], timeout=TIMEOUT_SECONDS, context=doors.tls) as session:
        session.login(visitor.name, visitor.password)
        session.sendmail(visitor.address, [robot], query.encode())
        taken = time.perf_counter()
    yield station("submissions", f'over TLS, a mail to {robot}, "{WORDS}": 250, it will be answered', begun, taken)
    _, heard = idle.next_arrival()
    idle.stop()
    _, octets = idle.fetch_last()
    idle.session.logout()
    answer = message_from_bytes(octets, policy=policy.default)
    if answer["Auto-Submitted"] != "auto-replied":
        raise NotAsPromised(f"the newest message is no answer of {robot}")
    yield station("IMAP", f'"{answer["Subject"]}", {len(octets)} octets, this long after the 250', taken, heard)
