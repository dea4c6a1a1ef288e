"""The line that each APPEND leaves in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.activity.events import Append, Outcome
from shared.activity.metrics import QUOTA_REFUSALS, REFUSALS
from shared.activity.record import record

if TYPE_CHECKING:
    from services.mail_access.imap.response import Reply
    from services.mail_access.imap.session import ImapSession

FULL = "OVERQUOTA"
# Why something was refused, for the metrics: by the response code of the reply.
REASONS = {
    FULL: "mailbox_full",
    "TOOBIG": "too_large",
    "TRYCREATE": "unknown_mailbox",
    "CANNOT": "malformed",
    "UNAVAILABLE": "store_away",
    "LIMIT": "limit",
    "SERVERBUG": "error",
}


def record_append(
    session: ImapSession, mailbox: str, octets: int, reply: Reply, began: float, uid: int | None = None
) -> None:
    """`reply` is given to an APPEND that `began` at that time of the session's clock; `mailbox` is "" if unread."""
    door = session.door_name
    status = reply.code.partition(b" ")[0].decode("ascii", "replace")
    if reply.condition == b"OK":
        outcome, status = Outcome.ACCEPTED, ""
    else:
        outcome = Outcome.DEFERRED if status == "UNAVAILABLE" else Outcome.REFUSED
        REFUSALS.add((door, REASONS.get(status, "other")))
        if status == FULL:
            QUOTA_REFUSALS.add((door,))
    record(
        Append(
            outcome=outcome,
            door=door,
            peer=session.peer.host,
            account=session.account_name(),
            mailbox=mailbox,
            uid=uid,
            octets=octets,
            code=reply.condition.decode("ascii"),
            status=status,
            ms=round((session.clock.seconds() - began) * 1000),
        )
    )
