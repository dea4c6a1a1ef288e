"""The parts that POP3 sessions work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.mail_access.pop3.apop_offer import ApopOffer
from shared.accounts.sign_in import SignIn
from shared.accounts.signed_in import SignedIn
from shared.database.database import Database
from shared.events.bus import Bus
from shared.folders.body_cache import BodyCache


@dataclass(frozen=True, slots=True)
class Pop3Parts:
    """The parts a session works with; one for all sessions."""

    hostname: str
    database: Database
    bodies: BodyCache
    bus: Bus
    sign_in: SignIn
    process: UUID  # renews this process's leases
    errors: int  # refusals after which the client is let go
    tls_options: Callable[[], object] | None  # makes what Conversation.start_tls takes; None: no STLS here
    now: Callable[[], datetime]
    apop: ApopOffer
    sessions: SignedIn = field(default_factory=SignedIn)
    holders: set[UUID] = field(default_factory=set)  # of the maildrops that this process's sessions have open
