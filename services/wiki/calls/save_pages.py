"""Saving and deleting pages, as every protocol here does it."""

from __future__ import annotations

from services.wiki.calls.caller import Caller
from shared.wiki.delete_page import delete_page
from shared.wiki.name import page_name
from shared.wiki.save_page import Edit, Saved


async def save(
    caller: Caller,
    name: str,
    source: str,
    *,
    base: int | None = None,
    comment: str = "",
    minor: bool = False,
    only_if: int | None = None,
    only_new: bool = False,
) -> Saved:
    """Save a page; committed when this returns. `base`: the revision that was edited; others' changes are merged.

    Raises what PageSaving.save raises: BadPageName, MayNotWrite, PageTooLarge, EditConflict, RevisionMoved,
    RevisionNotFound, TooManySaves, StoreUnavailable.
    """
    edit = Edit(
        name=page_name(name),
        source=source,
        author=caller.author,
        comment=comment,
        minor=minor,
        base=base,
        only_if=only_if,
        only_new=only_new,
        door=caller.door,
    )
    saved = await caller.parts.saving.save(edit)
    caller.parts.pages.forget(saved.name, arrival=saved.created)
    return saved


async def delete(caller: Caller, name: str) -> None:
    """Delete a page; its history stays. Raises BadPageName, PageNotFound, MayNotDelete, StoreUnavailable."""
    canonical, parts = page_name(name), caller.parts
    await parts.database.transact(delete_page, canonical, caller.author, parts.policy, door=caller.door)
    parts.pages.forget(canonical, arrival=True)
