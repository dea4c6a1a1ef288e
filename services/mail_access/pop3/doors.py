"""The POP3 doors, and the parts behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from services.mail_access.pop3.apop_offer import ApopOffer
from services.mail_access.pop3.command_table import AUTHORIZATION, TRANSACTION
from services.mail_access.pop3.parts import Pop3Parts
from services.mail_access.pop3.session import Pop3Session
from services.mail_access.settings import MailAccessSettings
from shared.accounts.revocation import Revocation
from shared.accounts.sign_in import SignIn
from shared.clock import utc_now
from shared.conversation.limits import Limits
from shared.folders.body_cache import BodyCache
from shared.mail.maildrop_lease import RENEWAL, renew_maildrops
from shared.runtime.doors import Door
from shared.runtime.parts import Parts
from shared.runtime.regularly import regularly

LIMITS = Limits(
    line_octets=8192,  # RFC 2449 §4 has 255; SASL's responses are longer (RFC 5034 §4)
    in_all=timedelta(minutes=5),  # until signed in: a client that only sends CAPA again and again must not keep a place
)


def open_pop3_doors(parts: Parts[MailAccessSettings], sign_in: SignIn, bodies: BodyCache) -> Sequence[Door]:
    """The doors pop3 and pop3s."""
    settings = parts.settings
    pop3_parts = Pop3Parts(
        hostname=settings.hostname,
        database=parts.database,
        bodies=bodies,
        bus=parts.bus,
        sign_in=sign_in,
        process=uuid4(),
        errors=settings.pop3_errors,
        tls_options=parts.certificates.context_factory,
        now=utc_now,
        apop=ApopOffer(parts.database),
    )
    pop3_parts.apop.watch(parts.bus)
    Revocation(parts.database, pop3_parts.sessions).watch(parts.bus)
    regularly(
        parts.reactor,
        RENEWAL,
        lambda: parts.database.transact(renew_maildrops, pop3_parts.process, tuple(pop3_parts.holders)),
        "renewing maildrops",
        parts.before_closing,
    )

    def door(name: str, *, implicit_tls: bool = False) -> Door:
        return parts.door(
            name,
            lambda: Pop3Session(pop3_parts, AUTHORIZATION, TRANSACTION),
            replace(LIMITS, idle=settings.pop3_idle_limit),
            of="pop3",
            tls=implicit_tls,
        )

    return [door("pop3"), door("pop3s", implicit_tls=True)]
