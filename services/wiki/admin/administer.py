"""A change by an administrator with a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from services.wiki.calls.noted_change import Changer, noted_change
from services.wiki.parts import WikiParts
from services.wiki.sessions.visitor import Visitor
from services.wiki.site.errors import SignInNeeded
from services.wiki.visitor import DOOR
from shared.database.transaction import Transaction

T = TypeVar("T")


async def administer(parts: WikiParts, visitor: Visitor, command: str, change: Callable[[Transaction], T]) -> T:
    """What `change` returns, once it is noted. Raises SignInNeeded, and what noted_change() raises."""
    if visitor.account is None:
        raise SignInNeeded
    who = Changer(visitor.account, DOOR, visitor.host)
    return await noted_change(parts.database, who, command, change)
