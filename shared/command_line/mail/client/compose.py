"""A message from what was typed, with files beside it."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path

_BEFORE_SMTPUTF8 = SMTP.clone(utf8=False)


def compose(sender: str, recipients: Sequence[str], subject: str, text: str, files: Sequence[Path]) -> bytes:
    """The message as it travels: text in UTF-8, each file as base64 with its type guessed from its name.

    Names of files that are not ASCII are written as RFC 2231 has it. Raises OSError, ValueError for a bad address.
    """
    message = EmailMessage(policy=_BEFORE_SMTPUTF8)
    message["From"] = sender
    message["To"] = ", ".join(recipients)
    message["Subject"] = subject
    message["Date"] = format_datetime(datetime.now(UTC).astimezone())
    message["Message-ID"] = make_msgid(domain=Address(addr_spec=sender).domain or "localhost")
    message.set_content(text if text.endswith("\n") else text + "\n")
    for file in files:
        kind, encoding = mimetypes.guess_type(file.name)
        main, _, sub = (kind if kind and encoding is None else "application/octet-stream").partition("/")
        message.add_attachment(file.read_bytes(), maintype=main, subtype=sub, filename=file.name, cte="base64")
    return message.as_bytes()
