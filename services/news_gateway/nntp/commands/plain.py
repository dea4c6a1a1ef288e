"""DATE, HELP, QUIT (RFC 3977 §5.4, §7.1, §7.2), and SLAVE, which old programs say (RFC 977 §3.12)."""

from __future__ import annotations

from services.news_gateway.nntp import replies
from services.news_gateway.nntp.session import NntpSession


async def date(session: NntpSession, argument: bytes) -> None:
    """DATE: the time in UTC."""
    session.write(session.parts.now().strftime("111 %Y%m%d%H%M%S\r\n").encode())


async def help_(session: NntpSession, argument: bytes) -> None:
    """HELP: the verbs."""
    verbs = b"".join(b"  %b\r\n" % verb for verb in sorted(session.verbs))
    session.write(b"100 commands\r\n" + verbs + replies.END)


async def quit_(session: NntpSession, argument: bytes) -> None:
    """QUIT."""
    session.over = True
    session.write(replies.GOODBYE)


async def slave(session: NntpSession, argument: bytes) -> None:
    """SLAVE: taken note of."""
    session.write(b"202 noted\r\n")
