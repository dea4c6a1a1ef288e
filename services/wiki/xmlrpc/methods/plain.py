"""The plain methods in XML-RPC: those of every protocol; setPage returns the page's name."""

from __future__ import annotations

from collections.abc import Mapping

from services.wiki.calls.caller import Caller
from services.wiki.calls.method import Method, table_of
from services.wiki.calls.plain_methods import PLAIN
from services.wiki.calls.save_pages import save


async def set_page(
    caller: Caller, path: str, data: str, base: int | None = None, comment: str = "", minor: bool = False
) -> str:
    """Save a page and return its name. `base`: the revision that was edited; what others changed since is merged,
    or refused with fault 409 and the diff. savePage tells the new revision, too."""
    return (await save(caller, path, data, base=base, comment=comment, minor=minor)).name


METHODS: Mapping[str, Method] = {**PLAIN, **table_of({"setPage": set_page})}
