"""The doors of mail access, and the parts behind them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from services.mail_access.imap.doors import open_imap_doors
from services.mail_access.pop3.doors import open_pop3_doors
from services.mail_access.settings import MailAccessSettings
from shared.accounts.sign_in import SignIn
from shared.folders.body_cache import BodyCache
from shared.folders.purge import purge
from shared.rooms.tidy import tidy_rooms
from shared.runtime.doors import Door
from shared.runtime.parts import Parts
from shared.runtime.regularly import regularly


def open_doors(parts: Parts[MailAccessSettings]) -> Sequence[Door]:
    """The doors imap, imaps, pop3 and pop3s. Once a day articles expire, and what was expunged long ago is deleted."""
    regularly(
        parts.reactor,
        timedelta(days=1),
        lambda: _purge(parts),
        "the purge of expunged messages",
        parts.before_closing,
    )
    sign_in = SignIn(parts.database, parts.bus.redis, parts.reactor, parts.settings)
    # The rest of the cache is for what IMAP makes of messages: pieces, texts, headers.
    bodies = BodyCache(parts.database, parts.settings.message_cache_octets * 3 // 8)
    return [*open_imap_doors(parts, sign_in, bodies), *open_pop3_doors(parts, sign_in, bodies)]


async def _purge(parts: Parts[MailAccessSettings]) -> None:
    """In this order: what rooms let go of may be what nothing else refers to."""
    await tidy_rooms(parts.database, parts.settings.expunged_kept)
    await purge(parts.database, parts.settings.expunged_kept)
