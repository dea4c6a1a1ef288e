"""The errors of live updates."""

from __future__ import annotations

from typing import ClassVar

from shared.errors import DomainError


class TooManyReaders(DomainError):
    """As many pages are open as one process, or one account, may have; the page itself works without."""

    temporary: ClassVar[bool] = True
