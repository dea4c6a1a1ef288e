"""The errors of the store when it cannot do what was asked; all of it may work later."""

from __future__ import annotations

from typing import ClassVar

from shared.errors import DomainError


class StoreUnavailable(DomainError):
    """PostgreSQL cannot be reached, or is too busy, or the answer to a commit was lost."""

    temporary: ClassVar[bool] = True


class CommitUnknown(StoreUnavailable):
    """The connection was lost while the commit was under way: it may have happened or not.

    Nothing repeats such an operation by itself, a delivery could then happen twice. A caller that can recognise what
    was done may look, and repeat it.
    """


class StoreFull(StoreUnavailable):
    """PostgreSQL's disk is full: reading and deleting go on."""


class StatementTimedOut(DomainError):
    """A statement, or the wait for a lock, ran over its time limit and was cancelled; nothing was changed."""

    temporary: ClassVar[bool] = True
