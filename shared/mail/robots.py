"""The robots: addresses at every local domain whose mail a program answers, or does something with.

shared/robots has what they do; the doors for mail need only this.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple


class RobotKind(NamedTuple):
    """A robot's address, and what the doors for mail ask of a message to it."""

    name: str  # the local part, or what stands before its "+"
    takes_detail: bool  # the address is name+DETAIL, and never the name alone
    is_for_members: bool  # who has not signed in is refused
    reads_body: bool  # else the header is all that is kept
    changes: bool  # it does more than answer: what is not obeyed is refused, so that its sender knows
    most_an_hour: int  # messages of one sender
    room: str = ""  # its mail is a post to this room, which is made where there is none
    is_optional: bool = False  # without a setting of the operator's its address is nobody's


_KINDS = (
    # A person asks a few questions in an hour; a program that asks more has the search of the web.
    RobotKind("search", False, False, False, False, 20),
    # One message is a page with all its pictures.
    RobotKind("wiki", True, True, True, True, 200),
    # The room has the address itself where it is free; at domains that came later, and before the room, this has it.
    RobotKind("blog", False, True, True, True, 200, room="agora.blog"),
    # Each is a connection to another server, and up to 5 MiB.
    RobotKind("web", False, True, False, False, 20, is_optional=True),
)
ROBOTS: Mapping[str, RobotKind] = {kind.name: kind for kind in _KINDS}


def robot_at(base: str, detail: str, local_part: str, optional: Collection[str] = ()) -> RobotKind | None:
    """The robot of an address (shared/mail/address.py), None if it is none's; `optional`: those that are on."""
    kind = ROBOTS.get(base)
    if kind is None or (kind.is_optional and base not in optional):
        return None
    return kind if (bool(detail) if kind.takes_detail else local_part == base) else None
