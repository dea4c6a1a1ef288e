"""Bringing the histories of DokuWiki's pages, a piece at a time."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from shared.administration import pages
from shared.command_line.store import Store
from shared.command_line.wiki.commit_batches import commit_batches
from shared.command_line.wiki.dokuwiki_history import AtticText, attic_of, read_attic
from shared.errors import DomainError
from shared.wiki.bring_revisions import OldRevision
from shared.wiki.dokuwiki import markdown_of, name_of
from shared.wiki.save_page import MOST_SOURCE_OCTETS


class BroughtHistory(NamedTuple):
    """What became of a page's history."""

    revision: int | None  # the page's now; None: the page has another history here
    saved: int = 0
    unreadable: Sequence[Path] = ()


def bring_history(store: Store, data: Path, page_id: str, page: Path) -> BroughtHistory:
    """Save the revisions that the page has in `attic` and not here. A page that is not as it was brought has none."""
    name, unreadable, saved = name_of(page_id), list[Path](), 0
    attic = attic_of(data, page)
    try:
        so_far = store.read(pages.brought_so_far, name) if attic else None
        if so_far is None:
            return BroughtHistory(None)
        behind = so_far.revision
        if behind:
            dates = [each.saved_at for each in attic]
            if so_far.saved_at not in dates:
                return BroughtHistory(None)
            attic = attic[dates.index(so_far.saved_at) + 1 :]
        for together in commit_batches(_texts(attic, page_id, unreadable), lambda each: each.source):
            behind = store.transact(pages.bring_history, name, together, behind)
            saved += len(together)
    except DomainError:  # the page's name, or a change meanwhile: saving its newest text says so
        return BroughtHistory(None, saved, unreadable)
    return BroughtHistory(behind or None, saved, unreadable)


def _texts(attic: Sequence[AtticText], page_id: str, unreadable: list[Path]) -> Iterator[OldRevision]:
    for each in attic:
        try:
            octets = read_attic(each.file, MOST_SOURCE_OCTETS)
            source = markdown_of(octets.decode(), page_id).source
        except (OSError, EOFError, zlib.error, UnicodeDecodeError):
            unreadable.append(each.file)
            continue
        if len(octets) > MOST_SOURCE_OCTETS or len(source.encode()) > MOST_SOURCE_OCTETS:
            unreadable.append(each.file)
            continue
        yield OldRevision(source, each.author, each.comment, each.is_minor, each.saved_at)
