"""Taking a message to a robot from a sender elsewhere, whose domain was proved: within limits of its own."""

from __future__ import annotations

from typing import NamedTuple

import psycopg2

from shared.database.transaction import Transaction
from shared.mail.robots import RobotKind
from shared.robots.channel import RobotJobCame
from shared.robots.take_job import job_digest

MOST_OF_A_NETWORK = 100  # messages within an hour
MOST_OF_ALL = 1000  # whatever addresses and networks a program thinks of

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('robots and strangers', 0))"
_COUNT = """
    SELECT count(*) FILTER (WHERE lower(sender) = lower(%(sender)s) AND robot = %(robot)s),
           count(*) FILTER (WHERE network = %(network)s), count(*),
           coalesce(bool_or(digest = %(digest)s), false)
    FROM robot_job WHERE account_id IS NULL AND came_at > now() - interval '1 hour'
"""
_TAKE = """
    INSERT INTO robot_job (network, is_proved, is_notice, robot, detail, address, sender, digest, octets)
    VALUES (%(network)s, false, false, %(robot)s, %(detail)s, %(address)s, %(sender)s, %(digest)s, %(octets)s)
    ON CONFLICT (digest) DO NOTHING
"""


class FromStranger(NamedTuple):
    """A message to a robot that only reads, as a door has it."""

    kind: RobotKind
    detail: str
    address: str
    sender: str  # of the envelope, who gets the answer
    network: str  # of the client (shared/ip_network.py)
    identifier: bytes  # its Message-ID, or what else is never another message's
    octets: bytes


def take_strangers_job(tx: Transaction, message: FromStranger) -> bool:
    """Keep the message until it is answered; whether it will be. Beyond the limits nothing is kept, and nothing said.

    Announces RobotJobCame.
    """
    kind = message.kind
    row = {
        "network": message.network, "robot": kind.name, "detail": message.detail, "address": message.address,
        "sender": message.sender, "digest": job_digest(message.sender, message.address, message.identifier),
        "octets": psycopg2.Binary(message.octets),
    }  # fmt: skip
    tx.execute_with_next(_LOCK)
    counted = tx.row(_COUNT, row)
    assert counted is not None
    of_sender, of_network, of_all, is_here = counted
    if is_here:
        return True
    if of_sender >= kind.most_an_hour or of_network >= MOST_OF_A_NETWORK or of_all >= MOST_OF_ALL:
        return False
    tx.execute(_TAKE, row)
    tx.announce(RobotJobCame())
    return True
