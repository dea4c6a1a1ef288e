"""The mail transaction under way: what MAIL and RCPT have told so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.smtp_ingest.path import Path
from shared.conversation.spool import Spool
from shared.mail.resolve import Target


@dataclass(frozen=True, slots=True)
class Recipient:
    """An accepted RCPT and the mailboxes it leads to."""

    path: Path
    targets: tuple[Target, ...]


@dataclass(slots=True)
class Transaction:
    """From MAIL to the reply to the message."""

    sender: Path
    size_octets: int = 1  # as MAIL announced it (RFC 1870), at least one
    recipients: list[Recipient] = field(default_factory=list)
    chunks: Spool | None = None  # what BDAT has brought so far
    refused_chunk: bool = False  # a BDAT failed: the rest of this message's chunks are read and refused

    def forget(self) -> None:
        """Give back what the transaction holds."""
        if self.chunks is not None:
            self.chunks.close()
            self.chunks = None
