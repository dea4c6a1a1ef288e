"""A message that leaves for other servers: its envelope, and the recipients elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shared.folders.append import Append
from shared.folders.message import NewMessage
from shared.outbound.tls_wish import TlsWish


class RemoteRecipient(NamedTuple):
    """A recipient elsewhere: the address as it was given, and its domain in A-labels or as an address literal.

    What an address here leads to elsewhere, and what a room's subscriber is sent, has a sender and fields of its own.
    """

    address: str
    domain: str
    notify: str = ""  # NOTIFY of RFC 3461 §4.1, in upper case; "" is FAILURE,DELAY
    original: str = ""  # ORCPT of RFC 3461 §4.2
    sender: str | None = None  # of the envelope; None: the message's
    fields: str = ""  # header fields with their lines' ends, which only this copy has on top

    @property
    def is_chosen(self) -> bool:
        """Whether the account that sends the message has named this address."""
        return not self.fields


class Departure(NamedTuple):
    """The envelope of a message for recipients elsewhere."""

    queue_id: str
    account_id: int | None  # who sends it; None: this server itself
    sender: str  # "" is the null sender
    recipients: Sequence[RemoteRecipient]
    eight_bit: bool  # the message has octets above 127
    utf8: bool  # its header has them, or an address before its "@"
    envelope_id: str = ""
    returns_all: bool = False
    tls: TlsWish = TlsWish.USUAL

    @property
    def chosen(self) -> int:
        """How many recipients count for the account: not those that addresses here lead to."""
        return sum(each.is_chosen for each in self.recipients)


class Departing(NamedTuple):
    """A message that is kept for folders here, if any, and queued for recipients elsewhere, if any, in one commit."""

    append: Append
    departure: Departure
    notices: Sequence[Append] = ()  # that are kept with it: reports to its sender

    @property
    def message(self) -> NewMessage:
        return self.append.message
