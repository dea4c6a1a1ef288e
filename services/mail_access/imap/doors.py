"""The IMAP doors, and the parts behind them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from services.mail_access.imap.command_table import RULES
from services.mail_access.imap.message_cache import MessageCache
from services.mail_access.imap.parts import ImapParts
from services.mail_access.imap.reading import STRANGER
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.shared_changes import SharedChanges
from services.mail_access.settings import MailAccessSettings
from shared.accounts.revocation import Revocation
from shared.accounts.sign_in import SignIn
from shared.accounts.signed_in import SignedIn
from shared.conversation.factory import ConversationFactory
from shared.conversation.limits import Limits
from shared.feeds.overdue import OverdueFeeds
from shared.folders.body_cache import BodyCache
from shared.mail.intake import MessageIntake
from shared.rooms.posts.open_posting import open_posting
from shared.runtime.doors import Door
from shared.runtime.parts import Parts, door_factory

STRANGER_LIMITS = Limits(
    line_octets=STRANGER.text_octets,  # all that a stranger's command may hold
    idle=timedelta(minutes=1),  # a program signs in at once; a person at a terminal still can
    in_all=timedelta(minutes=5),  # however busy it is: a client that does not sign in must not keep a place
)
LINE_OCTETS = 256 * 1024  # clients that list 20,000 UIDs one by one need 200 KiB


def member_limits(settings: MailAccessSettings) -> Limits:
    return Limits(line_octets=LINE_OCTETS, idle=settings.imap_idle_limit)


def make_imap_parts(parts: Parts[MailAccessSettings], sign_in: SignIn, bodies: BodyCache) -> ImapParts:
    """What all IMAP sessions of this process share."""
    settings = parts.settings
    # One gathering at a time: a client that sends several messages at once expects them to be numbered in its order.
    message_intake = MessageIntake(parts.database, parts.reactor, most_at_once=1)
    parts.before_closing.append(message_intake.close)
    rooms, _, posting = open_posting(parts)
    imap_parts = ImapParts(
        reactor=parts.reactor,
        settings=settings,
        database=parts.database,
        bus=parts.bus,
        sign_in=sign_in,
        message_cache=MessageCache(parts.reactor, parts.database, bodies, settings.message_cache_octets * 5 // 8),
        changes=SharedChanges(parts.database),
        message_intake=message_intake,
        rooms=rooms,
        overdue=OverdueFeeds(parts.database, parts.bus, parts.reactor),
        posting=posting,
        member_limits=member_limits(settings),
        certificates=parts.certificates,
        sessions=SignedIn(settings.imap_sessions_per_account),
        intake=settings.make_intake(),
    )
    Revocation(parts.database, imap_parts.sessions).watch(parts.bus)
    return imap_parts


def make_factory(imap_parts: ImapParts, name: str, *, implicit_tls: bool = False) -> ConversationFactory:
    """A door's factory."""
    return door_factory(
        imap_parts.settings,
        imap_parts.certificates,
        imap_parts.reactor,
        name,
        lambda: ImapSession(imap_parts, RULES),
        STRANGER_LIMITS,
        of="imap",
        tls=implicit_tls,
        intake=imap_parts.intake,
    )


def open_imap_doors(parts: Parts[MailAccessSettings], sign_in: SignIn, bodies: BodyCache) -> Sequence[Door]:
    """The doors imap and imaps."""
    imap_parts = make_imap_parts(parts, sign_in, bodies)
    return [
        Door("imap", parts.settings.endpoints_of("imap"), make_factory(imap_parts, "imap")),
        Door("imaps", parts.settings.endpoints_of("imaps"), make_factory(imap_parts, "imaps", implicit_tls=True)),
    ]
