"""The fields that are put on top of an article when it is accepted (RFC 5537 §3.5), once, and stored with it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from shared.messages.header_fields import Field
from shared.messages.results_of import results_of
from shared.messages.trace import date_text
from shared.rooms.article_header import MOST_LINE_OCTETS, ArticleHeader
from shared.rooms.errors import ArticleUnfit

_TAIL = b"not-for-mail"  # the entry of Path where there was none (RFC 5536 §3.1.5)


class Injection(NamedTuple):
    """How an article came."""

    hostname: str  # ours, as Path names it
    mail_domain: str
    host: str  # the client's address; shown of strangers only
    account: str | None  # the name of who signed in
    now: datetime
    relayed: bool = False  # from another server
    by_mail: bool = False  # its results in our name are ours


class TopFields(NamedTuple):
    """The beginning of the article as it will be kept, for the first `replaced` octets of what came."""

    octets: bytes
    replaced: int
    identifier: bytes
    date: bytes  # what its Date holds


def put_on_top(
    header: ArticleHeader, groups: Sequence[str], injection: Injection, approved: str | None = None
) -> TopFields:
    """Path, and where they are missing Date, Message-ID, Newsgroups, Injection-Date; Injection-Info; Approved.

    `groups` are the rooms that it is for; `approved`, who approved it, if that is to be said. Nothing else is changed,
    but for a Path that came, which goes on in ours, Newsgroups that name other rooms, and results in our name of checks
    that were not made (RFC 8601 §5). Raises ArticleUnfit.
    """
    hostname, now = injection.hostname, injection.now.replace(microsecond=0)
    removed: list[Field] = []
    path = f"{hostname}!.SEEN.{injection.host}!" if injection.relayed else f"{hostname}!.POSTED!"
    line = b"Path: %b%b\r\n" % (path.encode(), header.path or _TAIL)
    if len(line) > MOST_LINE_OCTETS + 2:
        raise ArticleUnfit("Path is too long")
    lines = [line]
    if header.path is not None:
        removed += header.fields.find(b"path")
    date = header.value(b"date")
    if not header.has_date:
        date = date_text(now).encode()
        lines.append(b"Date: %b\r\n" % date)
    identifier = header.identifier
    if identifier is None:
        identifier = f"<{int(injection.now.timestamp() * 1e6):x}.{secrets.token_hex(8)}@{hostname}>".encode()
        lines.append(b"Message-ID: %b\r\n" % identifier)
    if not injection.relayed and header.groups != groups and set(header.groups) != set(groups):
        lines.append(f"Newsgroups: {','.join(groups)}\r\n".encode())
        removed += header.fields.find(b"newsgroups")
    if injection.relayed:
        removed += header.fields.find(b"xref")  # numbers there
    else:
        if not header.has_injection_date and not (header.has_date and header.identifier is not None):
            lines.append(f"Injection-Date: {date_text(now)}\r\n".encode())
        lines.append(_injection_info(injection))
    if approved is not None and not header.approved:
        lines.append(f"Approved: {approved}\r\n".encode())
    if not injection.by_mail and b"authentication-results" in header.values:
        removed += results_of(header.fields, hostname)
    octets = b"".join(lines)
    if not removed:
        return TopFields(octets, 0, identifier, date)
    return TopFields(octets + header.fields.without(removed), len(header.octets), identifier, date)


def _injection_info(injection: Injection) -> bytes:
    """An account's name and address are not shown to readers; the log tells the administrator who posted."""
    poster = "" if injection.account is not None else f'posting-host="{injection.host}";\r\n\t'
    return (
        f'Injection-Info: {injection.hostname}; {poster}mail-complaints-to="abuse@{injection.mail_domain}"\r\n'
    ).encode()
