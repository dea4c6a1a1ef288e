"""A message between two systems, with what belongs to it there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from shared.folders.flags import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN

FORWARDED = "$Forwarded"  # the keyword that mail programs share for it
MOST_OCTETS = 256 << 20  # of one message: it is in memory, and again as it is rendered


class Carried(NamedTuple):
    """A message as it was found. `octets`: line ends as they are there."""

    octets: bytes
    received_at: datetime  # aware
    flags: int = 0  # system flags: shared/folders/flags.py
    keywords: Sequence[str] = ()


class NotTaken(NamedTuple):
    """A message that cannot be taken, and the reason: half a sentence."""

    where: str
    reason: str


@dataclass(frozen=True)
class CarriedFolder:
    """A folder of the other system. `messages` begins anew each time it is called."""

    name: str  # as it is called here: levels are separated by '/', and INBOX is INBOX
    messages: Callable[[], Iterator[tuple[str, Carried] | NotTaken]]  # where each was found, for the report
    count: int | None = None  # how many there are, if that is known


@dataclass(frozen=True)
class CarriedMailbox:
    """The folders of one account, and the names that it subscribes to (None: nothing is said)."""

    folders: Sequence[CarriedFolder]
    subscribed: Sequence[str] | None = None
    unreadable: Sequence[NotTaken] = field(default=())


# The letters of maildir's file names (https://cr.yp.to/proto/maildir.html), and those of Status and X-Status.
MAILDIR_FLAGS: Mapping[str, int] = {"S": SEEN, "R": ANSWERED, "F": FLAGGED, "T": DELETED, "D": DRAFT}
STATUS_FLAGS: Mapping[str, int] = {"R": SEEN, "A": ANSWERED, "F": FLAGGED, "D": DELETED, "T": DRAFT}
