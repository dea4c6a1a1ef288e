"""The results of calls that have more than one value; their fields are named alike in every protocol."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class PageText(NamedTuple):
    """A revision of a page with its source in Markdown."""

    name: str
    revision: int
    source: str
    author: str
    author_name: str
    comment: str
    minor: bool
    merged: bool
    saved_at: datetime


class SavedPage(NamedTuple):
    """What became of a save. `merged`: others' changes since the base are in it; `changed`: it was no repetition."""

    name: str
    revision: int
    created: bool
    merged: bool
    changed: bool


class PageRevision(NamedTuple):
    """A line of a page's history."""

    revision: int
    author: str
    author_name: str
    comment: str
    minor: bool
    merged: bool
    saved_at: datetime


class FoundPage(NamedTuple):
    """A page that has all the words; `snippet` is text around them, without marks."""

    name: str
    title: str
    snippet: str
    saved_at: datetime


class WantedPage(NamedTuple):
    """A page that is linked to and not there."""

    name: str
    wanted_by: int
