"""The group that a session has selected, and the current article in it (RFC 3977 §6.1.1)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class SelectedGroup:
    """`number`: of the current article; None while it is invalid, as in an empty group."""

    folder_id: int
    name: str
    number: int | None
