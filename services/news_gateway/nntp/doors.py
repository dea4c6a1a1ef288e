"""The NNTP doors, and the parts behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from services.news_gateway.nntp.command_table import COMMANDS
from services.news_gateway.nntp.message_of_the_day import MessageOfTheDay
from services.news_gateway.nntp.parts import NntpParts
from services.news_gateway.nntp.read_marks import ReadMarks
from services.news_gateway.nntp.session import NntpSession
from services.news_gateway.settings import NewsGatewaySettings
from shared.accounts.revocation import Revocation
from shared.accounts.sign_in import SignIn
from shared.clock import utc_now
from shared.conversation.limits import Limits
from shared.feeds.overdue import OverdueFeeds
from shared.folders.body_cache import BodyCache
from shared.rooms.directory import Directory
from shared.rooms.posts.posting import Posting
from shared.runtime.doors import Door
from shared.runtime.parts import Parts

LIMITS = Limits(
    line_octets=8192,  # RFC 3977 §3.1 has 512; SASL's responses are longer (RFC 4643 §2.4.2)
    transfer=timedelta(minutes=5),
)


def open_nntp_doors(
    parts: Parts[NewsGatewaySettings], directory: Directory, posting: Posting, sign_in: SignIn, bodies: BodyCache
) -> Sequence[Door]:
    """The doors nntp and nntps."""
    settings = parts.settings
    nntp_parts = NntpParts(
        hostname=settings.hostname,
        mail_domain=settings.mail_domain,
        motd=MessageOfTheDay(settings.news_motd_file),
        database=parts.database,
        bus=parts.bus,
        bodies=bodies,
        directory=directory,
        posting=posting,
        overdue=OverdueFeeds(parts.database, parts.bus, parts.reactor),
        sign_in=sign_in,
        read_marks=ReadMarks(parts.database, parts.reactor, parts.before_closing),
        article_octets=settings.news_article_octets,
        errors=settings.nntp_errors,
        tls_options=parts.certificates.context_factory,
        now=utc_now,
    )
    Revocation(parts.database, nntp_parts.sessions).watch(parts.bus)
    intake = settings.make_intake()

    def door(name: str, *, implicit_tls: bool = False) -> Door:
        return parts.door(
            name,
            lambda: NntpSession(nntp_parts, COMMANDS),
            replace(LIMITS, idle=settings.nntp_idle_limit),
            of="nntp",
            tls=implicit_tls,
            intake=intake,
        )

    return [door("nntp"), door("nntps", implicit_tls=True)]
