"""Taking a message to a robot: the row is what the reply to the message promises."""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

import psycopg2

from shared.accounts.errors import AccountNotFound
from shared.database.referred import referring
from shared.database.transaction import Transaction
from shared.mail.robots import RobotKind
from shared.robots.channel import RobotJobCame
from shared.robots.errors import TooManyJobs

MOST_WAITING_OCTETS = 100 << 20  # of one sender and robot: two of the largest messages

# One after the other for each sender and robot, so that none is counted twice.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('robot ' || %s || ' ' || %s::bigint, 0))"
_COUNT = """
    SELECT count(*), coalesce(sum(octet_length(octets)) FILTER (WHERE done_at IS NULL), 0),
           coalesce(bool_or(digest = %(digest)s), false)
    FROM robot_job
    WHERE account_id = %(account)s AND robot = %(robot)s AND is_proved = %(is_proved)s
          AND (came_at > now() - interval '1 hour' OR done_at IS NULL)
"""
_TAKE = """
    INSERT INTO robot_job (account_id, is_proved, is_notice, robot, detail, address, sender, digest, octets)
    VALUES (%(account)s, %(is_proved)s, %(is_notice)s, %(robot)s, %(detail)s, %(address)s, %(sender)s, %(digest)s,
            %(octets)s)
    ON CONFLICT (digest) DO NOTHING
"""


class ToRobot(NamedTuple):
    """A message to a robot, as a door has it."""

    kind: RobotKind
    detail: str
    address: str
    account_id: int  # of its sender, who gets the answer
    is_proved: bool  # the sender has signed in, or its domain is proved by DKIM or SPF
    sender: str
    identifier: bytes  # its Message-ID, or what else is never another message's
    octets: bytes


def job_digest(sender: str, address: str, identifier: bytes) -> bytes:
    """What a message that is sent again has in common with its first."""
    return sha256(b"\0".join((sender.encode(), address.encode(), identifier))).digest()


def take_job(tx: Transaction, message: ToRobot) -> bool:
    """Keep the message until it is answered; whether it will be.

    A sender who has reached the limit of an hour is told so once; then nothing is kept. The same message again, from a
    sender that had no reply, is the job that is there. Announces RobotJobCame. Raises AccountNotFound, and TooManyJobs
    where a robot changes something: what is not done must not be lost.
    """
    kind, octets = message.kind, message.octets
    digest = job_digest(message.sender, message.address, message.identifier)
    row = {
        "account": message.account_id, "robot": kind.name, "is_proved": message.is_proved, "is_notice": False,
        "detail": message.detail, "address": message.address, "sender": message.sender, "digest": digest,
        "octets": psycopg2.Binary(octets),
    }  # fmt: skip
    tx.execute_with_next(_LOCK, (kind.name, message.account_id))
    counted = tx.row(_COUNT, row)
    assert counted is not None
    jobs, waiting_octets, is_here = counted
    if is_here:
        return True
    if kind.changes and (jobs >= kind.most_an_hour or (jobs and waiting_octets + len(octets) > MOST_WAITING_OCTETS)):
        raise TooManyJobs(f"{kind.name} takes no more from you now")
    if jobs > kind.most_an_hour:
        return False
    row["is_notice"] = jobs == kind.most_an_hour
    with referring(AccountNotFound):
        tx.execute(_TAKE, row)
    tx.announce(RobotJobCame())
    return True
