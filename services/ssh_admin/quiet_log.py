"""The log of conch's classes, which say at level info what is of interest to their authors alone."""

from __future__ import annotations

from typing import Any

from twisted.logger import Logger, LogLevel


class QuietLogger(Logger):
    """Passes on what is a warning or worse."""

    def emit(self, level: Any, format: str | None = None, **values: object) -> None:
        """Log an event, unless it is mere information."""
        if level >= LogLevel.warn:
            super().emit(level, format, **values)
