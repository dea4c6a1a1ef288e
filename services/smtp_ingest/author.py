"""The author of a submitted message: members write in their own name, or Sender says who they are (RFC 6409 §8.1).

MAIL checks the envelope's sender (commands/mail.py); this checks From, which people see.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from services.smtp_ingest import replies
from services.smtp_ingest.policy import FromPolicy
from services.smtp_ingest.replies import Reply
from services.smtp_ingest.session import SmtpSession
from services.smtp_ingest.transaction import MailTransaction
from shared.bounded_cache import remembers
from shared.mail.mailbox import Mailbox
from shared.messages.address import AddressPatience, read_addresses
from shared.messages.fields import unfold
from shared.messages.header_fields import Field, HeaderFields
from shared.messages.mailbox_list import is_mailbox_list

MOST_AUTHORS = 20  # behind them no further field is read; RFC 5322 asks for no limit, and one is the rule


class AuthorVerdict(NamedTuple):
    """The refusal of the message, or the field to be put on top and the fields to be taken out."""

    refusal: Reply | None = None
    added: bytes = b""
    removed: Sequence[Field] = ()


NOT_JUDGED = AuthorVerdict()  # nobody has signed in


async def judge_author(session: SmtpSession, transaction: MailTransaction, header: HeaderFields) -> AuthorVerdict:
    """Compare From and Sender with the account's addresses. Raises Resolver.resolve()'s errors of the store.

    From is a member's own when every address in it is the account's, and no program can read it otherwise. Where it is
    not, the message is refused or has a Sender with the account's address; so has a message with several addresses in
    From (RFC 5322 §3.6.2). A Sender with somebody else's address is taken out in any case.
    """
    policy = session.parts.from_policy
    if session.account is None or policy is FromPolicy.FREE:
        return AuthorVerdict()
    named = header.find(b"from")
    authors = _mailboxes(header, named)
    from_is_own = not named or await _are_own(session, transaction, authors)
    if policy is FromPolicy.CHECK and not from_is_own:
        return AuthorVerdict(replies.NOT_YOUR_FROM)
    given = header.find(b"sender")
    if from_is_own and not given and len(authors) <= 1:
        return AuthorVerdict()
    senders = _mailboxes(header, given)
    if len(senders) == 1 and await _are_own(session, transaction, senders):
        return AuthorVerdict()
    ours = transaction.sender if transaction.sender.domain else Mailbox(session.account.name, session.parts.mail_domain)
    return AuthorVerdict(
        added=b"" if from_is_own and len(authors) <= 1 else f"Sender: {ours}\r\n".encode(), removed=given
    )


def _mailboxes(header: HeaderFields, fields: Sequence[Field]) -> Sequence[Mailbox | None]:
    """All that the fields name, so many as count; None for what is no mailbox, and for what can be read otherwise:

    a field that is repeated, one that is no list by the grammar, and what was not read to its end.
    """
    values = [header.value(field) for field in fields]
    return _of_one_field(values[0]) if len(values) == 1 else (None, *_read(values))


@remembers(1000)  # a member writes the same From for years
def _of_one_field(value: bytes) -> Sequence[Mailbox | None]:
    return _read([value])


def _read(values: Sequence[bytes]) -> Sequence[Mailbox | None]:
    found: list[Mailbox | None] = []
    patience = AddressPatience()  # one for all of the fields
    for each in values:
        value = unfold(each)
        if not is_mailbox_list(value, patience):
            found.append(None)
        for _, _, local, host in read_addresses(value, patience):
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
    return tuple(found)


async def _are_own(session: SmtpSession, transaction: MailTransaction, mailboxes: Sequence[Mailbox | None]) -> bool:
    """Whether there are 1 to MOST_AUTHORS mailboxes, and all of them are addresses of the account."""
    if not 0 < len(mailboxes) <= MOST_AUTHORS or session.account is None:
        return False
    asked: list[tuple[str, str]] = []
    for mailbox in mailboxes:
        if mailbox is None:
            return False
        if mailbox != transaction.sender:  # else MAIL was told so
            asked.append((mailbox.local_part, mailbox.domain))
    account_id = session.account.id
    return not asked or all(
        isinstance(outcome, tuple) and any(target.account_id == account_id for target in outcome)
        for outcome in await session.parts.resolver.resolve_all(asked)
    )
