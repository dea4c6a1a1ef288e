"""The methods of HTTP, which end a session."""

from __future__ import annotations

from services.smtp_ingest import replies
from services.smtp_ingest.session import SmtpSession


async def http(session: SmtpSession, argument: bytes) -> None:
    """A page on the web can have a browser on this machine send a form to any port of it.

    The lines behind the first would be obeyed as commands of a client that is trusted (Postfix:
    smtpd_forbidden_commands).
    """
    session.over = True
    session.say(replies.NOT_HTTP)
