"""Saving and deleting pages, as every protocol here does it."""

from __future__ import annotations

from services.wiki.calls.caller import Caller
from shared.wiki.delete_page import delete_page
from shared.wiki.name import page_name
from shared.wiki.save_page import Edit, Saved, save_page


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

    Raises BadPageName, MayNotWrite, PageTooLarge, EditConflict, RevisionMoved, StoreUnavailable.
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
    return await caller.parts.database.transact(save_page, edit, caller.parts.policy)


async def delete(caller: Caller, name: str) -> None:
    """Delete a page; its history stays. Raises BadPageName, PageNotFound, MayNotDelete, StoreUnavailable."""
    await caller.parts.database.transact(
        delete_page, page_name(name), caller.author, caller.parts.policy, door=caller.door
    )
