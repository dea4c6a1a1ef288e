"""The tables of POP3 commands, one for each state (RFC 1939 §4 to §7, RFC 2449 §5, RFC 2595 §4, RFC 5034)."""

from __future__ import annotations

from collections.abc import Mapping

from services.mail_access.pop3.commands.capa import capa, capa_signed_in
from services.mail_access.pop3.commands.delete import dele, rset
from services.mail_access.pop3.commands.listing import list_, stat, uidl
from services.mail_access.pop3.commands.noop import noop
from services.mail_access.pop3.commands.quit import quit_, update
from services.mail_access.pop3.commands.retrieve import retr, top
from services.mail_access.pop3.commands.sign_in import apop, auth, pass_, user
from services.mail_access.pop3.commands.stls import stls
from services.mail_access.pop3.session import StrangersCommand, TransactionCommand

AUTHORIZATION: Mapping[bytes, StrangersCommand] = {
    b"CAPA": capa,
    b"STLS": stls,
    b"USER": user,
    b"PASS": pass_,
    b"APOP": apop,
    b"AUTH": auth,
    b"QUIT": quit_,
}
TRANSACTION: Mapping[bytes, TransactionCommand] = {
    b"CAPA": capa_signed_in,
    b"STAT": stat,
    b"LIST": list_,
    b"UIDL": uidl,
    b"RETR": retr,
    b"TOP": top,
    b"DELE": dele,
    b"RSET": rset,
    b"NOOP": noop,
    b"QUIT": update,
}
