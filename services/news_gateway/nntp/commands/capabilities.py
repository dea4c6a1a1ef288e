"""CAPABILITIES: what this server can do (RFC 3977 §5.2)."""

from __future__ import annotations

from services.news_gateway.nntp.capabilities import capabilities as capability_lines
from services.news_gateway.nntp.session import NntpSession


async def capabilities(session: NntpSession, argument: bytes) -> None:
    """CAPABILITIES [keyword]: the keyword changes nothing."""
    lines = "".join(f"{line}\r\n" for line in await capability_lines(session))
    session.write(f"101 capabilities\r\n{lines}.\r\n".encode())
