"""The names of files that a wiki is exported to: `Recipes/Scones.md`, and `Recipes/Scones%files/photo.jpg`.

What some file system does not take is written as in a URL; `%` itself always is, so that a name is never two pages'.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import unquote

ENDING = ".md"
FILES = "%files"  # no name ends so: `%` is written as %25
_UNSAFE = re.compile(r'[%\\:*?"<>|\x00-\x1f\x7f]|^\.|[. ]$')
# What stays where a name is to differ from another one in more than capital letters; group 1: escapes, slashes.
_SMALL = re.compile(r"(%[0-9A-F]{2}|%?/|[a-z0-9 ])|.")
_MOST_OCTETS = 240  # of a part of a path; most file systems have 255


def page_file(name: str, taken: set[str]) -> PurePosixPath:
    """The file of a page, without its ending. `taken` has those of other pages, in lower case, and this one then."""
    path = "/".join(map(_part, name.split("/")))
    if path.casefold() in taken:  # some file systems do not tell WikiHome from Wikihome
        path = _SMALL.sub(lambda found: found[0] if found[1] else _escaped(found[0]), path)
    taken.add(path.casefold())
    return PurePosixPath(path)


def page_of(file: PurePosixPath) -> str:
    """The page of a file, given without its ending."""
    return unquote("/".join(file.parts).replace("%/", ""))


def _escaped(letters: str) -> str:
    return "".join(f"%{octet:02X}" for octet in letters.encode())


def _part(segment: str) -> str:
    part = _UNSAFE.sub(lambda found: _escaped(found[0]), segment)
    if len(part.encode()) <= _MOST_OCTETS:
        return part
    # A long part goes on in another folder, whose name ends as no part does.
    octets = part.encode()
    cut = octets[:_MOST_OCTETS].decode(errors="ignore")
    return cut + "%/" + _part(part[len(cut) :])
