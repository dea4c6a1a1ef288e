"""The parts that every request works with; one for each process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.wiki.live.streams import LiveStreams
from services.wiki.sessions.known_sessions import KnownSessions
from services.wiki.settings import WikiSettings
from services.wiki.site.templates import Templates
from services.wiki.unread import UnreadCounts
from shared.accounts.hashing import Hashing
from shared.accounts.http_credentials import HttpCredentials
from shared.accounts.sign_in import SignIn
from shared.bounded_cache import BoundedCache
from shared.database.database import Database
from shared.events.bus import Bus
from shared.folders.body_cache import BodyCache
from shared.rooms.directory import Directory
from shared.rooms.posts.posting import Posting, ServerNames
from shared.rooms.search.indexing import ArticleIndexing
from shared.wiki.known_pages import KnownPages
from shared.wiki.policy import WikiPolicy
from shared.wiki.renderer import Renderer
from shared.wiki.saving import PageSaving


@dataclass(frozen=True, slots=True)
class WikiParts:
    """The parts, put together by doors.py."""

    settings: WikiSettings
    database: Database
    bus: Bus
    sign_in: SignIn
    http_credentials: HttpCredentials
    hashing: Hashing
    sessions: KnownSessions
    policy: WikiPolicy
    renderer: Renderer
    saving: PageSaving
    pages: KnownPages
    page_bodies: BoundedCache[str, bytes]  # what strangers are shown, by its ETag
    directory: Directory
    posting: Posting
    names: ServerNames
    bodies: BodyCache
    templates: Templates
    live: LiveStreams
    unread: UnreadCounts
    indexing: ArticleIndexing
    now: Callable[[], datetime]  # the time, aware and in UTC

    @property
    def site_name(self) -> str:
        """What the site is called."""
        return self.settings.site_name
