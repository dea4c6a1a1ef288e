"""The table of SMTP commands: each verb and the command that obeys it."""

from __future__ import annotations

from collections.abc import Mapping

from services.smtp_ingest.commands.auth import auth
from services.smtp_ingest.commands.bdat import bdat
from services.smtp_ingest.commands.data import data
from services.smtp_ingest.commands.hello import ehlo, helo, lhlo
from services.smtp_ingest.commands.mail import mail
from services.smtp_ingest.commands.rcpt import rcpt
from services.smtp_ingest.commands.simple import expn, help_, noop, quit_, rset, vrfy
from services.smtp_ingest.commands.starttls import starttls
from services.smtp_ingest.session import Command

COMMANDS: Mapping[bytes, Command] = {
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
