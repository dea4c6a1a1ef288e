"""Handing a message to a server, recipient by recipient (RFC 5321, RFC 6409)."""

from __future__ import annotations

import smtplib
from collections.abc import Mapping, Sequence

from shared.command_line.mail.client.connection import MailEncryption, MailServerPlace
from shared.command_line.mail.client.errors import MailNotSent
from shared.command_line.mail.client.sign_in import sign_in
from shared.command_line.news.client.errors import ConnectionFailed
from shared.command_line.news.client.session import Credentials

PATIENCE_SECONDS = 120


def send(
    server: MailServerPlace, credentials: Credentials | None, sender: str, recipients: Sequence[str], message: bytes
) -> Mapping[str, tuple[int, str]]:
    """The server's answer for each recipient, and that to the message for those that it took. Raises NewsError."""
    try:
        with _connected(server) as client:
            _encrypt(client, server, with_password=credentials is not None)
            if credentials is not None:
                sign_in(client, credentials)
            return _transact(client, sender, recipients, message)
    except smtplib.SMTPResponseException as error:
        raise MailNotSent(f"{error.smtp_code} {_text(error.smtp_error)}") from None
    except smtplib.SMTPNotSupportedError as error:
        raise MailNotSent(str(error)) from None
    except (OSError, smtplib.SMTPException) as error:
        raise ConnectionFailed(f"{server.host}:{server.port}: {error}") from None


def _connected(server: MailServerPlace) -> smtplib.SMTP:
    if server.encryption is MailEncryption.TLS:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=PATIENCE_SECONDS, context=server.tls)
    return smtplib.SMTP(server.host, server.port, timeout=PATIENCE_SECONDS)


def _encrypt(client: smtplib.SMTP, server: MailServerPlace, *, with_password: bool) -> None:
    client.ehlo_or_helo_if_needed()
    if server.encryption is MailEncryption.TLS:
        return
    here = str(client.sock.getpeername()[0]).startswith("127.") or client.sock.getpeername()[0] == "::1"  # type: ignore[union-attr]
    if client.has_extn("starttls") and (server.encryption is MailEncryption.STARTTLS or not here):
        client.starttls(context=server.tls)
        client.ehlo()
    elif server.encryption is MailEncryption.STARTTLS:
        raise MailNotSent(f"{server.host} does not offer STARTTLS")
    elif with_password and not here and server.encryption is not MailEncryption.INSECURE:
        raise MailNotSent(
            f"the password would go in the clear to {server.host}: nothing is sent (--tls, or --insecure)"
        )


def _transact(
    client: smtplib.SMTP, sender: str, recipients: Sequence[str], message: bytes
) -> Mapping[str, tuple[int, str]]:
    options = [f"SIZE={len(message)}"] if client.has_extn("size") else []
    if not "".join([sender, *recipients]).isascii():
        if not client.has_extn("smtputf8"):
            raise MailNotSent(f"{client._host} takes no addresses that are not ASCII")  # type: ignore[attr-defined]
        options += ["SMTPUTF8", "BODY=8BITMIME"]
    code, text = client.mail(sender, options)
    if code != 250:
        raise MailNotSent(f"{code} {_text(text)}")
    answers: dict[str, tuple[int, str]] = {}
    for recipient in recipients:
        code, text = client.rcpt(recipient)
        answers[recipient] = code, _text(text)
    taken = [recipient for recipient, (code, _) in answers.items() if code in (250, 251)]
    if taken:
        code, text = client.data(message)
        answers |= {recipient: (code, _text(text)) for recipient in taken}
    return answers


def _text(octets: bytes | str) -> str:
    return octets.decode("utf-8", "replace") if isinstance(octets, bytes) else octets
