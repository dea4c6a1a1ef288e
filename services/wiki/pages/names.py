"""The name of the page that a path means."""

from __future__ import annotations

from urllib.parse import quote

from services.wiki.site.errors import NotHere
from services.wiki.site.moved_to import MovedTo
from services.wiki.site.request import WebRequest
from shared.wiki.errors import BadPageName, ReservedPageName
from shared.wiki.name import RESERVED, page_name, page_path


def named(request: WebRequest, text: str, prefix: str = "") -> str:
    """The page's name. `prefix`: `/edit`, and so on.

    Raises MovedTo where the path has another spelling, NotHere for a path of the site that is not there, BadPageName.
    """
    name = page_name(text)
    if not prefix and is_reserved(name):
        raise NotHere
    if name != text:
        query = request.uri.partition(b"?")[2].decode("ascii", "replace")
        raise MovedTo(prefix + page_path(name) + (f"?{quote(query, safe='=&%+')}" if query else ""))
    return name


def written_name(text: str) -> str:
    """The same where a page is to be written: no redirect. Raises BadPageName, ReservedPageName."""
    name = page_name(text)
    if is_reserved(name):
        raise ReservedPageName(f"/{name.partition('/')[0]} is a path of the site itself and cannot be a page")
    return name


def is_reserved(name: str) -> bool:
    """Whether the first segment is the site's own."""
    first = name.partition("/")[0]
    return first in RESERVED or first.replace(" ", "_") in RESERVED


def revision_of(text: str | None) -> int | None:
    """A revision's number in a form or a query; None where there is none. Raises BadPageName."""
    if text is None or text == "":
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise BadPageName(f"{text[:40]!r} is no number of a revision")
    return int(text)
