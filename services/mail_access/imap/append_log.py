"""The line that each APPEND leaves in the log."""

from __future__ import annotations

from services.mail_access.imap.response import Reply
from shared.activity.events import ACCEPTED, DEFERRED, REFUSED, Append, Outcome
from shared.activity.metrics import QUOTA_REFUSALS, REFUSALS
from shared.conversation.conversation import Conversation

FULL = "OVERQUOTA"
# Reasons of refusals for the metrics, by the response code of the reply.
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
    conversation: Conversation, mailbox: str, octets: int, reply: Reply, began: float, uid: int | None = None
) -> None:
    """Write the line of an APPEND that gets `reply`.

    `began` is a time of the conversation's clock; `mailbox` is "" if the command was refused before it was read.
    """
    if reply.condition == b"OK":
        outcome, status = ACCEPTED, ""
    else:
        outcome, status = _refusal(conversation.door_name, reply)
    conversation.record_message(
        Append(
            outcome,
            conversation.door_name,
            conversation.peer.host,
            conversation.account_name(),
            mailbox,
            uid,
            octets,
            reply.condition.decode("ascii"),
            status,
            round((conversation.clock.seconds() - began) * 1000),
        )
    )


def _refusal(door: str, reply: Reply) -> tuple[Outcome, str]:
    """What became of an APPEND that was refused, counted, and the response code."""
    status = reply.code.partition(b" ")[0].decode("ascii", "replace")
    REFUSALS.add((door, REASONS.get(status, "other")))
    if status == FULL:
        QUOTA_REFUSALS.add((door,))
    return DEFERRED if status == "UNAVAILABLE" else REFUSED, status
