"""Ending a job: what its robot changes and the answer to its sender are one commit, which happens once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.append import Append, AppendTarget, append_entries
from shared.folders.keep_message import keep_messages
from shared.folders.message import NewMessage
from shared.mail.address import parse_address
from shared.messages.render import render
from shared.outbound.departure import Departure, RemoteRecipient
from shared.outbound.enqueue import enqueue
from shared.robots.errors import LeaseLost
from shared.robots.job import RobotJob

KEPT = timedelta(hours=1)  # a job that is done, for the limits of senders

# The octets are no longer needed, and are not counted by anything.
_END = """
    UPDATE robot_job SET done_at = now(), octets = '' WHERE id = %s AND leases = %s AND done_at IS NULL
"""
_INBOX = "SELECT id FROM folder WHERE account_id = %s AND name = 'INBOX'"
_FORGET = "DELETE FROM robot_job WHERE done_at < now() - %s"


def finish_job(tx: Transaction, job: RobotJob, work: Callable[[Transaction], bytes], now: datetime) -> bool:
    """Do the work and put the mail that it gives into the sender's INBOX; whether the mailbox took it.

    A mailbox over its quota takes it if there is any room: what was done is told. Mail for a sender elsewhere is
    queued, from the null sender. Raises LeaseLost if another process has the job, and what `work` raises; nothing was
    done then. Announces FolderChanged, or QueueChanged.
    """
    if not tx.execute(_END, (job.id, job.lease)):
        raise LeaseLost(job.id)
    mail = work(tx)
    message = NewMessage(mail, now, render(mail))
    if job.account_id is None:
        _queue(tx, job, message, mail)
        return True
    inbox = tx.value(_INBOX, (job.account_id,))
    if inbox is None:
        return False
    (result,) = append_entries(tx, [Append(message, [AppendTarget(inbox)], over_quota=True)])
    return not isinstance(result, DomainError)


def _queue(tx: Transaction, job: RobotJob, message: NewMessage, octets: bytes) -> None:
    """The queue's runner takes Return-Path off, and signs."""
    to = parse_address(job.sender)
    utf8 = not (job.sender + job.address).isascii()
    departure = Departure(
        f"robot{job.id:x}", None, "", [RemoteRecipient(job.sender, to.domain)], not octets.isascii(), utf8
    )
    (message_id,) = keep_messages(tx, [message])
    enqueue(tx, [(message_id, len(octets), departure)])


def forget_done(tx: Transaction, kept: timedelta = KEPT) -> int:
    """Forget the jobs that were ended so long ago; how many."""
    return tx.execute(_FORGET, (kept,))
