"""A folder of DokuWiki's data: `pages/` with the texts, `media/` with the files; as `agora wiki import` takes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from shared.wiki.dokuwiki import Converted, markdown_of, name_of

TEXT = ".txt"
PAGES, MEDIA = "pages", "media"


class DokuPage(NamedTuple):
    """A page to be saved; its media are ids of files in the folder."""

    name: str
    converted: Converted


def is_dokuwiki(folder: Path) -> bool:
    """Whether the folder has DokuWiki's pages; its `data` folder may be given, or the one above it."""
    return (folder / PAGES).is_dir() or (folder / "data" / PAGES).is_dir()


def data_of(folder: Path) -> Path:
    """The folder that has `pages` in it."""
    return folder if (folder / PAGES).is_dir() else folder / "data"


def page_texts(data: Path) -> Iterator[tuple[str, Path]]:
    """The id and the file of each page, by id."""
    pages = data / PAGES
    for file in sorted(pages.rglob(f"*{TEXT}")):
        parts = file.relative_to(pages).with_suffix("").parts
        if not any(part.startswith(("_", ".")) for part in parts):  # templates, and what DokuWiki keeps for itself
            yield ":".join(map(unquote, parts)), file


def read_page(page_id: str, text: str) -> DokuPage:
    """The page in Markdown."""
    return DokuPage(name_of(page_id), markdown_of(text, page_id))


def media_files(data: Path) -> Mapping[str, Path]:
    """The files by id."""
    media = data / MEDIA
    return {
        ":".join(map(unquote, file.relative_to(media).parts)): file
        for file in sorted(media.rglob("*"))
        if file.is_file() and not file.name.startswith((".", "_"))
    }
