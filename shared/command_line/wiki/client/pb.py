"""A wiki by Perspective Broker, with Twisted's own client, in the reactor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from shared.command_line.in_reactor import in_reactor
from shared.command_line.wiki.client.client import HistoryLine, WikiFinding, WikiLogin, Written
from shared.command_line.wiki.client.errors import NoSuchWikiPage, SignInRefused, WikiError, error_of

ANSWER_SECONDS = 60


class PbPlace(NamedTuple):
    """A host and port, with `authority` (certificates in PEM) over TLS; who signs in, by an app password for pb."""

    host: str
    port: int
    authority: bytes | None
    login: WikiLogin | None


class PbClient:
    """See WikiClient. Each method connects, and runs the reactor, which goes once in a process."""

    def __init__(self, place: PbPlace) -> None:
        self._place = place

    def get(self, name: str, revision: int | None) -> str:
        """The source."""
        return str(self._call([("readPage", name, revision)])[0]["source"])

    def rendered(self, name: str) -> str:
        """The page as an HTML fragment."""
        is_there, html = self._call([("hasPage", name), ("getRenderedPage", name)])
        if not is_there:
            raise NoSuchWikiPage("there is no such page")
        return str(html)

    def put(self, name: str, source: str, base: int | None, comment: str, minor: bool) -> Written:
        """Save it."""
        (saved,) = self._call([("savePage", name, source, base, comment, minor)])
        return Written(*(saved[field] for field in Written._fields))

    def names(self) -> Sequence[str]:
        """All pages, sorted."""
        return list(self._call([("listPages",)])[0])

    def needed(self) -> Sequence[str]:
        """What is linked to and not there, most wanted first."""
        return list(self._call([("listNeededPages",)])[0])

    def delete(self, name: str) -> None:
        """Delete it."""
        self._call([("deletePage", name)])

    def history(self, name: str) -> Sequence[HistoryLine]:
        """Its revisions, the newest first."""
        lines: Sequence[Mapping[str, Any]] = self._call([("pageHistory", name)])[0]
        return [HistoryLine(*(line[field] for field in HistoryLine._fields)) for line in lines]

    def search(self, words: str) -> Sequence[WikiFinding]:
        """The pages that have the words, best first."""
        hits: Sequence[Mapping[str, Any]] = self._call([("searchPages", words)])[0]
        return [WikiFinding(hit["name"], hit["title"], hit["snippet"]) for hit in hits]

    def _call(self, calls: Sequence[tuple[Any, ...]]) -> Sequence[Any]:
        from twisted.internet.defer import TimeoutError as TookTooLong
        from twisted.internet.error import ConnectError
        from twisted.spread.pb import PBConnectionLost

        try:
            return in_reactor(lambda reactor: _conversation(reactor, self._place, calls))
        except (ConnectError, PBConnectionLost, TookTooLong) as error:
            raise WikiError(f"{self._place.host}:{self._place.port} does not answer: {error}") from None


async def _conversation(reactor: Any, place: PbPlace, calls: Sequence[tuple[Any, ...]]) -> Sequence[Any]:
    """Connect, sign in, make the calls one after the other, and hang up."""
    from twisted.cred.credentials import UsernamePassword
    from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
    from twisted.internet.ssl import Certificate, optionsForClientTLS, trustRootFromCertificates
    from twisted.python.failure import Failure
    from twisted.spread.pb import PBClientFactory, PBConnectionLost

    endpoint: Any = HostnameEndpoint(reactor, place.host, place.port)
    if place.authority is not None:
        trust = trustRootFromCertificates([Certificate.loadPEM(place.authority)])
        endpoint = wrapClientTLS(optionsForClientTLS(place.host, trust), endpoint)
    factory: Any = PBClientFactory()
    broker = await endpoint.connect(factory).addTimeout(ANSWER_SECONDS, reactor)
    # By an endpoint nobody tells the factory that the connection is lost, be it in the handshake of TLS.
    lost = Failure(PBConnectionLost("the connection was closed"))
    broker.notifyOnDisconnect(lambda: factory.clientConnectionLost(None, lost))
    try:
        if place.login is None:
            perspective = await factory.getRootObject().addTimeout(ANSWER_SECONDS, reactor)
        else:
            credentials = UsernamePassword(place.login.name.encode(), place.login.password.encode())
            perspective = await _answer(factory.login(credentials), reactor)
        return [await _answer(perspective.callRemote(*call), reactor) for call in calls]
    finally:
        factory.disconnect()


def _answer(asked: Any, reactor: Any) -> Any:
    return asked.addTimeout(ANSWER_SECONDS, reactor).addErrback(_refused)


def _refused(failure: Any) -> Any:
    """A failure that the server sent becomes the error of its status."""
    for status in (400, 401, 403, 404, 409, 412, 413, 429, 500, 503):
        if failure.check(f"agora.status.{status}"):
            raise error_of(status, str(failure.value))
    if failure.check("twisted.cred.error.UnauthorizedLogin"):
        raise SignInRefused(str(failure.value))
    if failure.check("twisted.spread.flavors.NoSuchMethod"):
        raise WikiError("the account may not do this by Perspective Broker")
    if failure.check("twisted.spread.pb.Error"):
        raise SignInRefused(str(failure.value))
    return failure
