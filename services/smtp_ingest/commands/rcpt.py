"""RCPT TO: names a recipient; whoever is not here is refused at once (RFC 5321 §4.1.1.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.smtp_ingest import replies
from services.smtp_ingest.path import MalformedPath, Path, parse_path_argument
from services.smtp_ingest.replies import reply_to
from services.smtp_ingest.transaction import Recipient
from shared.errors import DomainError
from shared.mail.errors import DomainNotLocal

if TYPE_CHECKING:
    from services.smtp_ingest.session import SmtpSession


async def rcpt(session: SmtpSession, argument: bytes) -> None:
    """RCPT TO:<path>. A mailbox without room for the size that MAIL announced is refused alone."""
    transaction = session.transaction
    if transaction is None:
        session.say(replies.BAD_SEQUENCE)
        return
    if argument[:3].upper() != b"TO:":
        session.say(replies.SYNTAX)
        return
    try:
        told = parse_path_argument(argument[3:])
    except MalformedPath:
        session.say(replies.BAD_RECIPIENT)
        return
    if not told.path.domain and told.path.local_part.lower() != "postmaster":  # RFC 5321 §4.1.1.3
        session.say(replies.BAD_RECIPIENT)
    elif told.parameters:
        session.say(replies.UNKNOWN_PARAMETER)
    elif len(transaction.recipients) >= session.door.recipients:
        session.say(replies.TOO_MANY_RECIPIENTS)
    else:
        await _add(session, told.path)


async def _add(session: SmtpSession, path: Path) -> None:
    assert session.transaction is not None
    try:
        targets = await session.door.resolver.resolve(str(path), session.transaction.size_octets)
    except DomainNotLocal as error:
        session.say(replies.REMOTE_RECIPIENT if session.door.policy.submission else reply_to(error))
    except DomainError as error:
        session.say(reply_to(error))
    else:
        added = session.transaction.add(Recipient(path, tuple(targets)))
        session.say(replies.RECIPIENT_OK if added else replies.TOO_MANY_RECIPIENTS)
