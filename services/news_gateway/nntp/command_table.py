"""The table of NNTP commands (RFC 3977, RFC 2980, RFC 4642, RFC 4643, RFC 8054)."""

from __future__ import annotations

from collections.abc import Mapping

from services.news_gateway.nntp.commands.article import article, body, head, stat
from services.news_gateway.nntp.commands.capabilities import capabilities
from services.news_gateway.nntp.commands.compress import compress
from services.news_gateway.nntp.commands.group import group, listgroup
from services.news_gateway.nntp.commands.header import hdr, xhdr, xpat
from services.news_gateway.nntp.commands.ihave import ihave
from services.news_gateway.nntp.commands.listing import list_
from services.news_gateway.nntp.commands.mode import mode
from services.news_gateway.nntp.commands.new import newgroups, newnews
from services.news_gateway.nntp.commands.next_last import last, next_
from services.news_gateway.nntp.commands.over import over
from services.news_gateway.nntp.commands.plain import date, help_, quit_, slave
from services.news_gateway.nntp.commands.post import post
from services.news_gateway.nntp.commands.sign_in import authinfo
from services.news_gateway.nntp.commands.starttls import starttls
from services.news_gateway.nntp.session import Command

COMMANDS: Mapping[bytes, Command] = {
    b"ARTICLE": article,
    b"AUTHINFO": authinfo,
    b"BODY": body,
    b"CAPABILITIES": capabilities,
    b"COMPRESS": compress,
    b"DATE": date,
    b"GROUP": group,
    b"HDR": hdr,
    b"HEAD": head,
    b"HELP": help_,
    b"IHAVE": ihave,
    b"LAST": last,
    b"LIST": list_,
    b"LISTGROUP": listgroup,
    b"MODE": mode,
    b"NEWGROUPS": newgroups,
    b"NEWNEWS": newnews,
    b"NEXT": next_,
    b"OVER": over,
    b"POST": post,
    b"QUIT": quit_,
    b"SLAVE": slave,
    b"STARTTLS": starttls,
    b"STAT": stat,
    b"XHDR": xhdr,
    b"XOVER": over,
    b"XPAT": xpat,
}
