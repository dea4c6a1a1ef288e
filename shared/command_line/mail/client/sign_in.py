"""Signing in to send (RFC 4954): by SCRAM-SHA-256 where a server has it, which does not show the password."""

from __future__ import annotations

import base64
import binascii
import smtplib
from collections.abc import Collection

from shared.accounts.errors import SaslProtocolError
from shared.accounts.scram_as_client import client_final, client_first
from shared.command_line.mail.client.errors import MailNotSent
from shared.command_line.news.client.session import Credentials

SCRAM, PLAIN, LOGIN = "SCRAM-SHA-256", "PLAIN", "LOGIN"
_CHALLENGE, _SIGNED_IN, _REFUSED = 334, 235, 500  # and above

Reply = tuple[int, bytes]


def sign_in(client: smtplib.SMTP, credentials: Credentials) -> None:
    """Where SCRAM is refused for good the password itself is sent: servers may keep of some no more than that needs.

    Name and password go in UTF-8, which smtplib's own login does not do. Raises MailNotSent; SMTPException.
    """
    mechanisms = client.esmtp_features.get("auth", "").upper().split()
    reply = _by_scram(client, credentials) if SCRAM in mechanisms else None
    if reply is None or reply[0] >= _REFUSED:
        reply = _by_password(client, mechanisms, credentials) or reply
    if reply is None:
        raise MailNotSent(f"the server offers none of AUTH {SCRAM}, {PLAIN} and {LOGIN}")
    if reply[0] != _SIGNED_IN:
        raise smtplib.SMTPAuthenticationError(*reply)


def _by_scram(client: smtplib.SMTP, credentials: Credentials) -> Reply:
    """Raises MailNotSent for a server that lets us in without a proof that it knows the password."""
    first = client_first(credentials.name)
    reply = client.docmd("AUTH", f"{SCRAM} {_encoded(first)}")
    if reply[0] != _CHALLENGE:
        return _never_signed_in(reply)
    try:
        final = client_final(credentials.password, first, _decoded(reply[1]))
    except SaslProtocolError:
        raise MailNotSent(f"the server speaks {SCRAM} wrongly") from None
    reply = client.docmd(_encoded(final.octets))
    if reply[0] != _CHALLENGE:
        return _never_signed_in(reply)
    if _decoded(reply[1]).startswith(b"e="):  # why the proof is refused (RFC 5802 §7); the refusal itself follows
        return _never_signed_in(client.docmd(""))
    if _decoded(reply[1]) != final.expected:
        return _never_signed_in((_SIGNED_IN, b""))
    return client.docmd("")


def _by_password(client: smtplib.SMTP, mechanisms: Collection[str], credentials: Credentials) -> Reply | None:
    name, password = credentials.name.encode(), credentials.password.encode()
    if PLAIN in mechanisms:
        initial = _encoded(b"\0%b\0%b" % (name, password))
        return client.docmd("AUTH", f"{PLAIN} {initial}")
    if LOGIN not in mechanisms:
        return None
    reply = client.docmd("AUTH", LOGIN)
    for word in (name, password):
        if reply[0] == _CHALLENGE:
            reply = client.docmd(_encoded(word))
    return reply


def _never_signed_in(reply: Reply) -> Reply:
    if reply[0] == _SIGNED_IN:
        raise MailNotSent(f"the server has not proved, by {SCRAM}, that it knows the password")
    return reply


def _encoded(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _decoded(text: bytes) -> bytes:
    """What a challenge holds; nothing where it is not base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
