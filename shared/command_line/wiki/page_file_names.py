"""The names of files that a wiki is exported to: `Recipes/Scones.md`, and `Recipes/Scones%files/photo.jpg`.

What some file system does not take is written as in a URL; `%` itself always is, so that a name is never two pages'.
No folder is called as a page's file could be: the page `a.md/b` is in `a%2Emd`.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import unquote

ENDING = ".md"
FILES = "%files"  # no name ends so: `%` is written as %25
_UNSAFE = re.compile(r'[%\\:*?"<>|\x00-\x1f\x7f]|^\.|[. ]$')
_BESIDES_CAPITALS = re.compile(r"(%[0-9A-F]{2}|[a-z0-9 ])|.")  # group 1: what stays where capital letters are escaped
_MOST_OCTETS = 240  # of a part of a path; most file systems have 255


def page_file(name: str, taken: set[str]) -> PurePosixPath:
    """The file of a page, without its ending. `taken` has those of other pages, in lower case, and this one then.

    Some file systems do not tell WikiHome from Wikihome: the second of two such names has its letters escaped.
    """
    path = ""
    for escape in (_unsafe_escaped, _capitals_escaped, _escaped):
        *folders, last = (escape(segment) for segment in name.split("/"))
        path = "/".join(_divided(part) for part in (*map(_no_file, folders), last))
        if path.casefold() not in taken:
            break
    taken.add(path.casefold())
    return PurePosixPath(path)


def page_of(file: PurePosixPath) -> str:
    """The page of a file, given without its ending."""
    return unquote("/".join(file.parts).replace("%/", ""))


def _no_file(folder: str) -> str:
    return folder.removesuffix(ENDING) + "%2E" + ENDING[1:] if folder.endswith(ENDING) else folder


def _escaped(letters: str) -> str:
    return "".join(f"%{octet:02X}" for octet in letters.encode())


def _unsafe_escaped(segment: str) -> str:
    return _UNSAFE.sub(lambda found: _escaped(found[0]), segment)


def _capitals_escaped(segment: str) -> str:
    return _BESIDES_CAPITALS.sub(lambda found: found[0] if found[1] else _escaped(found[0]), _unsafe_escaped(segment))


def _divided(part: str) -> str:
    """A long part goes on in another folder, whose name ends as no part does."""
    octets = part.encode()
    if len(octets) <= _MOST_OCTETS:
        return part
    cut = octets[:_MOST_OCTETS].decode(errors="ignore")
    return cut + "%/" + _divided(part[len(cut) :])
