"""MAIL FROM: opens a transaction (RFC 5321 §4.1.1.2; SIZE RFC 1870, 8BITMIME RFC 6152, SMTPUTF8 RFC 6531)."""

from __future__ import annotations

from services.smtp_ingest import replies
from services.smtp_ingest.capabilities import offers_sign_in
from services.smtp_ingest.path import NULL_PATH, MalformedParameter, PathArgument, parse_path_argument
from services.smtp_ingest.replies import Reply, reply_to
from services.smtp_ingest.session import SmtpSession
from services.smtp_ingest.transaction import SMALLEST_MESSAGE_OCTETS, MailTransaction
from services.smtp_ingest.transaction_log import record_refused_sender
from shared.accounts.account import Account, Role
from shared.accounts.errors import AccountNotFound
from shared.accounts.find_account import find_account_by_id
from shared.conversation.spool import has_room
from shared.errors import DomainError
from shared.mail.errors import BadAddress
from shared.mail.mailbox import Mailbox

_KNOWN = {"SIZE", "BODY", "SMTPUTF8", "AUTH"}


async def mail(session: SmtpSession, argument: bytes) -> None:
    """MAIL FROM:<path> [SIZE=n] [BODY=8BITMIME] [SMTPUTF8] [AUTH=mailbox]."""
    if argument[:5].upper() != b"FROM:":
        session.say(replies.SYNTAX)
        return
    refusal = _untimely(session)
    if refusal is None:
        try:
            told = parse_path_argument(argument[5:])
        except BadAddress:
            refusal = replies.BAD_SENDER
        except MalformedParameter:
            refusal = replies.SYNTAX
        else:
            refusal = _unfit(session, told) or _no_room(session)
            if refusal is None and session.account is not None:
                refusal = await _not_own(session, session.account, told.path)
    if refusal is not None:
        if session.transaction is None:
            record_refused_sender(session, argument, refusal)
        session.say(refusal)
        return
    size_octets = max(SMALLEST_MESSAGE_OCTETS, int(told.parameters.get("SIZE") or 0))
    session.transaction = MailTransaction(told.path, session.claim, session.clock.seconds(), size_octets)
    session.say(replies.SENDER_OK)


def _untimely(session: SmtpSession) -> Reply | None:
    if session.greeting is None:
        return replies.NEEDS_GREETING
    if session.transaction is not None:
        return replies.BAD_SEQUENCE
    if session.parts.policy.submission and session.account is None:
        return replies.SIGN_IN_FIRST if offers_sign_in(session) else replies.TLS_FIRST
    return None


def _unfit(session: SmtpSession, told: PathArgument) -> Reply | None:
    """The reply to an address or parameters that are wrong; None if they are right."""
    parameters = told.parameters
    if not told.path.domain and told.path != NULL_PATH:
        return replies.BAD_SENDER
    if not _KNOWN.issuperset(parameters):
        return replies.UNKNOWN_PARAMETER
    if (parameters.get("BODY") or "8BITMIME").upper() not in ("7BIT", "8BITMIME"):
        return replies.UNKNOWN_PARAMETER
    if parameters.get("SMTPUTF8") is not None:  # RFC 6531 §3.4: it has no value
        return replies.SYNTAX
    size = parameters.get("SIZE", "0")
    if size is None or not size.isascii() or not size.isdigit() or len(size) > 20:  # RFC 1870 §3: 1*20DIGIT
        return replies.SYNTAX
    if int(size) > session.parts.message_octets:
        return replies.MESSAGE_TOO_LARGE
    if not has_room(session.claim, int(size)):
        return replies.NO_ROOM_NOW  # sooner than after all of it was sent
    return None


def _no_room(session: SmtpSession) -> Reply | None:
    """The reply to a message for which there is no room; better now than after the client has sent it."""
    try:
        session.parts.database.free_space.check()
    except DomainError as error:
        return reply_to(error)
    return None


async def _not_own(session: SmtpSession, account: Account, sender: Mailbox) -> Reply | None:
    """On a submission door the sender must be an address of the account (RFC 6409 §6.1).

    No address leads to a guest, or to an account that was disabled meanwhile; without a sender's address the account
    itself has to be looked at.
    """
    try:
        if sender == NULL_PATH:
            return await _not_without_sender(session, account.id)
        targets = await session.parts.resolver.resolve(sender.local_part, sender.domain)
    except DomainError as error:
        return reply_to(error) if error.temporary else replies.NOT_YOUR_ADDRESS
    owners = {target.account_id for target in targets}
    return None if account.id in owners else replies.NOT_YOUR_ADDRESS


async def _not_without_sender(session: SmtpSession, account_id: int) -> Reply | None:
    try:
        account = await session.parts.database.read(find_account_by_id, account_id)
    except AccountNotFound:
        account = None
    if account is None or not account.enabled:
        session.account = None
        return replies.SIGN_IN_FIRST
    return replies.NOT_YOUR_ADDRESS if account.role is Role.GUEST else None
