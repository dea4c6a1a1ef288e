"""The robots of a process, put together: mail to them is answered here, where pages are formatted and saved."""

from __future__ import annotations

from dataclasses import replace

from services.wiki.parts import WikiParts
from services.wiki.settings import WikiSettings
from shared.access.account_fetcher import AccountFetcher
from shared.access.rulebook import Rulebook
from shared.access.usage.usage import Usage
from shared.robots.claim_job import JobsOf
from shared.robots.parts import RobotParts, WebAccess
from shared.robots.runner import RobotRunner
from shared.robots.table import SLOW
from shared.runtime.endpoint_places import port_of
from shared.runtime.parts import Parts
from shared.runtime.spawn import spawn

HTTP_PORT, HTTPS_PORT = 80, 443


def start_robots(parts: Parts[WikiSettings], wiki: WikiParts) -> RobotRunner:
    """Answer mail to robots from now on, until the process closes. Mail to slow ones keeps no other waiting."""
    robots = robot_parts(parts, wiki)
    if parts.settings.optional_robots:
        robots = replace(robots, web=_web_access(parts))
        slow = RobotRunner(robots, parts.bus, jobs=JobsOf(SLOW, are_wanted=True))
        parts.before_closing.insert(0, slow.close)
    runner = RobotRunner(robots, parts.bus, jobs=JobsOf(SLOW if parts.settings.optional_robots else ()))
    parts.before_closing.insert(0, runner.close)
    return runner


def _web_access(parts: Parts[WikiSettings]) -> WebAccess:
    """The proxy's rules, limits and counts, as the proxy has them."""
    rulebook = Rulebook(parts.database, parts.bus, parts.reactor, parts.settings.poll_interval)
    usage = Usage(parts.database, parts.reactor)
    spawn(rulebook.start(), "reading the proxy's rules")
    parts.before_closing.extend((usage.close, rulebook.close))
    return WebAccess(AccountFetcher(parts.reactor, rulebook, usage), parts.settings.robot_web_search)


def robot_parts(parts: Parts[WikiSettings], wiki: WikiParts) -> RobotParts:
    """What robots of this process work with."""
    return RobotParts(
        database=parts.database,
        reactor=parts.reactor,
        directory=wiki.directory,
        policy=wiki.policy,
        renderer=wiki.renderer,
        indexing=wiki.indexing,
        site_url=site_url(parts.settings),
        hostname=parts.settings.hostname,
        now=wiki.now,
    )


def site_url(settings: WikiSettings) -> str:
    """The site's address in mail, without a slash at the end: as the operator has set it, else that of its door."""
    if settings.web_url:
        return settings.web_url.rstrip("/")
    host = f"[{settings.hostname}]" if ":" in settings.hostname else settings.hostname
    tls_port = port_of(settings.web_tls_endpoints)
    if tls_port == HTTPS_PORT:
        return f"https://{host}"
    port = port_of(settings.web_endpoints)
    if port is None:
        return f"https://{host}" if tls_port is None else f"https://{host}:{tls_port}"
    return f"http://{host}" if port == HTTP_PORT else f"http://{host}:{port}"
