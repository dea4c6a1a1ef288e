"""What every POP3 session is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.accounts.sign_in import SignIn
from shared.database.database import Database
from shared.events.bus import Bus


@dataclass(frozen=True, slots=True)
class Pop3Door:
    """The parts a session works with; one for all sessions."""

    hostname: str
    database: Database
    bus: Bus
    sign_in: SignIn
    process: UUID  # renews this process's leases
    errors: int  # refusals after which the client is let go
    tls_options: Callable[[], object] | None  # makes what Conversation.start_tls takes; None: no STLS here
    now: Callable[[], datetime]
