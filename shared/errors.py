"""DomainError, what every refusal of the domain is: a fact, told without any protocol's numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar, TypeVar

Reply = TypeVar("Reply")
Otherwise = TypeVar("Otherwise")


class DomainError(Exception):
    """A reason for which an operation is not done; each protocol has its own words for it.

    `temporary` says whether the same request may succeed later, unchanged; `retry_after`, how much later, if known.
    """

    temporary: ClassVar[bool] = False
    retry_after: timedelta | None = None


def nearest(
    replies: Mapping[type[DomainError], Reply], error: BaseException, otherwise: Otherwise
) -> Reply | Otherwise:
    """The reply to `error`, or to the nearest kind of error above it that has one."""
    for kind in type(error).__mro__:
        if kind in replies:
            return replies[kind]
    return otherwise
