"""The saving of a page's text, which is merged with what others have saved meanwhile."""

from __future__ import annotations

from services.ssh_admin.sftp import page_store
from services.ssh_admin.sftp.pages import PageFiles
from services.ssh_admin.sftp.places import FilePlace
from shared.wiki.errors import EditConflict

REFUSED = ".refused"  # behind the name of a page's file: the text that could not be merged


async def save_text(pages: PageFiles, place: FilePlace, text: str, base: int | None) -> None:
    """Save `text`, which was written from revision `base`. Raises as save_page() does.

    After EditConflict the text is on the desk.
    """
    try:
        saved = await pages.transact(page_store.save, place.name, text, base)
    except EditConflict:
        pages.desk.make(place.path + REFUSED, text.encode())
        raise
    pages.desk.take_back(place.name)
    # What was merged is not what the session knows: the next text is compared with the same one again.
    if not saved.merged:
        pages.desk.saw(saved.name, saved.revision)
    elif base is not None:
        pages.desk.saw(saved.name, base)
