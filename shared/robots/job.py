"""A message to a robot that waits to be answered."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class RobotJob(NamedTuple):
    """A message and its sender; the answer goes to the INBOX of the account, or where there is none, elsewhere."""

    id: int
    came_at: datetime
    account_id: int | None
    lease: int  # of this process; a later one has a greater number
    is_proved: bool  # the account has signed in, or its domain is proved; else the envelope alone names its address
    is_notice: bool  # the sender has reached the limit: the answer says so, and nothing else is done
    robot: str
    detail: str
    address: str  # the robot's, as it was written to
    sender: str
    octets: bytes  # the message, or its header
