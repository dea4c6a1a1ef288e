"""COMPRESS DEFLATE: from its reply on, both directions are deflated (RFC 8054)."""

from __future__ import annotations

from services.news_gateway.nntp import replies
from services.news_gateway.nntp.session import NntpSession


async def compress(session: NntpSession, argument: bytes) -> None:
    """COMPRESS algorithm."""
    algorithm = argument.strip().upper()
    if not algorithm or b" " in algorithm:
        session.refuse(replies.SYNTAX)
    elif session.compressed:
        session.refuse(replies.COMPRESSED_ALREADY)
    elif algorithm != b"DEFLATE":
        session.refuse(b"503 DEFLATE is the only compression\r\n")
    else:
        session.write(b"206 DEFLATE from now on\r\n")
        session.compressed = True
        session.start_deflate()
