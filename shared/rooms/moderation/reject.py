"""Rejecting a held post: it gets no number, and its author a mail with the reason."""

from __future__ import annotations

from datetime import datetime

from shared.database.transaction import Transaction
from shared.folders.append import Append, AppendTarget, append_entries
from shared.folders.message import NewMessage
from shared.messages.overview import overview_fields
from shared.messages.render import render
from shared.rooms.moderation.held import Decided, decide, take_held
from shared.rooms.posts.moderation_mail import rejection_mail
from shared.rooms.reader import Reader

MOST_REASON_CHARACTERS = 10_000  # of a moderator's mail, which may quote all of the post

_INBOX = "SELECT id FROM folder WHERE account_id = %s AND name = 'INBOX'"


def reject(tx: Transaction, token: str, reader: Reader | None, reason: str, mail_domain: str, now: datetime) -> Decided:
    """The same Message-ID is refused from now on as a duplicate, as long as the decision is remembered (30 days).

    Raises NotHeld, AlreadyDecided, NotAModerator.
    """
    held = take_held(tx, token, reader)
    reason = reason[:MOST_REASON_CHARACTERS].replace("\0", "").encode("utf-8", "replace").decode()
    decide(tx, held, reader, "rejected", reason)
    rooms = [room.name for room in held.rooms]
    inbox = None if held.account_id is None else tx.value(_INBOX, (held.account_id,))
    if inbox is not None:
        subject = overview_fields(held.octets).subject
        mail = rejection_mail(subject, ", ".join(rooms), reason, mail_domain, now)
        append_entries(
            tx, [Append(NewMessage(mail, now, render(mail)), [AppendTarget(inbox)])]
        )  # not where there is no room
    return Decided("rejected", held.identifier, rooms)
