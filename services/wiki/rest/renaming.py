"""Renaming a page by REST."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from services.wiki.calls.caller import Caller
from services.wiki.rest.endpoint import Endpoint
from services.wiki.rest.result import RestAsked, Result
from shared.wiki.name import page_name, page_path
from shared.wiki.rename_page import rename_page


class PageRename(NamedTuple):
    """The new name of a page."""

    to: str
    comment: str = ""


class RenamedPage(NamedTuple):
    """A page's name as it is now, in its one spelling."""

    name: str


async def rename(caller: Caller, asked: RestAsked) -> Result:
    """Rename a page."""
    former, wanted, parts = page_name(asked.path["name"]), asked.body, caller.parts
    name = await parts.database.transact(
        rename_page, former, wanted.to, caller.author, parts.policy, wanted.comment, caller.door
    )
    for each in (former, name):
        parts.pages.forget(each, arrival=True)
    return Result(RenamedPage(name), fields={b"location": page_path(name).encode()})


ENDPOINTS: Sequence[Endpoint] = (
    Endpoint("POST", "/pages/{name}/rename", "renamePage", "Rename a page; its former name leads to it.", rename,
             RenamedPage, body=PageRename, problems=(403, 409, 415), signed_in=True),
)  # fmt: skip
