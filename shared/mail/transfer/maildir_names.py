"""The names of folders as a Maildir++ has them: levels are separated by dots, in modified UTF-7.

A dot within a level is `\\2e` and a backslash `\\5c`, as Dovecot's plugin listescape writes them.
"""

from __future__ import annotations

import re

from shared.folders.name import INBOX, SEPARATOR
from shared.messages.mutf7 import decode_mutf7, encode_mutf7

_ESCAPED = re.compile(r"\\([0-9a-fA-F]{2})")


def folder_of(file_name: str) -> str:
    """The folder's name here, of what stands behind the first dot there. An 8-bit name is UTF-8 already."""
    levels = file_name.split(".")
    name = SEPARATOR.join(_level_of(level) for level in levels)
    return INBOX if name.upper() == INBOX else name


def file_name_of(folder: str) -> str:
    """The other way."""
    levels = [level.replace("\\", "\\5c").replace(".", "\\2e") for level in folder.split(SEPARATOR)]
    return encode_mutf7(".".join(levels)).decode("ascii")


def _level_of(level: str) -> str:
    try:
        decoded = decode_mutf7(level.encode("ascii"))
    except (UnicodeEncodeError, ValueError):
        decoded = level
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), decoded)
