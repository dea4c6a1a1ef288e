"""Saving and what follows in this process: who saves sees their own text at the next request."""

from __future__ import annotations

from services.wiki.parts import WikiParts
from shared.wiki.save_page import Edit, Saved


async def save(parts: WikiParts, edit: Edit) -> Saved:
    """Raises what PageSaving.save raises."""
    saved = await parts.saving.save(edit)
    parts.pages.forget(saved.name, arrival=saved.created)
    return saved
