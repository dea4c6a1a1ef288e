"""A rule of the table of commands, as the session knows it: who obeys a command, and what goes around it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from services.mail_access.imap.response import Reply
from services.mail_access.imap.selected import Selected

S = TypeVar("S")  # the session: it is above its rules

Bound = Callable[[Any], Awaitable[Reply | None]]  # the function that obeys a command


def _always(command: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[S]):
    """The table has a kind of rule for each state of RFC 3501 §3 (states.py).

    `updates` are sent before the command while a mailbox is selected; EXPUNGEs are sent after it where `may_expunge`. A
    command that `overlaps` may be obeyed while replies to those before it are due; it gives no reply at once (None)
    when its own comes later, too (unanswered.py). Every other command waits until all replies before it are given.
    """

    updates: Callable[[S, Selected], Awaitable[None]]
    may_expunge: Callable[[Any], bool] = _always
    overlaps: bool = False

    def bind(self, session: S) -> Bound:
        """The function that obeys the command in the session's state.

        Raises Refused if the command is not allowed there.
        """
        raise NotImplementedError
