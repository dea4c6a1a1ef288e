"""The four doors for mail that comes in, and the parts behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from services.smtp_ingest.command_table import COMMANDS
from services.smtp_ingest.parts import SmtpParts
from services.smtp_ingest.policy import LMTP, RELAY, SUBMISSION, Policy
from services.smtp_ingest.session import SmtpSession
from services.smtp_ingest.settings import SmtpSettings
from services.smtp_ingest.watch import forget_changed_accounts
from shared.accounts.sign_in import SignIn
from shared.clock import utc_now
from shared.conversation.limits import Limits
from shared.mail.deliver import Delivery
from shared.mail.intake import MessageIntake
from shared.mail.resolve import Resolver
from shared.rooms.open_posting import open_posting
from shared.runtime.doors import Door
from shared.runtime.parts import Parts

LIMITS = Limits(
    line_octets=4096,  # 512 (RFC 5321 §4.5.3.1.4) and what extensions add; AUTH lines are the longest
    transfer=timedelta(minutes=10),  # RFC 5321 §4.5.3.2.6
)


def open_doors(parts: Parts[SmtpSettings]) -> Sequence[Door]:
    """The doors smtp, submission, submissions and lmtp."""
    settings = parts.settings
    of_all_doors = _smtp_parts(parts)
    intake = settings.make_intake()

    def door(name: str, policy: Policy, *, implicit_tls: bool = False) -> Door:
        smtp_parts = replace(of_all_doors, policy=policy)
        # All mail may come from the one relay that the LMTP door is for.
        places = {"max_connections_per_address": settings.smtp_connections} if policy.lmtp else {}
        return parts.door(
            name,
            lambda: SmtpSession(smtp_parts, COMMANDS),
            replace(LIMITS, idle=settings.smtp_idle_limit),
            of="smtp",
            tls=implicit_tls,
            intake=intake,
            **places,
        )

    return [
        door("smtp", RELAY),
        door("submission", SUBMISSION),
        door("submissions", SUBMISSION, implicit_tls=True),
        door("lmtp", LMTP),
    ]


def _smtp_parts(parts: Parts[SmtpSettings]) -> SmtpParts:
    """What sessions of all doors of this process share."""
    settings = parts.settings
    resolver = Resolver(parts.database, settings.mail_domain)
    forget_changed_accounts(parts.bus, resolver)
    message_intake = MessageIntake(parts.database, parts.reactor)
    rooms, _, posting = open_posting(parts)
    parts.before_closing.append(message_intake.close)
    return SmtpParts(
        policy=RELAY,
        from_policy=settings.submission_from,
        hostname=settings.hostname,
        mail_domain=settings.mail_domain,
        database=parts.database,
        resolver=resolver,
        delivery=Delivery(message_intake),
        rooms=rooms,
        posting=posting,
        sign_in=SignIn(parts.database, parts.bus.redis, parts.reactor, settings),
        message_octets=settings.message_octets,
        recipients=settings.smtp_recipients,
        errors=settings.smtp_errors,
        tls_options=parts.certificates.context_factory,
        now=utc_now,
    )
