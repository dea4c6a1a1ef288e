"""The parts that SMTP sessions work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.smtp_ingest.policy import FromPolicy, Policy, RobotStrangers
from shared.accounts.sign_in import SignIn
from shared.content_check.checker import ContentChecker
from shared.database.database import Database
from shared.mail.deliver import Delivery
from shared.mail.resolve import Resolver
from shared.mail.return_addresses import ReturnAddresses
from shared.outbound.routes import Routes
from shared.rooms.directory import Directory
from shared.rooms.posts.posting import Posting
from shared.senders.book import SenderBook
from shared.trust.strangers import Strangers


@dataclass(frozen=True, slots=True)
class SmtpParts:
    """The parts a session works with; one for all sessions of a port."""

    policy: Policy
    from_policy: FromPolicy
    hostname: str
    mail_domain: str  # of accounts' first addresses
    database: Database
    resolver: Resolver
    return_addresses: ReturnAddresses  # of what is forwarded
    delivery: Delivery
    routes: Routes  # to other servers
    rooms: Directory
    posting: Posting
    senders: SenderBook
    content_check: ContentChecker | None
    sign_in: SignIn
    message_octets: int  # the largest message taken (RFC 1870 SIZE)
    recipients: int  # how many one transaction takes
    subscriber_bounces: int  # after so many days with one, a subscription from elsewhere ends
    errors: int  # refusals after which the client is let go
    tls_options: Callable[[], object] | None  # makes what Conversation.start_tls takes; None: no STARTTLS here
    now: Callable[[], datetime]  # the time, aware and in UTC
    robot_strangers: RobotStrangers = RobotStrangers.OFF
    strangers: Strangers | None = None  # the checks of mail that is brought without signing in
