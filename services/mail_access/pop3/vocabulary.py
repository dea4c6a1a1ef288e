"""Which commands there are in each state (RFC 1939 §4 to §7, RFC 2449 §5, RFC 2595 §4, RFC 5034)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from services.mail_access.pop3.commands.capa import capa
from services.mail_access.pop3.commands.delete import dele, rset
from services.mail_access.pop3.commands.listing import list_, stat, uidl
from services.mail_access.pop3.commands.retrieve import retr, top
from services.mail_access.pop3.commands.session_end import noop, quit_
from services.mail_access.pop3.commands.sign_in import apop, auth, pass_, user
from services.mail_access.pop3.commands.stls import stls

if TYPE_CHECKING:
    from services.mail_access.pop3.session import Pop3Session

Command = Callable[["Pop3Session", bytes], Awaitable[None]]

AUTHORIZATION: dict[bytes, Command] = {
    b"CAPA": capa,
    b"STLS": stls,
    b"USER": user,
    b"PASS": pass_,
    b"APOP": apop,
    b"AUTH": auth,
    b"QUIT": quit_,
}
TRANSACTION: dict[bytes, Command] = {
    b"CAPA": capa,
    b"STAT": stat,
    b"LIST": list_,
    b"UIDL": uidl,
    b"RETR": retr,
    b"TOP": top,
    b"DELE": dele,
    b"RSET": rset,
    b"NOOP": noop,
    b"QUIT": quit_,
}
