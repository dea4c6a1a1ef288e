"""Saving pages from a service: saves that arrive while one is being committed share the next commit."""

from __future__ import annotations

from collections.abc import Sequence

from shared.database.database import Database
from shared.database.errors import CommitUnknown
from shared.database.gathering import Gathering
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.wiki.errors import RevisionMoved, TooMuchToFormat
from shared.wiki.policy import WikiPolicy
from shared.wiki.renderer import Renderer
from shared.wiki.save_limits import SaveLimits
from shared.wiki.save_page import Edit, Saved, check_edit, save_pages

# The links of a larger source are found in another process, so that the database's threads are free for others.
MOST_OWN_CHARACTERS = 16 << 10
FIXED_OCTETS = 2_000  # what an edit takes besides its source


class PageSaving:
    """The saving of a process."""

    def __init__(
        self, database: Database, renderer: Renderer, policy: WikiPolicy, limits: SaveLimits | None = None
    ) -> None:
        self._database = database
        self._renderer = renderer
        self._policy = policy
        self._limits = limits or SaveLimits(database.clock)
        self._gathering: Gathering[Edit, Saved] = Gathering(database, self._save, weigh=_weigh)

    async def save(self, edit: Edit) -> Saved:
        """Save a page; committed when this returns.

        Raises what save_page() raises, TooManySaves, StoreFull, StoreUnavailable, StatementTimedOut.
        """
        self._database.free_space.check()
        check_edit(edit)
        await self._limits.count(edit.author)
        if edit.links is None and len(edit.source) > MOST_OWN_CHARACTERS:
            edit = edit._replace(links=await self._links_in(edit.source))
        try:
            return await self._gathering.submit(edit)
        except CommitUnknown:
            pass  # if it happened, the page has this text
        try:
            return await self._gathering.submit(edit)
        except RevisionMoved as moved:
            if moved.current.source != edit.source or moved.current.author != edit.author.shown:
                raise
            return Saved(moved.current.name, moved.current.revision, created=False, merged=False, changed=True)

    async def close(self) -> None:
        """Refuse new saves, and return when all that were accepted are committed."""
        await self._gathering.close()

    async def _links_in(self, source: str) -> Sequence[str]:
        try:
            return await self._renderer.links_in(source)
        except TooMuchToFormat:
            return ()

    def _save(self, tx: Transaction, edits: Sequence[Edit]) -> Sequence[Saved | DomainError]:
        return save_pages(tx, edits, self._policy)


def _weigh(edit: Edit) -> int:
    return FIXED_OCTETS + len(edit.source) * (1 if edit.source.isascii() else 4)
