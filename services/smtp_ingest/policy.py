"""Policies: the differences between the doors that mail comes in by; everything else is one session."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Policy:
    """How one door behaves.

    `lmtp`: RFC 2033 (LHLO, and after the message one reply for each recipient).
    `submission`: RFC 6409 (sign-in required, missing Date and Message-ID are added, the sender must be one's own).
    `checks`: SPF, DKIM and DMARC of mail that strangers bring; LMTP is for a mail server of ours, which has checked it.
    """

    name: str
    lmtp: bool = False
    submission: bool = False
    checks: bool = False


RELAY = Policy("smtp", checks=True)
SUBMISSION = Policy("submission", submission=True)
LMTP = Policy("lmtp", lmtp=True)


class FromPolicy(StrEnum):
    """The treatment of a message whose From is not an address of the account that submits it."""

    CHECK = "check"
    ADD_SENDER = "add-sender"
    FREE = "free"


class RobotStrangers(StrEnum):
    """The senders elsewhere who are answered by robots."""

    OFF = "off"
    PROVED = "proved"
