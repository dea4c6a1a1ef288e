"""The parts that robots work with; one for each process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from shared.access.account_fetcher import AccountFetcher
from shared.database.database import Database
from shared.rooms.directory import Directory
from shared.rooms.search.indexing import ArticleIndexing
from shared.wiki.policy import WikiPolicy
from shared.wiki.renderer import Renderer


class WebAccess(NamedTuple):
    """The way out to the web. `search`: the address of a search, with `{query}` for the words; "": there is none."""

    fetcher: AccountFetcher
    search: str


@dataclass(frozen=True, slots=True)
class RobotParts:
    """`site_url` is the web site's, without a slash at the end."""

    database: Database
    reactor: Any
    directory: Directory
    policy: WikiPolicy
    renderer: Renderer
    indexing: ArticleIndexing
    site_url: str
    hostname: str
    now: Callable[[], datetime]  # the time, aware and in UTC
    web: WebAccess | None = None  # None: pages of the web are fetched for nobody
