"""The whole vocabulary: each verb and the command that obeys it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from services.smtp_ingest.commands.auth import auth
from services.smtp_ingest.commands.bdat import bdat
from services.smtp_ingest.commands.data import data
from services.smtp_ingest.commands.hello import ehlo, helo, lhlo
from services.smtp_ingest.commands.mail import mail
from services.smtp_ingest.commands.rcpt import rcpt
from services.smtp_ingest.commands.simple import expn, help_, noop, quit_, rset, vrfy
from services.smtp_ingest.commands.starttls import starttls

if TYPE_CHECKING:
    from services.smtp_ingest.session import SmtpSession

COMMANDS: dict[bytes, Callable[[SmtpSession, bytes], Awaitable[None]]] = {
    b"HELO": helo,
    b"EHLO": ehlo,
    b"LHLO": lhlo,
    b"MAIL": mail,
    b"RCPT": rcpt,
    b"DATA": data,
    b"BDAT": bdat,
    b"RSET": rset,
    b"NOOP": noop,
    b"QUIT": quit_,
    b"VRFY": vrfy,
    b"EXPN": expn,
    b"HELP": help_,
    b"AUTH": auth,
    b"STARTTLS": starttls,
}

# A page on the web can have a browser on this machine send a form to any port of it: the lines behind it would be
# obeyed as commands of a client that is trusted (Postfix: smtpd_forbidden_commands). The first of them ends it.
HTTP_METHODS = frozenset(
    (b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"CONNECT", b"TRACE", b"PRI")
)
