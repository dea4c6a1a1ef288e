"""The answer about a range of articles: a block of lines, or that there is no article."""

from __future__ import annotations

from collections.abc import AsyncIterator

from services.news_gateway.nntp.errors import NoSuchNumber
from services.news_gateway.nntp.session import NntpSession
from shared.conversation.write_dot_block import write_dot_block


async def answer_pages(session: NntpSession, status: bytes, pages: AsyncIterator[bytes]) -> None:
    """Write the block. Raises NoSuchNumber where there is no page (RFC 3977 §8.3.2), and what the first page raises."""
    await write_dot_block(session, status, _some(pages))


async def _some(pages: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    found = False
    async for page in pages:
        found = True
        yield page
    if not found:
        raise NoSuchNumber
