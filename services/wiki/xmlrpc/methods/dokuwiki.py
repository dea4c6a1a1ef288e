"""The methods dokuwiki.*: those that its clients ask for before and beside wiki.*, and that mean something here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.wiki.calls.caller import Caller
from services.wiki.calls.list_pages import all_pages
from services.wiki.calls.method import Method, table_of
from services.wiki.calls.plain_methods import find_pages
from services.wiki.calls.read_pages import find_page
from services.wiki.calls.save_pages import save
from services.wiki.xmlrpc.methods.wiki import put_page
from shared.wiki.errors import PageNotFound

API_VERSION = 11  # of DokuWiki's interface before JSON-RPC, which these methods are like


async def get_version(_caller: Caller) -> str:
    """The name of this server."""
    return "Agora"


async def get_api_version(_caller: Caller) -> int:
    """The version of DokuWiki's interface that these methods are like."""
    return API_VERSION


async def get_time(caller: Caller) -> int:
    """The server's time, in seconds since 1970."""
    return int(caller.parts.now().timestamp())


async def get_title(caller: Caller) -> str:
    """The site's name."""
    return caller.parts.site_name


async def get_page_list(
    caller: Caller, namespace: str = "", options: Mapping[str, Any] | None = None
) -> Sequence[Mapping[str, Any]]:
    """The pages below a name (all for `/` or an empty one): id, rev, mtime, size."""
    below = namespace.strip("/:")
    return [
        {"id": line.name, "rev": line.revision, "mtime": int(line.saved_at.timestamp()), "size": line.octets}
        for line in await all_pages(caller)
        if not below or line.name.startswith(f"{below}/")
    ]


async def search(caller: Caller, query: str) -> Sequence[Mapping[str, Any]]:
    """The pages that have all the words, best first: id, title, snippet, score, mtime."""
    hits = await find_pages(caller, query)
    return [
        {
            "id": hit.name,
            "title": hit.title,
            "snippet": hit.snippet,
            "score": len(hits) - rank,
            "mtime": int(hit.saved_at.timestamp()),
        }
        for rank, hit in enumerate(hits)
    ]


async def append_page(caller: Caller, page: str, text: str, attributes: Mapping[str, Any] | None = None) -> bool:
    """Put text behind a page's source; what others change meanwhile stays."""
    try:
        found = await find_page(caller, page)
    except PageNotFound:
        await put_page(caller, page, text, attributes)
        return True
    sum_, minor = (attributes or {}).get("sum", ""), (attributes or {}).get("minor", False)
    await save(caller, page, found.source + text, base=found.revision, comment=str(sum_), minor=bool(minor))
    return True


METHODS: Mapping[str, Method] = table_of(
    {
        "dokuwiki.getVersion": get_version,
        "dokuwiki.getXMLRPCAPIVersion": get_api_version,
        "dokuwiki.getTime": get_time,
        "dokuwiki.getTitle": get_title,
        "dokuwiki.getPagelist": get_page_list,
        "dokuwiki.search": search,
        "dokuwiki.appendPage": append_page,
    }
)
