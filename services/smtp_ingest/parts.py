"""The parts that SMTP sessions work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.smtp_ingest.policy import FromPolicy, Policy
from shared.accounts.sign_in import SignIn
from shared.database.database import Database
from shared.mail.deliver import Delivery
from shared.mail.resolve import Resolver
from shared.rooms.directory import Directory
from shared.rooms.posting import Posting


@dataclass(frozen=True, slots=True)
class SmtpParts:
    """The parts a session works with; one for all sessions of a port."""

    policy: Policy
    from_policy: FromPolicy
    hostname: str
    mail_domain: str  # of accounts' first addresses
    database: Database
    resolver: Resolver
    delivery: Delivery
    rooms: Directory
    posting: Posting
    sign_in: SignIn
    message_octets: int  # the largest message taken (RFC 1870 SIZE)
    recipients: int  # how many one transaction takes
    errors: int  # refusals after which the client is let go
    tls_options: Callable[[], object] | None  # makes what Conversation.start_tls takes; None: no STARTTLS here
    now: Callable[[], datetime]  # the time, aware and in UTC
