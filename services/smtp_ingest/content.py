"""The verdict of the program that checks contents, as far as a session acts on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from twisted.logger import Logger

from services.smtp_ingest.replies import Reply
from services.smtp_ingest.session import SmtpSession
from services.smtp_ingest.suspect import LOOKS_LIKE_SPAM, keep_suspect
from services.smtp_ingest.transaction import MailTransaction
from shared.content_check.checker import Envelope, NotChecked
from shared.content_check.settings import Unchecked
from shared.content_check.verdict import ContentAction, ContentVerdict, FieldRemoval
from shared.conversation.spool import Spool
from shared.messages.header_fields import Field, HeaderFields

log = Logger()
REFUSED = "the message is refused for its content"
DEFERRED = "the message is not taken now, try again later"
NOT_CHECKED = Reply(451, "4.7.1", "contents cannot be checked now, try again")


class ContentOutcome(NamedTuple):
    """`refusal` None: the message is taken, with these fields added and removed; its recipients are set already."""

    refusal: Reply | None = None
    added: bytes = b""
    removed: Sequence[Field] = ()


NOTHING_SAID = ContentOutcome()


async def judge_content(
    session: SmtpSession, transaction: MailTransaction, content: Spool, header: HeaderFields
) -> ContentOutcome:
    """Ask about a message of a client that has not signed in. Raises StoreUnavailable where Junk has to be found."""
    check = session.parts.content_check
    if check is None or session.account is not None:
        return NOTHING_SAID
    try:
        verdict = await _asked(session, transaction, content)
    except NotChecked as why:
        log.warn("message {queue_id} was not checked: {why}", queue_id=transaction.queue_id, why=str(why))
        if check.failure is Unchecked.DEFER:
            return ContentOutcome(NOT_CHECKED)
        return ContentOutcome(added=f"X-Content-Check: not done, {why}\r\n".encode("ascii", "replace"))
    if verdict.action is ContentAction.REFUSE:
        return ContentOutcome(Reply(550, "5.7.1", verdict.sentence or REFUSED))
    if verdict.action is ContentAction.DEFER:
        return ContentOutcome(Reply(451, "4.7.1", verdict.sentence or DEFERRED))
    removed = [field for removal in verdict.removed for field in _fields(header, removal)]
    if verdict.action is ContentAction.JUNK:
        refused = await keep_suspect(session, transaction, LOOKS_LIKE_SPAM)
        if refused is not None:
            return ContentOutcome(refused)
    return ContentOutcome(None, verdict.added, list(dict.fromkeys(removed)))


async def _asked(session: SmtpSession, transaction: MailTransaction, content: Spool) -> ContentVerdict:
    check = session.parts.content_check
    assert check is not None
    if len(content) > check.most_octets:
        raise NotChecked("the message is too large")
    envelope = Envelope(
        transaction.sender.text,
        [each.path.text for each in transaction.recipients],
        session.peer.host,
        session.greeting or "",
        transaction.queue_id or "",
        session.tls.version if session.tls else "",
    )
    return await check.check(content.octets[:], envelope)


def _fields(header: HeaderFields, removal: FieldRemoval) -> Sequence[Field]:
    found = header.find(removal.name)
    if not removal.which:
        return found
    at = removal.which - 1 if removal.which > 0 else len(found) + removal.which
    return found[at : at + 1] if 0 <= at < len(found) else ()
