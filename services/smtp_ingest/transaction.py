"""The mail transaction under way: what MAIL and RCPT have told so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.smtp_ingest.path import Path
from shared.conversation.intake import Claim
from shared.conversation.spool import Spool
from shared.mail.resolve import Target

RECIPIENT_OCTETS = 1000  # what an accepted RCPT takes, besides its address, which is kept in four forms
RECIPIENTS_ALWAYS = 10


@dataclass(frozen=True, slots=True)
class Recipient:
    """An accepted RCPT and the mailboxes it leads to."""

    path: Path
    targets: tuple[Target, ...]


@dataclass(slots=True)
class Transaction:
    """From MAIL to the reply to the message."""

    sender: Path
    claim: Claim
    size_octets: int = 1  # as MAIL announced it (RFC 1870), at least one
    recipients: list[Recipient] = field(default_factory=list)
    chunks: Spool | None = None  # what BDAT has brought so far
    refused_chunk: bool = False  # a BDAT failed: the rest of this message's chunks are read and refused
    _envelope_octets: int = 0  # what the recipients count in the intake

    def add(self, recipient: Recipient) -> bool:
        """Note a recipient; False when too much is held of this client's recipients, or of everybody's.

        The first few always find room: mail goes on, in more transactions, while somebody fills the envelopes.
        """
        pool, origin = self.claim.intake.envelopes, self.claim.origin
        octets = RECIPIENT_OCTETS + 4 * len(str(recipient.path))
        if len(self.recipients) >= RECIPIENTS_ALWAYS and pool.room(origin) < octets:
            return False
        pool.take(origin, octets)
        self._envelope_octets += octets
        self.recipients.append(recipient)
        return True

    def forget(self) -> None:
        """Give back what the transaction holds of the message."""
        if self.chunks is not None:
            self.chunks.close()
            self.chunks = None

    def end(self) -> None:
        """Give back everything; the transaction is over."""
        self.forget()
        self.claim.intake.envelopes.give_back(self.claim.origin, self._envelope_octets)
        self._envelope_octets = 0
