"""The mail transaction under way: what MAIL and RCPT have told so far, and what was answered."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.smtp_ingest.replies import Reply
from services.smtp_ingest.report_requests import (
    NOTHING_OF_MESSAGE,
    NOTHING_OF_RECIPIENT,
    MessageRequests,
    RecipientRequests,
)
from shared.conversation.intake import Claim
from shared.conversation.spool import Spool
from shared.mail.mailbox import Mailbox
from shared.mail.resolve import MailTarget
from shared.trust.verdict import UNCHECKED, Trust

SMALLEST_MESSAGE_OCTETS = 512  # with our fields on top; a mailbox with less room is full for every message
RECIPIENT_OCTETS = 1000  # of memory for an accepted RCPT: the address as it came, parsed, written, and looked up
RECIPIENTS_ALWAYS = 10
REFUSED_REMEMBERED = 20  # more are counted; they are for the log alone


@dataclass(slots=True)
class Recipient:
    """An accepted RCPT and the mailboxes it leads to, or the room, or the decision about a post."""

    path: Mailbox
    targets: tuple[MailTarget, ...]
    reply: Reply | None = None  # to the message; by LMTP each has its own
    refusal: Reply | None = None  # by LMTP: what will be the reply, while others take the message
    reports: RecipientRequests = NOTHING_OF_RECIPIENT


@dataclass(slots=True)
class MailTransaction:
    """From MAIL to the reply to the message. It has its outcome when it ends (`SmtpSession.end_transaction`)."""

    sender: Mailbox
    claim: Claim
    began: float  # on the conversation's clock, in seconds
    size_octets: int = SMALLEST_MESSAGE_OCTETS  # as MAIL announced it (RFC 1870): what a mailbox must have room for
    recipients: list[Recipient] = field(default_factory=list)
    refused: list[tuple[str, Reply]] = field(default_factory=list)  # RCPTs: the first REFUSED_REMEMBERED
    refused_count: int = 0
    utf8: bool = False  # MAIL said SMTPUTF8
    reports: MessageRequests = NOTHING_OF_MESSAGE
    requires_tls: bool = False  # MAIL said REQUIRETLS
    leaves: bool = False  # some recipient is named that is at another server
    tells_of_success: bool = False  # some recipient here has NOTIFY=SUCCESS
    forwards: bool = False  # some recipient here leads to an address elsewhere
    is_sent_on: bool = False  # any of these
    is_for_rooms: bool = False  # some recipient is a room, or a decision about a post
    queue_id: str | None = None  # set once all of the message has come
    octets: int = 0  # of the message as the client sent it
    awaits_replies: bool = False  # the client is sending the message, or has sent it: its replies are due
    trust: Trust = UNCHECKED  # what is known of the sender, once the message has come
    chunks: Spool | None = None  # what BDAT has brought so far
    refused_chunk: bool = False  # a BDAT failed: the rest of this message's chunks are read and refused
    _envelope_octets: int = 0  # what the recipients count in the intake

    def add(self, recipient: Recipient) -> bool:
        """Note a recipient; False when the recipients of this client, or those of all clients, hold too much memory.

        The first few always find room, so that mail goes on, in more transactions, while one client fills the memory.
        """
        pool, network = self.claim.intake.envelopes, self.claim.network
        octets = RECIPIENT_OCTETS + 4 * len(recipient.path.text)
        if pool.take(network, octets):
            self._envelope_octets += octets
        elif len(self.recipients) >= RECIPIENTS_ALWAYS:
            return False
        self.recipients.append(recipient)
        return True

    def note_refused(self, path: str, reply: Reply) -> None:
        self.refused_count += 1
        if len(self.refused) < REFUSED_REMEMBERED:
            self.refused.append((path, reply))

    def drop_message(self) -> None:
        """Give back what is held of the message."""
        if self.chunks is not None:
            self.chunks.close()
            self.chunks = None

    def end(self) -> None:
        """Give back everything; the transaction is over."""
        self.drop_message()
        if self._envelope_octets:
            self.claim.intake.envelopes.give_back(self.claim.network, self._envelope_octets)
            self._envelope_octets = 0
