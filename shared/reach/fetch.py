"""A document of the web, fetched with a limit for everything: feeds, robots.txt, pages that somebody links to.

The address may be anything, and so may the answer. So each connection, those of redirects too, leads to an address that
was judged after its name was looked up; certificates are verified; time, octets and redirects are bounded.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.ssl import platformTrust

from shared.ip_network import Network
from shared.reach.connector import Connector, Refusal
from shared.reach.destinations import DestinationPolicy
from shared.reach.fetch_errors import FetchRefused, FetchTimedOut, TooManyRedirects
from shared.reach.names import Names
from shared.reach.system_resolver import SystemResolver
from shared.reach.web_address import WebAddress, parse_web_address
from shared.reach.web_request import Answer, Fields, WebRequests

MOST_OCTETS = 10 << 20  # the largest feeds have some 5 MiB
WITHIN = timedelta(seconds=30)  # in all: names, connections, heads, bodies
MOST_REDIRECTS = 5
SYSTEM_PORTS = 1024  # below it every port has its own protocol (RFC 6335 §6)
WEB_PORTS = (80, 443)
_FOR_GOOD = (301, 308)  # RFC 9110 §15.4
_REPEATED = (307, 308)  # with method and content
_FOR_ONE_ORIGIN = frozenset(("authorization", "cookie"))  # a redirect must not give them to another
EVERYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))  # but for clouds' metadata, which DestinationPolicy keeps


@dataclass(frozen=True)
class Fetched:
    """What the last server answered, whatever its status."""

    url: str  # after redirects
    moved_to: str | None  # the same, if there were redirects and each of them is for good (301, 308)
    status: int
    headers: Mapping[str, str]  # names in lower case, repeated fields joined by ", "; not those of the connection
    body: bytes  # without its content coding


class Fetcher:
    """One for a process: its fetches share what is known of names."""

    def __init__(
        self,
        reactor: Any,
        allowed_networks: Sequence[Network] = (),
        *,
        names: Names | None = None,
        trust_root: Any = None,
        host_refusal: Refusal = lambda host: None,
        address_refusal: Refusal = lambda address: None,
    ) -> None:
        """`allowed_networks` may be reached though they are not public, as DestinationPolicy has it.

        `host_refusal` may have an error for the host of each request, those of redirects too, and `address_refusal` for
        an address to which its name led: such an address is not connected to.

        `trust_root`: the authorities whose certificates are trusted, as Twisted has it; by default the platform's.
        """
        self._reactor = reactor
        trust_root = trust_root or platformTrust()
        names = names or Names(SystemResolver(reactor), reactor)
        everywhere = Connector(reactor, DestinationPolicy(EVERYWHERE).permits, names=names)
        self._policy = DestinationPolicy(allowed_networks)
        self._host_refusal, self._address_refusal = host_refusal, address_refusal
        public = Connector(reactor, self._permits, names=names)
        self._public = WebRequests(reactor, public, trust_root)
        self._everywhere = WebRequests(reactor, everywhere, trust_root)

    async def fetch(
        self,
        url: str,
        *,
        headers: Mapping[str, str] = {},  # never changed
        octets: int = MOST_OCTETS,
        timeout: timedelta = WITHIN,
        redirects: int = MOST_REDIRECTS,
        private: bool = False,
    ) -> Fetched:
        """GET `url`; `headers` are further fields, those for conditions too: then the status may be 304.

        `octets` bounds the body, after decompression too; `timeout` all of it, `redirects` their number. With `private`
        addresses that are not public may be reached, and any port. Raises FetchFailed, that is one of fetch_errors, or
        what `host_refusal` gave, and nothing else. Cancelling it leaves nothing behind. Whether to move to `moved_to`
        depends on the status too.
        """
        fields = {name.lower(): value for name, value in headers.items()}
        return await self._in_time(self._follow(url, fields, octets, redirects, private, None), timeout)

    async def post(
        self,
        url: str,
        content: bytes,
        content_type: str,
        *,
        headers: Mapping[str, str | Sequence[str]] = {},  # never changed
        octets: int = MOST_OCTETS,
        timeout: timedelta = WITHIN,
        private: bool = False,
    ) -> Fetched:
        """POST `content` to `url`, with further `headers`, and the bounds and errors of fetch().

        Only redirects that repeat the request (307, 308) are followed; of others the status is returned.
        """
        fields = {**headers, "content-type": content_type}
        return await self._in_time(self._follow(url, fields, octets, MOST_REDIRECTS, private, content), timeout)

    def _permits(self, address: str) -> bool:
        return self._policy.permits(address) and self._address_refusal(address) is None

    async def _in_time(self, following: Coroutine[Any, Any, Fetched], timeout: timedelta) -> Fetched:
        fetching: Deferred[Fetched] = Deferred.fromCoroutine(following)
        return await fetching.addTimeout(timeout.total_seconds(), self._reactor, onTimeoutCancel=_timed_out)

    async def _follow(
        self,
        url: str,
        fields: Fields,
        octets: int,
        redirects: int,
        private: bool,
        content: bytes | None,
    ) -> Fetched:
        address = parse_web_address(url)
        is_for_good, followed = True, 0
        while True:
            answer = await self._ask(address, fields, octets, private, content)
            if answer.location is None or (content is not None and answer.status not in _REPEATED):
                moved_to = address.url if followed and is_for_good else None
                return Fetched(address.url, moved_to, answer.status, answer.headers, answer.body)
            followed += 1
            if followed > redirects:
                raise TooManyRedirects
            is_for_good = is_for_good and answer.status in _FOR_GOOD
            before, address = address, parse_web_address(answer.location, address)
            if address.origin != before.origin:
                fields = {name: value for name, value in fields.items() if name not in _FOR_ONE_ORIGIN}

    async def _ask(
        self, address: WebAddress, fields: Fields, octets: int, private: bool, content: bytes | None
    ) -> Answer:
        if private:
            return await self._everywhere.ask(address, fields, octets, content)
        if address.port < SYSTEM_PORTS and address.port not in WEB_PORTS:
            raise FetchRefused(f"port {address.port} is not one of the web")
        refused = self._host_refusal(address.host)
        if refused is not None:
            raise refused
        return await self._public.ask(address, fields, octets, content)


def _timed_out(result: object, seconds: float) -> Fetched:
    """The error for the caller, whatever came of cancelling."""
    raise FetchTimedOut
