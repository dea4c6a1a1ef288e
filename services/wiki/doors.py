"""The web doors and those of Perspective Broker, plain and over TLS, and the parts behind them, put together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from services.wiki.calls.open import call_parts
from services.wiki.changes_poster import start_poster
from services.wiki.live.streams import LiveStreams
from services.wiki.parts import WikiParts
from services.wiki.pb.doors import pb_doors
from services.wiki.robots import start_robots
from services.wiki.routes import make_app
from services.wiki.sessions.known_sessions import KnownSessions
from services.wiki.sessions.stored import drop_ended_sessions
from services.wiki.settings import WikiSettings
from services.wiki.site.access_log import WebAccessLog
from services.wiki.site.dispatch import Dispatch
from services.wiki.site.request import WebSite
from services.wiki.site.send import Note
from services.wiki.site.static_files import versioned
from services.wiki.site.templates import Templates
from services.wiki.unread import UnreadCounts
from services.wiki.visitor import DOOR
from shared.accounts.hashing import Hashing
from shared.accounts.http_credentials import HttpCredentials
from shared.accounts.sign_in import SignIn
from shared.bounded_cache import ENTRY_OCTETS, BoundedCache
from shared.clock import utc_now
from shared.conversation.limits import Limits
from shared.folders.body_cache import BodyCache
from shared.rooms.posts.open_posting import open_posting
from shared.rooms.search.indexing import ArticleIndexing
from shared.runtime.doors import Door
from shared.runtime.log_file import LogFile
from shared.runtime.parts import Parts
from shared.runtime.regularly import regularly
from shared.wiki.known_pages import KnownPages
from shared.wiki.policy import WikiPolicy
from shared.wiki.renderer import Renderer
from shared.wiki.saving import PageSaving

INDEXING_EVERY = timedelta(minutes=1)  # who searches sooner has what came lately indexed, or waits no longer for it


def open_doors(parts: Parts[WikiSettings]) -> Sequence[Door]:
    """The doors web, web_tls, pb and pb_tls."""
    settings = parts.settings
    wiki_parts = make_parts(parts)

    async def drop_ended() -> None:
        await parts.database.transact(drop_ended_sessions)

    regularly(parts.reactor, timedelta(days=1), drop_ended, "forgetting ended sessions", parts.before_closing)
    wiki_parts.templates.compile_first_seen()
    wiki_parts.renderer.start()
    start_robots(parts, wiki_parts)
    start_poster(parts, wiki_parts)
    regularly(
        parts.reactor, INDEXING_EVERY, wiki_parts.indexing.go_on, "indexing articles for searches", parts.before_closing
    )
    parts.manhole_names["site"] = wiki_parts.templates
    dispatch = Dispatch(wiki_parts, make_app(wiki_parts), _access_log(parts))

    def door(name: str, *, tls: bool) -> Door:
        site = WebSite(
            dispatch,
            parts.reactor,
            secure=tls,
            limit=settings.web_request_limit,
            body_octets=settings.web_body_octets,
        )
        return parts.door(name, site, Limits(), of="web", tls=tls)

    web = [door("web", tls=False), door("web_tls", tls=True)]
    return [*web, *pb_doors(parts, call_parts(wiki_parts))]


def make_parts(parts: Parts[WikiSettings]) -> WikiParts:
    """The parts of this process."""
    settings = parts.settings
    directory, names, posting = open_posting(parts)
    sign_in = SignIn(parts.database, parts.bus.redis, parts.reactor, settings)
    credentials = HttpCredentials(sign_in, DOOR, parts.reactor)
    sessions = KnownSessions(
        parts.database, parts.bus, credentials, settings.web_session_limit, settings.web_session_kept
    )
    policy = WikiPolicy(settings.wiki_read, settings.wiki_write)
    renderer = Renderer(parts.database, parts.reactor)
    saving = PageSaving(parts.database, renderer, policy)
    parts.before_closing.extend((saving.close, renderer.close))
    return WikiParts(
        settings=settings,
        database=parts.database,
        bus=parts.bus,
        sign_in=sign_in,
        http_credentials=credentials,
        hashing=Hashing(parts.reactor),
        sessions=sessions,
        policy=policy,
        renderer=renderer,
        saving=saving,
        pages=KnownPages(parts.database, parts.bus),
        page_bodies=BoundedCache(settings.web_cache_octets // 2, lambda body: len(body) + ENTRY_OCTETS),
        directory=directory,
        posting=posting,
        names=names,
        bodies=BodyCache(parts.database, settings.web_cache_octets // 2),
        templates=Templates(
            site_name=settings.site_name,
            stylesheet=versioned("style.css"),
            script=versioned("site.js"),
            live_script=versioned("live.js"),
        ),
        live=LiveStreams(parts.reactor),
        unread=UnreadCounts(parts.database, directory),
        indexing=ArticleIndexing(parts.database),
        now=utc_now,
    )


def _access_log(parts: Parts[WikiSettings]) -> Note | None:
    settings = parts.settings
    if settings.web_access_log is None:
        return None
    file = LogFile(settings.web_access_log, settings.log_file_octets, settings.log_files_kept)
    log = WebAccessLog(file, parts.reactor)
    parts.before_closing.append(log.close)
    return log.note
