"""Mail of, and about, addresses elsewhere that are subscribed to rooms: requests, ways out, bounces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from twisted.logger import Logger

from services.smtp_ingest.replies import UNEXPECTED, Reply, reply_to
from services.smtp_ingest.room_replies import refusal
from services.smtp_ingest.session import SmtpSession
from services.smtp_ingest.taken import taken
from shared.conversation.spool import Spool
from shared.database.transaction import Transaction
from shared.folders.errors import QuotaExceeded
from shared.ip_network import network_of
from shared.mail.errors import AddressNotFound, BadAddress, DomainNotLocal, RecipientDisabled, ReportsOnly
from shared.mail.mailbox import Mailbox
from shared.mail.resolve import BounceTarget, UnsubscribeTarget
from shared.outbound.outcome import AttemptOutcome
from shared.rooms.subscriptions.elsewhere.ask import ask_elsewhere
from shared.rooms.subscriptions.elsewhere.bounces import (
    MOST_LOOKED_AT,
    BouncedOut,
    count_bounces,
    is_failure,
    token_of,
)
from shared.rooms.subscriptions.elsewhere.subscribe import unsubscribe_by_token
from shared.rooms.subscriptions.elsewhere.subscriber import elsewhere
from shared.rooms.subscriptions.errors import SubscriberNotLocal
from shared.rooms.subscriptions.request import RequestVerb

log = Logger()
# What says that this message does not fit, and nothing of the address (RFC 3463).
OF_THE_MESSAGE = ("5.3.4", "5.4.6", "5.6.")


async def is_elsewhere(session: SmtpSession, sender: Mailbox) -> bool:
    """Whether mail for the sender's domain is not kept here. Raises the store's errors."""
    try:
        with suppress(AddressNotFound, BadAddress, RecipientDisabled, QuotaExceeded):
            await session.parts.resolver.resolve(sender.local_part, sender.domain)
    except DomainNotLocal:
        return True
    return False


async def ask_sender_elsewhere(session: SmtpSession, sender: Mailbox, room_id: int, verb: RequestVerb) -> None:
    """Ask whether the request is the sender's own.

    Raises SubscriberNotLocal where no mail goes there, and ask_elsewhere()'s errors.
    """
    asker = elsewhere(sender.text)
    if not session.parts.routes.takes(asker.domain):
        raise SubscriberNotLocal(sender.text)
    parts, network = session.parts, network_of(session.peer.host)
    await parts.database.transact(ask_elsewhere, room_id, asker, verb.value, network, parts.mail_domain, parts.now())


def refuses_bounce(session: SmtpSession) -> Reply | None:
    """The reply to RCPT where what comes has a sender: bounces have none."""
    assert session.transaction is not None
    return reply_to(ReportsOnly()) if session.transaction.sender.local_part else None


async def take_bounce(session: SmtpSession, target: BounceTarget, content: Spool) -> Reply:
    """Count the bounce, if it says that something failed."""
    if not is_failure(content.octets[:MOST_LOOKED_AT]):
        return taken(session, "no report of a failure")
    try:
        most = session.parts.subscriber_bounces
        ended = await session.parts.database.transact(count_bounces, [target.token], most)
    except Exception as error:
        return _refused(error)
    _record(ended, most)
    return taken(session, "the bounce is counted")


async def end_subscription(session: SmtpSession, target: UnsubscribeTarget) -> Reply:
    """The token is proof enough: it is in what was sent to the subscriber."""
    try:
        room = await session.parts.database.transact(unsubscribe_by_token, target.token)
    except Exception as error:
        return _refused(error)
    return taken(session, f"no more posts of {room} are sent" if room else "the subscription has ended already")


def note_failed_of_subscribers(most: int) -> Callable[[Transaction, Sequence[AttemptOutcome]], None]:
    """What settles deliveries tells of those that failed for good."""

    def note(tx: Transaction, failed: Sequence[AttemptOutcome]) -> None:
        of_address = [each for each in failed if not each.status.startswith(OF_THE_MESSAGE)]
        tokens = [token for each in of_address if (token := token_of(each.recipient.sender)) is not None]
        _record(count_bounces(tx, tokens, most), most)  # twice in the log, if the transaction is run twice

    return note


def _record(ended: Sequence[BouncedOut], most: int) -> None:
    for room, address in ended:
        log.warn(
            "{address} is not sent {room} any more: mail came back on {most} days",
            address=address,
            room=room,
            most=most,
        )


def _refused(error: Exception) -> Reply:
    reply = refusal(error)
    if reply is UNEXPECTED:
        log.failure("mail about a subscription could not be taken")
    return reply
