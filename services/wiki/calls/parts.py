"""The parts that calls work with, of those that the service has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.wiki.calls.gathered_reads import GatheredReads
from shared.accounts.sign_in import SignIn
from shared.database.database import Database
from shared.events.bus import Bus
from shared.folders.body_cache import BodyCache
from shared.rooms.directory import Directory
from shared.rooms.posts.posting import Posting
from shared.rooms.search.indexing import ArticleIndexing
from shared.wiki.known_pages import KnownPages
from shared.wiki.policy import WikiPolicy
from shared.wiki.renderer import Renderer
from shared.wiki.saving import PageSaving


@dataclass(frozen=True, slots=True)
class CallParts:
    """One for each process."""

    database: Database
    bus: Bus
    sign_in: SignIn
    reads: GatheredReads
    pages: KnownPages  # of the site: told of what is changed here
    saving: PageSaving
    renderer: Renderer
    policy: WikiPolicy
    directory: Directory
    posting: Posting
    bodies: BodyCache
    indexing: ArticleIndexing
    mail_domain: str
    site_name: str
    now: Callable[[], datetime]
