"""The author of a submitted message: members write in their own name, or Sender says who they are (RFC 6409 §8.1).

The envelope's sender is looked at by MAIL; people see From.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from services.smtp_ingest import replies
from services.smtp_ingest.header_fields import Field, HeaderFields
from services.smtp_ingest.replies import Reply
from services.smtp_ingest.transaction import Transaction
from shared.mail.mailbox import Mailbox
from shared.messages.address import Patience, read_addresses
from shared.messages.fields import unfold

if TYPE_CHECKING:
    from services.smtp_ingest.session import SmtpSession

MOST_AUTHORS = 20  # behind them no further field is read; RFC 5322 asks for no limit, and one is the rule


class FromPolicy(StrEnum):
    """What becomes of a message whose From is not an address of the account that hands it in."""

    CHECK = "check"
    ADD_SENDER = "add-sender"
    FREE = "free"


class Verdict(NamedTuple):
    """`refusal`, or the field to be put on top and those to be taken out."""

    refusal: Reply | None = None
    added: bytes = b""
    removed: Sequence[Field] = ()


async def judge_author(session: SmtpSession, transaction: Transaction, header: HeaderFields) -> Verdict:
    """Compare From and Sender with the account's addresses. Raises what the store says when it is away.

    From is a member's own when it is one address, and the account's. Where it is not, the message is refused or has a
    Sender with the account's address; a Sender with somebody else's is taken out in any case.
    """
    policy = session.door.from_policy
    if session.account is None or policy is FromPolicy.FREE:
        return Verdict()
    named = header.find(b"from")
    authors = _mailboxes(header, named)
    from_is_own = not named or (len(authors) == 1 and await _is_own(session, transaction, authors[0]))
    if policy is FromPolicy.CHECK and not from_is_own:
        return Verdict(replies.NOT_YOUR_FROM)
    given = header.find(b"sender")
    if from_is_own and not given:
        return Verdict()
    senders = _mailboxes(header, given)
    if len(given) == len(senders) == 1 and await _is_own(session, transaction, senders[0]):
        return Verdict()
    ours = transaction.sender if transaction.sender.domain else Mailbox(session.account.name, session.door.mail_domain)
    return Verdict(added=b"" if from_is_own else f"Sender: {ours}\r\n".encode(), removed=given)


def _mailboxes(header: HeaderFields, fields: Sequence[Field]) -> Sequence[Mailbox | None]:
    """All that the fields name, so many as count; None for what is no mailbox, and for what was not read to its end."""
    found: list[Mailbox | None] = []
    patience = Patience()  # one for all of the fields
    for field in fields:
        for _, _, local, host in read_addresses(unfold(header.value(field)), patience):
            if host is None:
                continue  # the beginning or the end of a group
            try:
                found.append(Mailbox((local or b"").decode(), host.decode()))
            except UnicodeDecodeError:
                found.append(None)
        if patience.tokens <= 0:
            found.append(None)
        if patience.tokens <= 0 or len(found) >= MOST_AUTHORS:
            break
    return found


async def _is_own(session: SmtpSession, transaction: Transaction, mailbox: Mailbox | None) -> bool:
    if mailbox is None or session.account is None:
        return False
    if mailbox == transaction.sender:
        return True  # MAIL was told so
    (outcome,) = await session.door.resolver.resolve_all([str(mailbox)])
    return isinstance(outcome, tuple) and any(target.account_id == session.account.id for target in outcome)
