"""What every refusal of the domain is: a fact, told without any protocol's numbers."""

from __future__ import annotations

from typing import ClassVar


class DomainError(Exception):
    """A fact that keeps an operation from being done; each protocol puts it in its own words.

    `temporary` says whether the same request may succeed later, unchanged.
    """

    temporary: ClassVar[bool] = False
