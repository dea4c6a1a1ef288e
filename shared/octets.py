"""Numbers of octets as people read them: the same units in commands, on pages, and in what a command takes."""

from __future__ import annotations

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")  # powers of 1024 (IEC 80000-13), as quotas and limits are set
_MOST_SHOWN = 999.5  # more would be four digits: 1000 KiB is shown as 0.98 MiB, which is as exact


def format_octets(octets: int | None) -> str:
    """Three digits and a unit, `1.46 MiB`; None is what has no limit."""
    if octets is None:
        return "no limit"
    amount, unit = float(octets), 0
    while amount >= _MOST_SHOWN and unit < len(_UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    if amount >= _MOST_SHOWN:
        return f"{amount:,.0f} {_UNITS[unit]}"
    return f"{amount:.3g} {_UNITS[unit]}"
