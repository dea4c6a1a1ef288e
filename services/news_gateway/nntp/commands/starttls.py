"""STARTTLS: from here on encrypted (RFC 4642)."""

from __future__ import annotations

from services.news_gateway.nntp import replies
from services.news_gateway.nntp.session import NntpSession


async def starttls(session: NntpSession, argument: bytes) -> None:
    """STARTTLS.

    Commands sent ahead of the handshake are thrown away; the name and the selected group are forgotten (§2.2.2).
    """
    if argument.strip():
        session.refuse(replies.SYNTAX)
    elif session.offers_tls and session.parts.tls_options is not None:
        session.write(replies.TLS_GO_AHEAD)
        session.user = session.selected = None
        session.in_the_middle = True
        await session.start_tls(session.parts.tls_options())
    elif session.tls is not None:
        session.refuse(replies.TLS_ALREADY)
    elif session.account is not None:
        session.refuse(replies.SIGNED_IN_ALREADY)
    elif session.compressed:
        session.refuse(replies.COMPRESSED_ALREADY)
    else:
        session.refuse(replies.NO_TLS)
