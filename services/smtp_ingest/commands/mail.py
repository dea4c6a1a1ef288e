"""MAIL FROM: opens a transaction (RFC 5321 §4.1.1.2; SIZE RFC 1870, 8BITMIME RFC 6152, SMTPUTF8 RFC 6531).

REQUIRETLS is RFC 8689's: what is for mailboxes here has come where it should; the queue sees to the rest.
"""

from __future__ import annotations

from typing import NamedTuple

from services.smtp_ingest import replies
from services.smtp_ingest.blocked import blocked
from services.smtp_ingest.capabilities import offers_sign_in
from services.smtp_ingest.path import MOST_REMEMBERED, NULL_PATH, MalformedParameter, PathArgument, parse_path_argument
from services.smtp_ingest.replies import Reply, reply_to
from services.smtp_ingest.report_requests import NOTHING_OF_MESSAGE, OF_MAIL, MessageRequests, message_requests
from services.smtp_ingest.session import SmtpSession
from services.smtp_ingest.transaction import SMALLEST_MESSAGE_OCTETS, MailTransaction
from services.smtp_ingest.transaction_log import record_refused_sender
from shared.accounts.account import Account, Role
from shared.accounts.errors import AccountNotFound
from shared.accounts.find_account import find_account_by_id
from shared.bounded_cache import remembers
from shared.conversation.spool import has_room
from shared.errors import DomainError
from shared.mail.errors import BadAddress
from shared.mail.mailbox import Mailbox

_KNOWN = {"SIZE", "BODY", "SMTPUTF8", "REQUIRETLS", "AUTH", *OF_MAIL}


async def mail(session: SmtpSession, argument: bytes) -> None:
    """MAIL FROM:<path> [SIZE=n] [BODY=8BITMIME] [SMTPUTF8] [REQUIRETLS] [AUTH=mailbox] [RET=FULL|HDRS] [ENVID=xtext].

    The last two on submission doors, as DSN is offered there; REQUIRETLS over TLS.
    """
    if argument[:5].upper() != b"FROM:":
        session.say(replies.SYNTAX)
        return
    sender = _read(argument[5:])
    refusal = _untimely(session) or sender.refusal or _no_room(session, sender.size_octets)
    if sender.reports is not NOTHING_OF_MESSAGE and not session.parts.policy.submission:
        refusal = refusal or replies.UNKNOWN_PARAMETER
    if sender.requires_tls and session.tls is None:
        refusal = refusal or replies.UNKNOWN_PARAMETER
    if refusal is None:
        if session.account is not None:
            refusal = await _not_own(session, session.account, sender.path)
        elif sender.path.local_part:  # bounces to one recipient are taken from everywhere: rcpt.py
            refusal = blocked(session, sender.path)
    if refusal is not None:
        if session.transaction is None:
            record_refused_sender(session, argument, refusal)
        session.say(refusal)
        return
    size_octets = max(SMALLEST_MESSAGE_OCTETS, sender.size_octets)
    session.transaction = MailTransaction(
        sender.path, session.claim, session.clock.seconds(), size_octets, utf8=sender.utf8, reports=sender.reports,
        requires_tls=sender.requires_tls,
    )  # fmt: skip
    session.say(replies.SENDER_OK)


def _untimely(session: SmtpSession) -> Reply | None:
    if session.greeting is None:
        return replies.NEEDS_GREETING
    if session.transaction is not None:
        return replies.BAD_SEQUENCE
    if session.parts.policy.submission and session.account is None:
        return replies.SIGN_IN_FIRST if offers_sign_in(session) else replies.TLS_FIRST
    return None


class _Sender(NamedTuple):
    """What MAIL says."""

    path: Mailbox
    size_octets: int  # 0 where it says none
    refusal: Reply | None  # if what it says is wrong, whoever says it
    utf8: bool = False  # SMTPUTF8
    reports: MessageRequests = NOTHING_OF_MESSAGE
    requires_tls: bool = False  # REQUIRETLS


@remembers(MOST_REMEMBERED)
def _read(octets: bytes) -> _Sender:
    try:
        told = parse_path_argument(octets)
    except BadAddress:
        return _Sender(NULL_PATH, 0, replies.BAD_SENDER)
    except MalformedParameter:
        return _Sender(NULL_PATH, 0, replies.SYNTAX)
    refusal = _unfit(told)
    size_octets = 0 if refusal is not None else int(told.parameters.get("SIZE", "0") or 0)
    reports = message_requests(told.parameters) or NOTHING_OF_MESSAGE
    parameters = told.parameters
    return _Sender(told.path, size_octets, refusal, "SMTPUTF8" in parameters, reports, "REQUIRETLS" in parameters)


def _unfit(told: PathArgument) -> Reply | None:
    """The reply to an address or parameters that are wrong; None if they are right."""
    parameters = told.parameters
    if not told.path.domain and told.path != NULL_PATH:
        return replies.BAD_SENDER
    if not _KNOWN.issuperset(parameters):
        return replies.UNKNOWN_PARAMETER
    if (parameters.get("BODY") or "8BITMIME").upper() not in ("7BIT", "8BITMIME"):
        return replies.UNKNOWN_PARAMETER
    if message_requests(parameters) is None:
        return replies.SYNTAX
    if parameters.get("SMTPUTF8") is not None or parameters.get("REQUIRETLS") is not None:
        return replies.SYNTAX  # RFC 6531 §3.4, RFC 8689 §2: they have no value
    size = parameters.get("SIZE", "0")
    if size is None or not size.isascii() or not size.isdigit() or len(size) > 20:  # RFC 1870 §3: 1*20DIGIT
        return replies.SYNTAX
    return None


def _no_room(session: SmtpSession, size_octets: int) -> Reply | None:
    """The reply to a message for which there is no room; better now than after the client has sent it."""
    if size_octets > session.parts.message_octets:
        return replies.MESSAGE_TOO_LARGE
    if not has_room(session.claim, size_octets):
        return replies.NO_ROOM_NOW
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
