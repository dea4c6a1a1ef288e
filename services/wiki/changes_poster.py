"""The poster of a process, put together: changes of pages become messages of agora.wiki.changes."""

from __future__ import annotations

from services.wiki.pages.comments import change_names
from services.wiki.parts import WikiParts
from services.wiki.settings import WikiSettings
from shared.runtime.parts import Parts
from shared.wiki.changes_room.poster import ChangesPoster


def start_poster(parts: Parts[WikiSettings], wiki: WikiParts) -> ChangesPoster:
    """Post changes from now on, until the process closes."""
    poster = ChangesPoster(
        parts.database,
        parts.bus,
        wiki.directory,
        change_names(wiki),
        wiki.policy,
        parts.reactor,
        wiki.now,
        is_wanted=parts.settings.has_changes_room,
    )
    parts.before_closing.insert(0, poster.close)
    return poster
