"""The sources of messages that leave: read from the store, signed, and refused where the message is in a loop."""

from __future__ import annotations

from twisted.logger import Logger

from shared.database.database import Database
from shared.errors import DomainError
from shared.mail.delivered_to import NAME, was_delivered_to
from shared.messages.header_fields import HeaderFields
from shared.messages.scan import end_of_header
from shared.outbound.at_hand import AtHand
from shared.outbound.claim import QueuedRecipient
from shared.outbound.dkim.signer import Signer
from shared.outbound.source import MessageSource, open_source

MOST_HOPS = 50  # Received fields of a message that is sent on; 100 is where one from outside is refused


class MessageUnsendable(Exception):
    """A message cannot be sent: for good, or now."""

    def __init__(self, status: str, text: str) -> None:
        super().__init__(text)
        self.status = status  # RFC 3463

    @property
    def is_permanent(self) -> bool:
        return self.status.startswith("5")


class SignedSources:
    """Opens the messages of a process."""

    _log = Logger()

    def __init__(self, database: Database, signer: Signer | None = None, at_hand: AtHand | None = None) -> None:
        """Without `signer` messages go as they are. What is `at_hand` is not read from the store."""
        self._database = database
        self._at_hand = at_hand or AtHand()
        self._signer = signer

    async def open(self, recipient: QueuedRecipient) -> MessageSource:
        """The message as this recipient gets it, ready to be sent. Raises MessageUnsendable."""
        message = recipient.message
        try:
            octets = self._at_hand.take(message)
            source = await open_source(self._database, message.message_id, message.size_octets, octets)
            if recipient.fields:
                source = _with_fields(source, recipient.fields)
            if self._signer is not None and source.hops <= MOST_HOPS:
                source = await self._signer.signed(source, recipient.sender, seals=bool(recipient.fields))
        except DomainError as error:
            self._log.warn("{id} cannot be sent now: {reason}", id=message.queue_id, reason=repr(error))
            raise MessageUnsendable("4.3.0", "the message could not be read from the store") from error
        if source.hops > MOST_HOPS:
            raise MessageUnsendable("5.4.6", f"the message is in a loop: it came through {source.hops} servers")
        return source


def _with_fields(source: MessageSource, fields: str) -> MessageSource:
    """With the fields of this copy alone. Raises MessageUnsendable where one says that it came from here before."""
    added = fields.encode()
    own = HeaderFields(added)
    header = HeaderFields(source.first[: end_of_header(source.first, 0, len(source.first))])
    for field in own.find(NAME):
        address = own.value(field).strip().decode()
        if was_delivered_to(header, address):
            raise MessageUnsendable("5.4.6", f"the message is in a loop: it came from {address} already")
    return source._replace(first=added + source.first)
