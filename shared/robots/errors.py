"""The errors of mail to robots."""

from __future__ import annotations

from typing import ClassVar

from shared.errors import DomainError


class TooManyJobs(DomainError):
    """The sender has reached the robot's limit, or so much of its mail waits already."""

    temporary: ClassVar[bool] = True


class LeaseLost(DomainError):
    """Another process has taken the job, or ended it: nothing of this one's work is kept."""


class MailUnfit(DomainError):
    """The message is not what the robot works on; the message of the error is a sentence for its sender."""
