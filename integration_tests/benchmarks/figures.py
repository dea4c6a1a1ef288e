"""The figures that a job found, and medians and percentiles of measured values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One number. `unit` says what it counts, `more` whether more of it is better; None: it is only for information."""

    what: str
    value: float
    unit: str
    more: bool | None = None


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that `percent` per cent of all do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def median(values: Sequence[float]) -> float:
    """The middle one, or the mean of the two in the middle."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
