"""Claiming the next message to a robot: by a lease, which ends by itself if the process dies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.robots.job import RobotJob

# Longer than any robot works on a message: a page of 10 MiB is parsed, merged and saved in some seconds.
LEASE = timedelta(minutes=2)
MOST_LEASES = 5  # a message that ends the process each time is given up, and its sender told

_CLAIM = """
    UPDATE robot_job SET leases = leases + 1, leased_until = now() + %(lease)s
    WHERE id = (
        SELECT id FROM robot_job
        WHERE done_at IS NULL AND leased_until < now() AND (robot = ANY(%(robots)s::text[])) = %(wanted)s
        ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING id, came_at, account_id, leases, is_proved, is_notice, robot, detail, address, sender, octets
"""
_GIVE_BACK = """
    UPDATE robot_job SET leases = leases - 1, leased_until = now() + %(wait)s
    WHERE id = %(id)s AND leases = %(lease)s AND done_at IS NULL
"""


class JobsOf(NamedTuple):
    """The robots whose messages a runner takes: these, or all others."""

    robots: Sequence[str] = ()
    are_wanted: bool = False


ALL = JobsOf()


def claim_job(tx: Transaction, jobs: JobsOf = ALL, lease: timedelta = LEASE) -> RobotJob | None:
    """The oldest message among these that no other process works on; None where there is none."""
    row = tx.row(_CLAIM, {"lease": lease, "robots": list(jobs.robots), "wanted": jobs.are_wanted})
    return None if row is None else RobotJob(*row)


def give_back(tx: Transaction, job: RobotJob, wait: timedelta) -> None:
    """Leave the message to whichever process looks after `wait`; this attempt does not count."""
    tx.execute(_GIVE_BACK, {"wait": wait, "id": job.id, "lease": job.lease})
