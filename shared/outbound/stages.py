"""The limits of time for each stage of a delivery (RFC 5321 §4.5.3.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple


class Stages(NamedTuple):
    """How long each stage may take; RFC 5321's own minimum, but for what it does not name."""

    connect: timedelta = timedelta(seconds=30)  # name and handshake of TCP, for each server of the route
    greeting: timedelta = timedelta(minutes=5)
    tls: timedelta = timedelta(minutes=1)
    command: timedelta = timedelta(minutes=5)  # EHLO, STARTTLS, AUTH, MAIL, RCPT
    data: timedelta = timedelta(minutes=2)  # until 354
    block: timedelta = timedelta(minutes=3)  # until the server takes more of the message
    dot: timedelta = timedelta(minutes=10)  # until the message is answered: too short a wait makes duplicates
    idle: timedelta = timedelta(seconds=2)  # a connection is kept so long for another message
