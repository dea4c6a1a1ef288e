"""Mail for other servers, sent by members or led on by addresses here: its recipients, and what their servers must be
able to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from mmap import mmap
from typing import NamedTuple

from services.smtp_ingest.forwards import forwarded_requests, kept_targets
from services.smtp_ingest.session import SmtpSession
from services.smtp_ingest.success_report import returns_all, success_report
from services.smtp_ingest.transaction import MailTransaction, Recipient
from shared.conversation.spool import Spool
from shared.folders.append import Append
from shared.give_way import Turns
from shared.mail.deliver import ItemOf
from shared.mail.delivered_to import delivered_to
from shared.mail.resolve import FolderTarget, ForwardTarget, RemoteTarget, Targets
from shared.messages.header_fields import HeaderFields
from shared.outbound.departure import Departing, Departure, RemoteRecipient
from shared.outbound.tls_wish import TlsWish

LOOKED_AT_OCTETS = 1 << 20  # in 0.1 ms


class Leaves(NamedTuple):
    """The envelope of a message, as far as it is the same for all recipients."""

    session: SmtpSession
    transaction: MailTransaction
    account_id: int | None
    eight_bit: bool
    utf8: bool  # its header or its sender needs SMTPUTF8
    tls: TlsWish
    inboxes: Sequence[int]  # the sender's, for a report
    returned: bytes  # of the message, with a report
    return_address: str | None = None  # the sender of what is forwarded; None: that of the message

    def divided(self, recipients: Sequence[Recipient]) -> tuple[Sequence[Targets], ItemOf]:
        """The recipients here, and what makes an append one that the others are queued with, in the same commit."""
        here = [folders for each in recipients if (folders := kept_targets(each.targets))]
        remote = list(dict.fromkeys(one for each in recipients for one in self._elsewhere(each)))
        transaction = self.transaction
        assert transaction.queue_id is not None
        departure = Departure(
            transaction.queue_id,
            self.account_id,
            transaction.sender.text,
            remote,
            self.eight_bit,
            self.utf8
            or not all(each.address.rpartition("@")[0].isascii() and each.fields.isascii() for each in remote),
            transaction.reports.envelope_id,
            transaction.reports.returns_all,
            self.tls,
        )
        report = success_report(self.session, transaction, recipients, self.inboxes, self.returned)
        notices = [] if report is None else [report]

        def item_of(append: Append) -> Departing:
            return Departing(append, departure, notices)

        return here, item_of

    def _elsewhere(self, recipient: Recipient) -> Iterator[RemoteRecipient]:
        fields = ""
        for target in recipient.targets:
            if isinstance(target, RemoteTarget):
                yield RemoteRecipient(target.address, target.domain, target.notify, target.original)
            elif isinstance(target, ForwardTarget):
                fields = fields or delivered_to(recipient.path.text)
                notify, original = forwarded_requests(recipient)
                yield RemoteRecipient(target.address, target.domain, notify, original, self.return_address, fields)


async def looked_at(session: SmtpSession, transaction: MailTransaction, content: Spool, header: bytes) -> Leaves | None:
    """Look at a message with all its fields on top; None where all of it is for here and nobody wants a report.

    A header with UTF-8 needs SMTPUTF8 where the client has said so: programs of before send such headers, and servers
    of before take them. Raises the resolver's errors.
    """
    if not (transaction.leaves or transaction.forwards or transaction.tells_of_success):
        return None
    sender = transaction.sender
    eight_bit = not await _is_ascii(content.octets, Turns(session.clock))
    utf8 = not sender.local_part.isascii() or (transaction.utf8 and not header.isascii())
    inboxes: list[int] = []
    returned = b""
    if transaction.tells_of_success and sender.domain and session.account is not None:
        targets = await session.parts.resolver.resolve(sender.local_part, sender.domain)
        own = [each for each in targets if isinstance(each, FolderTarget) and each.account_id == session.account.id]
        inboxes = [each.inbox_id for each in own]
        returned = content.octets[:] if returns_all(transaction) else header
    account_id = None if session.account is None else session.account.id
    return_address = await session.parts.return_addresses.of(sender) if transaction.forwards else None
    tls = TlsWish.REQUIRED if transaction.requires_tls else _wish_of(header)
    return Leaves(session, transaction, account_id, eight_bit, utf8, tls, inboxes, returned, return_address)


def _wish_of(header: bytes) -> TlsWish:
    """RFC 8689 §3: `TLS-Required: No`, which REQUIRETLS goes before; any other value says nothing."""
    if b"tls-required" not in header.lower():
        return TlsWish.USUAL
    fields = HeaderFields(header)
    found = fields.first(b"tls-required")
    waived = found is not None and fields.value(found).strip().lower() == b"no"
    return TlsWish.WAIVED if waived else TlsWish.USUAL


async def _is_ascii(octets: bytes | mmap, turns: Turns) -> bool:
    for start in range(0, len(octets), LOOKED_AT_OCTETS):
        if not octets[start : start + LOOKED_AT_OCTETS].isascii():
            return False
        if turns.is_over:
            await turns.give_way()
    return True
