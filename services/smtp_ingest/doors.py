"""The four doors for mail that comes in, and the parts behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from services.smtp_ingest.command_table import COMMANDS
from services.smtp_ingest.parts import SmtpParts
from services.smtp_ingest.policy import LMTP, RELAY, SUBMISSION, Policy
from services.smtp_ingest.sending import caps_of, open_names, open_runner
from services.smtp_ingest.session import SmtpSession
from services.smtp_ingest.settings import SmtpSettings
from services.smtp_ingest.watch import forget_changed_accounts
from shared.accounts.sign_in import SignIn
from shared.clock import utc_now
from shared.content_check.checker import ContentChecker
from shared.conversation.limits import Limits
from shared.mail.deliver import Delivery
from shared.mail.intake import MessageIntake
from shared.mail.resolve import Resolver
from shared.mail.return_addresses import ReturnAddresses
from shared.outbound.enqueue import append_and_queue
from shared.outbound.mail_names import MailNames
from shared.rooms.posts.open_posting import open_posting
from shared.runtime.doors import Door
from shared.runtime.parts import Parts
from shared.senders.book import SenderBook
from shared.trust.checks import Checks
from shared.trust.names import CheckedNames
from shared.trust.settings import Unproved
from shared.trust.strangers import Strangers

LIMITS = Limits(
    line_octets=4096,  # 512 (RFC 5321 §4.5.3.1.4) and what extensions add; AUTH lines are the longest
    transfer=timedelta(minutes=10),  # RFC 5321 §4.5.3.2.6
)


async def open_doors(parts: Parts[SmtpSettings]) -> Sequence[Door]:
    """The doors smtp, submission, submissions and lmtp, once the rules about senders were looked for."""
    settings = parts.settings
    of_all_doors = _smtp_parts(parts)
    await of_all_doors.senders.start()
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
    resolver = Resolver(parts.database, settings.mail_domain, robots=settings.optional_robots)
    forget_changed_accounts(parts.bus, resolver)
    message_intake = MessageIntake(parts.database, parts.reactor, operation=append_and_queue(caps_of(settings)))
    rooms, _, posting = open_posting(parts)
    names = open_names(parts)
    senders = SenderBook(parts.database, parts.bus, parts.reactor, settings.poll_interval)
    parts.before_closing.extend((message_intake.close, senders.close))
    return SmtpParts(
        policy=RELAY,
        from_policy=settings.submission_from,
        hostname=settings.hostname,
        mail_domain=settings.mail_domain,
        database=parts.database,
        resolver=resolver,
        return_addresses=ReturnAddresses(parts.database, resolver, settings.mail_domain, utc_now),
        delivery=Delivery(message_intake),
        routes=open_runner(parts, names),
        rooms=rooms,
        posting=posting,
        senders=senders,
        content_check=_content_check(parts),
        robot_strangers=settings.robot_strangers,
        sign_in=SignIn(parts.database, parts.bus.redis, parts.reactor, settings),
        message_octets=settings.message_octets,
        recipients=settings.smtp_recipients,
        subscriber_bounces=settings.room_subscriber_bounces,
        errors=settings.smtp_errors,
        tls_options=parts.certificates.context_factory,
        now=utc_now,
        strangers=_strangers(parts, names),
    )


def _content_check(parts: Parts[SmtpSettings]) -> ContentChecker | None:
    settings = parts.settings
    if not settings.content_check:
        return None
    return ContentChecker(
        parts.reactor,
        settings.content_check,
        time_limit=settings.content_check_time_limit,
        octets=settings.content_check_octets,
        at_once=settings.content_check_at_once,
        hostname=settings.hostname,
        failure=settings.content_check_failure,
    )


def _strangers(parts: Parts[SmtpSettings], names: MailNames) -> Strangers | None:
    settings = parts.settings
    if settings.arrival_policy is Unproved.UNCHECKED:
        return None
    checks = Checks(
        parts.reactor,
        CheckedNames(names.dns, parts.reactor.seconds),
        time_limit=settings.arrival_time_limit,
        at_once=settings.arrival_checks,
    )
    return Strangers(checks, settings.arrival_policy, settings.arrival_own_networks)
