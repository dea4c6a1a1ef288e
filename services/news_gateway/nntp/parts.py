"""The parts that NNTP sessions work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from services.news_gateway.nntp.message_of_the_day import MessageOfTheDay
from services.news_gateway.nntp.read_marks import ReadMarks
from shared.accounts.sign_in import SignIn
from shared.accounts.signed_in import SignedIn
from shared.database.database import Database
from shared.events.bus import Bus
from shared.feeds.overdue import OverdueFeeds
from shared.folders.body_cache import BodyCache
from shared.rooms.directory import Directory
from shared.rooms.posts.posting import Posting


@dataclass(frozen=True, slots=True)
class NntpParts:
    """The parts a session works with; one for all sessions."""

    hostname: str
    mail_domain: str  # of the addresses of rooms
    motd: MessageOfTheDay
    database: Database
    bus: Bus
    bodies: BodyCache
    directory: Directory
    posting: Posting
    overdue: OverdueFeeds
    sign_in: SignIn
    read_marks: ReadMarks
    article_octets: int  # the largest article taken
    errors: int  # refusals in a row after which the client is let go
    tls_options: Callable[[], object] | None  # makes what Conversation.start_tls takes; None: no STARTTLS here
    now: Callable[[], datetime]  # the time, aware and in UTC
    sessions: SignedIn = field(default_factory=SignedIn)
