"""The private HTTP port: /healthz says that the process lives, /readyz whether it can serve, /metrics counts.

`/readyz` answers 503 while the store is away or the process is leaving. Without the bus everything works, later: that
is `degraded`, and 200. What came through a proxy is refused, so that no proxy's members see it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Protocol

from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.web.pages import forbidden, notFound
from twisted.web.resource import Resource
from twisted.web.server import Request, Site

from shared.runtime.async_page import AsyncPage, WebAnswer
from shared.runtime.bounded_site import BoundedSite

INSIDE = (".svc", ".local", ".internal", ".localhost")  # of Kubernetes, and reserved (RFC 6761, RFC 6762)


class State(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Condition:
    """The condition of one dependency, and the reason unless it is well."""

    state: State
    reason: str = ""


class Health(Protocol):
    """The facts about a process that the port shows."""

    async def conditions(self) -> Mapping[str, Condition]:
        """Every dependency by name; soon, whatever hangs."""

    async def metrics(self) -> bytes:
        """Numbers in Prometheus' text format."""


def health_site(health: Health) -> Site:
    """The web site of the health port."""
    root: Any = _Root()
    root.putChild(b"healthz", _Alive())
    pages = _Pages(health)
    root.putChild(b"readyz", AsyncPage(pages.ready, "answering the health port"))
    root.putChild(b"metrics", AsyncPage(pages.metrics, "answering the health port"))
    return _Private(root)


def readiness(conditions: Mapping[str, Condition]) -> tuple[bool, bytes]:
    """Whether no dependency is away, and the page that shows all."""
    ready = all(condition.state is not State.AWAY for condition in conditions.values())
    page = {"ready": ready, **{name: asdict(condition) for name, condition in conditions.items()}}
    return ready, json.dumps(page, indent=1).encode() + b"\n"


class _Private(BoundedSite):
    """Refuses what came through a proxy (RFC 9110 §7.6.3): members' requests reach this machine's ports by ours."""

    def getResourceFor(self, request: Request) -> Any:
        if request.requestHeaders.hasHeader(b"via"):
            return forbidden(message="This port answers nobody who comes through a proxy.")
        return super().getResourceFor(request)


class _Root(Resource):
    def getChildWithDefault(self, path: bytes, request: Request) -> Any:
        if path not in (b"healthz", b"readyz") and not _is_called_from_inside(request):
            return forbidden(message="Ask for this page by the address.")
        return super().getChildWithDefault(path, request)

    def getChild(self, path: bytes, request: Request) -> Any:
        return notFound()


def _is_called_from_inside(request: Request) -> bool:
    """Whether the page was asked for at an IP address, or at a name that public DNS does not have.

    A stranger's page in an operator's browser may ask for ours under a name of its own that leads here (DNS rebinding);
    such a name has a dot, and a top level that exists. Containers and Kubernetes have names of the other kinds.
    """
    host = request.getRequestHostname().strip(b"[]").decode("ascii", "replace").lower()
    is_address = isIPAddress(host) or isIPv6Address(host)
    return is_address or "." not in host or host.endswith(INSIDE)


class _Alive(Resource):
    isLeaf = True

    def render_GET(self, request: Request) -> bytes:
        request.setHeader(b"content-type", b"text/plain; charset=utf-8")
        return b"alive\n"


class _Pages:
    def __init__(self, health: Health) -> None:
        self._health = health

    async def ready(self, request: Request) -> WebAnswer:
        ready, body = readiness(await self._health.conditions())
        return WebAnswer(200 if ready else 503, b"application/json", body)

    async def metrics(self, request: Request) -> WebAnswer:
        return WebAnswer(200, b"text/plain; version=0.0.4; charset=utf-8", await self._health.metrics())
