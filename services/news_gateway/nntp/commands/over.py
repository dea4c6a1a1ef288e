"""OVER and XOVER: a line about each article (RFC 3977 §8.3, RFC 2980 §2.8)."""

from __future__ import annotations

from services.news_gateway.nntp.commands.answer_pages import answer_pages
from services.news_gateway.nntp.commands.named import article_called, named_range
from services.news_gateway.nntp.errors import BadArguments
from services.news_gateway.nntp.overview_pages import overview_pages
from services.news_gateway.nntp.replies import END
from services.news_gateway.nntp.session import NntpSession

STATUS = b"224 overview follows\r\n"


async def over(session: NntpSession, argument: bytes) -> None:
    """OVER [range or Message-ID]."""
    words = argument.split()
    if len(words) > 1:
        raise BadArguments
    word = words[0] if words else b""
    if word.startswith(b"<"):
        found = await article_called(session, word)
        _, _, rest = found.overview.partition(b"\t")
        session.write(STATUS + b"0\t" + rest + END)
        return
    selected, wanted = await named_range(session, word)
    await answer_pages(session, STATUS, overview_pages(session.parts.database, selected.folder_id, wanted))
