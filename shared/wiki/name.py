"""The names of pages: one spelling for each, the paths of the site that are no pages, and the path of a page."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from shared.wiki.errors import BadPageName, ReservedPageName

MOST_CHARACTERS = 200
HOME = "WikiHome"  # the page at `/`

# First segments of the web site's other paths. Capital letters count: `Search` is a page, `search` is not.
RESERVED = frozenset({
    ".well-known", "RPC2", "SOAP", "about", "account", "admin", "api", "attach", "attachments", "backlinks", "blog",
    "comments", "delete", "diff", "edit", "events", "favicon.ico", "feeds", "files", "healthz", "help", "history",
    "index", "live", "metrics", "needed", "orphans", "preview", "proxy", "readyz", "recent", "rename", "revert",
    "robots.txt", "rooms", "save", "search", "sign-in", "sign-out", "sitemap.xml", "static", "undelete", "watch",
    "welcome",
})  # fmt: skip

# Line and paragraph separators, marks that turn the direction of what follows, and letters nobody sees: names that
# differ by them look the same. The joiners U+200C and U+200D stay: words of Persian and Hindi are written with them.
_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_SEPARATORS = re.compile(r"[ _]+")
_PATH_SAFE = "/:@!$&'()*+,;="  # RFC 3986 §3.3


def page_name(text: str) -> str:
    """The one spelling of the page name `text`: NFC, `_` and every space a single space, no `/` at the end.

    At most 200 characters; `/` divides it into segments. Raises BadPageName.
    """
    if len(text) > MOST_CHARACTERS * 4:  # no spelling of a name is so much longer
        raise BadPageName(f"more than {MOST_CHARACTERS} characters")
    name = unicodedata.normalize("NFC", text)
    if not name.isascii():
        name = "".join(" " if unicodedata.category(letter) == "Zs" else letter for letter in name)
    name = _SEPARATORS.sub(" ", name)
    if len(name) > 1:
        name = name.rstrip("/")
    if not name:
        raise BadPageName("an empty name")
    if len(name) > MOST_CHARACTERS:
        raise BadPageName(f"more than {MOST_CHARACTERS} characters")
    if name != name.strip(" "):
        raise BadPageName("a space at the beginning or the end")
    if not name.isprintable() and (_UNSEEN.search(name) or any(map(_is_no_character, name))):
        raise BadPageName("control characters, or characters that cannot be seen")
    for segment in name.split("/"):
        if segment in ("", ".", ".."):
            raise BadPageName("an empty part, '.' or '..' between slashes")
        if segment != segment.strip(" "):
            raise BadPageName("a space beside a slash")
    return name


def check_new_name(text: str) -> str:
    """The same for a page that is written. Raises BadPageName; ReservedPageName for the first segments in RESERVED."""
    name = page_name(text)
    first = name.partition("/")[0]
    if first.replace(" ", "_") in RESERVED or first in RESERVED:
        raise ReservedPageName(f"/{first} is a path of the site itself and cannot be a page")
    return name


def _is_no_character(letter: str) -> bool:
    """Controls, halves of surrogate pairs, and the two code points at the end of each plane."""
    return unicodedata.category(letter) in ("Cc", "Cs") or ord(letter) & 0xFFFE == 0xFFFE


def page_path(name: str) -> str:
    """The URL path of the page: `/Any%20Title`. Compare decoded paths: clients differ in what they encode."""
    return "/" + quote(name, safe=_PATH_SAFE)


def attachment_path(page: str, file: str) -> str:
    """The address of a file that is attached to the page: `/files/Any%20Title?name=plan.pdf`."""
    return f"/files{page_path(page)}?name={quote(file, safe='')}"
