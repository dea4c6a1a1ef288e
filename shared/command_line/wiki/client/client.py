"""What a wiki's client can do, whatever protocol it speaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class WikiLogin(NamedTuple):
    """A name and its password."""

    name: str
    password: str


class Written(NamedTuple):
    """What became of a save."""

    name: str
    revision: int
    created: bool
    merged: bool
    changed: bool


class HistoryLine(NamedTuple):
    """A revision of a page; `saved_at` is in ISO 8601."""

    revision: int
    saved_at: str
    author_name: str
    comment: str


class WikiFinding(NamedTuple):
    """A page that was found, and text around the words."""

    name: str
    title: str
    snippet: str


class WikiClient(Protocol):
    """Every method raises WikiError."""

    def get(self, name: str, revision: int | None) -> str:
        """The source."""

    def rendered(self, name: str) -> str:
        """The page as an HTML fragment."""

    def put(self, name: str, source: str, base: int | None, comment: str, minor: bool) -> Written:
        """Save it."""

    def names(self) -> Sequence[str]:
        """All pages, sorted."""

    def needed(self) -> Sequence[str]:
        """What is linked to and not there, most wanted first."""

    def delete(self, name: str) -> None:
        """Delete it."""

    def history(self, name: str) -> Sequence[HistoryLine]:
        """Its revisions, the newest first."""

    def search(self, words: str) -> Sequence[WikiFinding]:
        """The pages that have the words, best first."""
