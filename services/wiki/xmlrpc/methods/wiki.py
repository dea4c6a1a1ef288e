"""The methods wiki.*: pages as DokuWiki's WikiRPC clients ask for them, with its arguments and fields.

A version is the number of a revision here, not a time. An attachment's name is `Page:file`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.wiki.calls.caller import Caller
from services.wiki.calls.errors import WrongArguments
from services.wiki.calls.kinds import fitted
from services.wiki.calls.list_pages import all_pages
from services.wiki.calls.method import Method, table_of
from services.wiki.calls.read_pages import find_page, html_of, may_read
from services.wiki.calls.save_pages import delete, save
from shared.wiki.backlinks import backlinks
from shared.wiki.errors import PageNotFound
from shared.wiki.history import page_history
from shared.wiki.links_of import links_of
from shared.wiki.name import page_name, page_path
from shared.wiki.page import Page
from shared.wiki.recent_changes import recent_changes

VERSION = 2  # of the WikiRPC interface
MOST_CHANGES = 1000
PER_PAGE = 20  # of a history, as DokuWiki's `recent`
EDIT = 2  # DokuWiki's number for the right to edit; 1 for reading
READ = 1
SAVES = ("created", "edited")  # the kinds of changes that make a version


async def get_rpc_version_supported(_caller: Caller) -> int:
    """The version of the WikiRPC interface: 2."""
    return VERSION


async def get_all_pages(caller: Caller) -> Sequence[Mapping[str, Any]]:
    """All pages, sorted: id, perms, size in octets, lastModified."""
    perms = perms_of(caller)
    return [
        {"id": line.name, "perms": perms, "size": line.octets, "lastModified": line.saved_at}
        for line in await all_pages(caller)
    ]


async def get_page(caller: Caller, page: str, version: int | None = None) -> str:
    """The source of a page, of its newest version or of the one asked for; fault 404 if there is none."""
    return (await find_page(caller, page, version or None)).source


async def get_page_version(caller: Caller, page: str, version: int) -> str:
    """The source of a version of a page."""
    return await get_page(caller, page, version)


async def get_page_html(caller: Caller, page: str, version: int | None = None) -> str:
    """A page as an HTML fragment; fault 404 if there is none."""
    return await html_of(caller, await find_page(caller, page, version or None))


async def get_page_html_version(caller: Caller, page: str, version: int) -> str:
    """A version of a page as an HTML fragment."""
    return await get_page_html(caller, page, version)


async def get_page_info(caller: Caller, page: str, version: int | None = None) -> Mapping[str, Any]:
    """The name, lastModified, author and version of a page."""
    return _info(await find_page(caller, page, version or None))


async def get_page_info_version(caller: Caller, page: str, version: int) -> Mapping[str, Any]:
    """The same of a version of it."""
    return await get_page_info(caller, page, version)


async def get_page_versions(caller: Caller, page: str, offset: int = 0) -> Sequence[Mapping[str, Any]]:
    """The versions of a page, the newest first, 20 at a time from an offset: user, type, sum, modified, version."""
    may_read(caller)
    if not 0 <= offset < MOST_CHANGES:
        raise WrongArguments(f"offset must be from 0 to {MOST_CHANGES - 1}")
    lines = await caller.parts.database.read(page_history, page_name(page), None, offset + PER_PAGE)
    return [
        {
            "user": line.author,
            "ip": "",  # nobody's address is shown
            "type": "e" if line.minor else "C" if line.revision == 1 else "E",
            "sum": line.comment,
            "modified": line.saved_at,
            "version": line.revision,
        }
        for line in lines[offset:]
    ]


async def get_recent_changes(caller: Caller, timestamp: datetime) -> Sequence[Mapping[str, Any]]:
    """The changes since a time (a dateTime, or seconds since 1970), the newest first, 1000 at most."""
    may_read(caller)
    perms = perms_of(caller)
    changes = await caller.parts.database.read(recent_changes, since=timestamp, most=MOST_CHANGES)
    return [
        {
            "name": change.name,
            "lastModified": change.saved_at,
            "author": change.author,
            "version": change.revision,
            "perms": perms,
            "size": change.octets,
        }
        for change in changes
        if change.kind in SAVES
    ]


async def list_links(caller: Caller, page: str) -> Sequence[Mapping[str, Any]]:
    """The links of a page: type (local or extern), page, href."""
    found = await find_page(caller, page)
    links = await caller.parts.database.read(links_of, found.id)
    return [{"type": "local", "page": name, "href": page_path(name)} for name in links]


async def get_back_links(caller: Caller, page: str) -> Sequence[str]:
    """The names of pages that link to a page, sorted."""
    may_read(caller)
    return list(await caller.parts.database.read(backlinks, page_name(page)))


async def put_page(
    caller: Caller, page: str, text: str, attributes: Mapping[str, Any] | None = None
) -> bool | Mapping[str, Any]:
    """Save a page; an empty text deletes it, as in DokuWiki. Attributes: sum, minor, and base, the version that was
    edited: with a base the answer is a struct with version and merged, without one it is true."""
    given = _Attributes(attributes or {})
    base = given.take("base", int, None)
    comment, minor = given.take("sum", str, ""), given.take("minor", bool, False)
    if not text and base is None:
        try:
            await delete(caller, page)
        except PageNotFound:
            return True
        return True
    saved = await save(caller, page, text, base=base, comment=comment, minor=minor)
    return True if base is None else {"version": saved.revision, "merged": saved.merged}


METHODS: Mapping[str, Method] = table_of(
    {
        "wiki.getRPCVersionSupported": get_rpc_version_supported,
        "wiki.getAllPages": get_all_pages,
        "wiki.getPage": get_page,
        "wiki.getPageVersion": get_page_version,
        "wiki.getPageHTML": get_page_html,
        "wiki.getPageHTMLVersion": get_page_html_version,
        "wiki.getPageInfo": get_page_info,
        "wiki.getPageInfoVersion": get_page_info_version,
        "wiki.getPageVersions": get_page_versions,
        "wiki.getRecentChanges": get_recent_changes,
        "wiki.listLinks": list_links,
        "wiki.getBackLinks": get_back_links,
        "wiki.putPage": put_page,
    }
)


class _Attributes:
    """A struct of options; those that are unknown do not matter."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given

    def take(self, name: str, kind: Any, otherwise: Any) -> Any:
        value = self._given.get(name)
        if value is None:
            return otherwise
        try:
            return fitted(kind, value)
        except ValueError:
            raise WrongArguments(f"the attribute {name} is not of its kind") from None


def _info(page: Page) -> Mapping[str, Any]:
    return {"name": page.name, "lastModified": page.saved_at, "author": page.author, "version": page.revision}


def perms_of(caller: Caller) -> int:
    """DokuWiki's number for what the caller may do."""
    return EDIT if caller.account is not None or caller.parts.policy.writing == "everyone" else READ
