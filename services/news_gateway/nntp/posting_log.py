"""The line in the log, and in the metrics, for each article that was handed in (docs/logs.md)."""

from __future__ import annotations

from collections.abc import Sequence

from services.news_gateway.nntp.session import NntpSession
from shared.activity.events import ACCEPTED, DEFERRED, MOST_RECIPIENTS_SHOWN, REFUSED, Message, Outcome, RecipientReply
from shared.activity.metrics import REFUSALS

LATER = (403, 436)


def record_taken(
    session: NntpSession, code: int, identifier: bytes, rooms: Sequence[str], octets: int, began: float
) -> None:
    """The article is in these rooms, or waits for their moderators."""
    to = [RecipientReply(name, code) for name in rooms[:MOST_RECIPIENTS_SHOWN]]
    told = identifier.decode("ascii", "replace")
    _record(session, ACCEPTED, told, to, len(rooms), octets, code, began)


def record_refused(session: NntpSession, code: int, reason: str, octets: int, began: float) -> None:
    """The article was not taken; with some codes it may be later."""
    REFUSALS.add((session.door_name, reason))
    _record(session, DEFERRED if code in LATER else REFUSED, "", (), 0, octets, code, began)


def _record(
    session: NntpSession,
    outcome: Outcome,
    identifier: str,
    to: Sequence[RecipientReply],
    rooms: int,
    octets: int,
    code: int,
    began: float,
) -> None:
    door, peer, account = session.door_name, session.peer.host, session.account_name()
    ms = round((session.clock.seconds() - began) * 1000)
    session.record_message(
        Message(identifier, outcome, door, peer, account, "", "", to, rooms, 0, octets, code, "", ms)
    )
