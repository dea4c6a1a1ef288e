"""The names of mbox files for folders: a level of the name is a folder or a file, INBOX is INBOX.mbox."""

from __future__ import annotations

import re
from urllib.parse import unquote

from shared.folders.name import SEPARATOR

SUFFIX = ".mbox"
SUFFIXES = (SUFFIX, ".mbx")
SUBSCRIPTIONS = ".subscriptions"
_UNSAFE = re.compile(r"^\.|[%\\\x00-\x1f]")


def path_of(folder: str) -> str:
    """The file's path below the directory; what would be hidden or escape from it is written as %2E and the like."""
    return SEPARATOR.join(_UNSAFE.sub(_escaped, level) for level in folder.split(SEPARATOR)) + SUFFIX


def level_of(file_name: str) -> str:
    """The other way, for one level and without the suffix."""
    return unquote(file_name, errors="strict") if "%" in file_name else file_name


def _escaped(match: re.Match[str]) -> str:
    return f"%{ord(match[0]):02X}"
