"""A file that is attached to a page: its name, and one revision of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from shared.wiki.errors import BadFileName
from shared.wiki.page import FULL_NAME

MOST_FILE_OCTETS = 50 << 20  # as large as the largest message, which may bring files to a page
MOST_FILES = 1_000  # of one page
LONGEST_NAME = 200  # characters
PIECE_OCTETS = 256 << 10  # migrations/0023_page_files.sql


class PageFile(NamedTuple):
    """One revision of a file. They count 1, 2, … and go on after the file was deleted."""

    id: int  # of this revision
    page: str
    name: str
    revision: int
    media_type: str  # as the client said
    octets: int
    digest: bytes  # SHA-256
    author: str
    author_name: str
    comment: str
    saved_at: datetime


COLUMNS = f"""
    page_file_revision.id, page.name, page_file.name, page_file_revision.revision, page_file_revision.media_type,
    page_file_revision.octets, page_file_revision.digest, page_file_revision.author, {FULL_NAME},
    page_file_revision.comment, page_file_revision.saved_at
"""
TABLES = """
    page JOIN page_file ON page_file.page_id = page.id
    JOIN page_file_revision ON page_file_revision.file_id = page_file.id
    LEFT JOIN account ON account.id = page_file_revision.account_id
"""


def attachment_from(row: Sequence[Any]) -> PageFile:
    """The attachment in a row of COLUMNS."""
    return PageFile(*row)


def file_name(text: str) -> str:
    """The one spelling of a file's name: NFC, the last part of a path. Raises BadFileName."""
    name = unicodedata.normalize("NFC", text[: LONGEST_NAME * 10].replace("\\", "/").rpartition("/")[2]).strip()
    if not name or name.startswith("."):
        raise BadFileName("a name that is empty or begins with a dot")
    if len(name) > LONGEST_NAME:
        raise BadFileName(f"more than {LONGEST_NAME} characters")
    if not all(letter.isprintable() for letter in name):
        raise BadFileName("characters that cannot be seen")
    return name
