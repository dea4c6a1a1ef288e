"""NNTP's capabilities (RFC 3977 §5.2), announced here alone; each has its tests (tests/test_capabilities.py)."""

from __future__ import annotations

from services.news_gateway.nntp.session import NntpSession
from shared.accounts import sasl
from shared.errors import DomainError

# Without LOGIN: old programs use AUTHINFO USER.
MECHANISMS = tuple(each for each in sasl.MECHANISMS if each != "LOGIN")
# RFC 3977 §7.6, RFC 6048; each is a line in commands/listing.py, which a test compares with this.
LISTS = (
    *("ACTIVE", "ACTIVE.TIMES", "COUNTS", "DISTRIB.PATS", "DISTRIBUTIONS", "HEADERS", "MODERATORS", "MOTD"),
    *("NEWSGROUPS", "OVERVIEW.FMT", "SUBSCRIPTIONS"),
)


async def capabilities(session: NntpSession) -> list[str]:
    """The capabilities of `session` in its present state."""
    lines = ["VERSION 2", "IMPLEMENTATION Agora", "READER", "HDR", "LIST " + " ".join(LISTS), "NEWNEWS", "OVER MSGID"]
    lines.append("XPAT")
    if await _may_post(session):
        lines.append("POST")
    if session.may_relay:
        lines.append("IHAVE")
    if session.offers_sign_in:
        lines += ["AUTHINFO USER SASL", "SASL " + " ".join(MECHANISMS)]
    if session.offers_tls:
        lines.append("STARTTLS")
    if not session.compressed:
        lines.append("COMPRESS DEFLATE")
    return lines


async def _may_post(session: NntpSession) -> bool:
    """Whether posting is offered; while the store is away it is not, and the other capabilities stay."""
    try:
        return await session.may_post()
    except DomainError:
        return False
