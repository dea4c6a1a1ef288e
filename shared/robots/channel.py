"""The channel of robots: mail has come that waits to be answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from shared.events.channel import Channel, look_again

ROBOT_JOBS: Channel[RobotJobCame] = look_again("robot-jobs")  # watched as EVERYTHING


@dataclass(frozen=True, slots=True)
class RobotJobCame:
    """A message to a robot was taken."""

    channel: ClassVar[Channel[Any]] = ROBOT_JOBS
