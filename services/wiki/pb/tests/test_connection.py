"""Connections of Perspective Broker with Twisted's own client, and with hostile ones, over TCP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.spread import banana, flavors, pb

from services.wiki.pb.banana import encode
from services.wiki.pb.connection import PbConnection
from services.wiki.pb.exposed import Exposed, RefusedCall
from services.wiki.pb.failure import Error
from services.wiki.pb.limits import MOST_OBJECTS, MOST_UNDER_WAY
from services.wiki.pb.remote import RemoteObject
from shared.errors import DomainError
from shared.testing.reactor import running_reactor


class Opened(Factory[Any]):
    """A door whose root object has methods for tests."""

    noisy = False

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.held: list[Deferred[None]] = []
        self.connections: list[PbConnection] = []
        self.watchers: list[RemoteObject] = []

    def buildProtocol(self, addr: Any) -> PbConnection:
        self.connections.append(PbConnection(running_reactor(), self._root, lambda _: (404, "no such <thing>")))
        return self.connections[-1]

    def _root(self, _connection: PbConnection) -> Exposed:
        async def give(arguments: Sequence[Any], named: Mapping[str, Any]) -> Any:
            self.calls.append((arguments, named))
            return arguments[0] if arguments else named

        async def hold(_arguments: Sequence[Any], _named: Mapping[str, Any]) -> None:
            self.held.append(Deferred())
            await self.held[-1]

        async def fail(arguments: Sequence[Any], _named: Mapping[str, Any]) -> None:
            kinds: Mapping[str, Exception] = {
                "domain": DomainError("secret"),
                "bug": KeyError("secret"),
                "refused": RefusedCall(Error, "sign in"),
            }
            raise kinds[arguments[0]]

        async def watch(arguments: Sequence[Any], _named: Mapping[str, Any]) -> None:
            arguments[0].is_kept = True
            self.watchers.append(arguments[0])

        async def take(_arguments: Sequence[Any], _named: Mapping[str, Any]) -> None:
            return None

        async def new(_arguments: Sequence[Any], _named: Mapping[str, Any]) -> Exposed:
            return Exposed({"give": give})

        return Exposed({"give": give, "hold": hold, "fail": fail, "watch": watch, "take": take, "new": new})


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[Opened, int]]:
    door = Opened()
    port = running_reactor().listenTCP(0, door, interface="127.0.0.1")
    try:
        yield door, port.getHost().port
    finally:
        for each in door.connections:
            each.transport.abortConnection()
        await port.stopListening()


@asynccontextmanager
async def root_of(port: int) -> AsyncIterator[Any]:
    factory: Any = pb.PBClientFactory()
    factory.noisy = False
    connector = running_reactor().connectTCP("127.0.0.1", port, factory)
    try:
        yield await factory.getRootObject()
    finally:
        connector.disconnect()


class Raw(Protocol):
    """A client that sends octets; `ended` fires when the connection does."""

    def __init__(self) -> None:
        self.received = b""
        self.ended: Deferred[None] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        self.received += data

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.ended.callback(None)


async def raw(port: int, *octets: bytes) -> Raw:
    client: Any = await connectProtocol(TCP4ClientEndpoint(running_reactor(), "127.0.0.1", port), Raw())
    client.transport.writeSequence(octets)
    return client  # type: ignore[no-any-return]


VALUES: list[Any] = ["", "café \U0001f600", b"\0\xff", 0, -1, 2**40, 1.5, True, False, None, ["a", ["b"]], {"a": 1}]


async def test_values_go_round_with_twisteds_client() -> None:
    async with opened() as (door, port), root_of(port) as root:
        for value in VALUES:
            assert await root.callRemote("give", value) == value
        assert await root.callRemote("give", ("a", 1)) == ["a", 1]
        assert await root.callRemote("give", name="b") == {"name": "b"}
        assert door.calls[-1] == ([], {"name": "b"})


async def failure_of(called: Deferred[Any]) -> Failure:
    failed: list[Failure] = []
    await called.addErrback(failed.append)
    return failed[0]


async def test_failures_say_what_we_say_and_nothing_more() -> None:
    async with opened() as (_, port), root_of(port) as root:
        domain = await failure_of(root.callRemote("fail", "domain"))
        assert domain.check(pb.Error)
        assert domain.check("agora.status.404")
        assert domain.getErrorMessage() == "no such <thing>"
        refused = await failure_of(root.callRemote("fail", "refused"))
        assert refused.check(pb.Error)
        assert refused.getErrorMessage() == "sign in"
        bug = await failure_of(root.callRemote("fail", "bug"))
        missing = await failure_of(root.callRemote("hack"))
        assert missing.check(flavors.NoSuchMethod)
        assert missing.check(AttributeError)
        for each in (domain, refused, bug, missing):
            assert "secret" not in each.getErrorMessage() + each.getTraceback()
            assert "File" not in each.getTraceback()
        assert await root.callRemote("give", "still there") == "still there"


async def test_calls_are_answered_as_they_are_done() -> None:
    async with opened() as (door, port), root_of(port) as root:
        held = root.callRemote("hold")
        assert await root.callRemote("give", "first") == "first"
        door.held[0].callback(None)
        assert await held is None


async def test_no_more_calls_are_under_way_than_the_bound() -> None:
    async with opened() as (door, port), root_of(port) as root:
        held = [root.callRemote("hold") for _ in range(MOST_UNDER_WAY * 3)]
        last = root.callRemote("give", "last")
        async with root_of(port) as other:
            assert await other.callRemote("give", "another connection") == "another connection"
        assert len(door.held) == MOST_UNDER_WAY
        assert not last.called
        for number in range(MOST_UNDER_WAY * 3):
            while number >= len(door.held):
                await other_pass()
            door.held[number].callback(None)
        await gatherResults(held)
        assert await last == "last"


def other_pass() -> Deferred[None]:
    done: Deferred[None] = Deferred()
    running_reactor().callLater(0, done.callback, None)
    return done


async def test_references_are_good_for_their_connection_and_bounded() -> None:
    async with opened() as (_, port), root_of(port) as root:
        kept = [await root.callRemote("new") for _ in range(MOST_OBJECTS)]
        assert await kept[-1].callRemote("give", "a") == "a"
        assert "references" in (await failure_of(root.callRemote("new"))).getErrorMessage()
        del kept[:-1]  # the client lets go of them
        assert await (await root.callRemote("new")).callRemote("give", "b") == "b"


class Watcher(pb.Referenceable):
    def __init__(self) -> None:
        self.told: list[Any] = []
        self.once: Deferred[None] = Deferred()

    def remote_changed(self, *told: Any) -> None:
        self.told.append(told)
        if not self.once.called:
            self.once.callback(None)


async def test_watchers_are_called_and_let_go() -> None:
    async with opened() as (door, port), root_of(port) as root:
        watcher = Watcher()
        await root.callRemote("watch", watcher)
        door.watchers[0].call(b"changed", [[b"unicode", b"WikiHome"], 2])
        await watcher.once
        assert watcher.told == [("WikiHome", 2)]
        assert root.broker.localObjects.keys() == {1}
        door.watchers[0].release()
        await root.callRemote("take", Watcher())  # is let go after the call
        await root.callRemote("give", "")
        assert not root.broker.localObjects


def message(*arguments: Any, name: bytes = b"give", number: Any = b"root") -> bytes:
    return encode([b"message", 1, number, name, 1, [b"tuple", *arguments], [b"dictionary"]])


PB = encode(b"pb", with_vocabulary=False)
HOSTILE = {
    "unknown dialect": encode(b"dx", with_vocabulary=False),
    "call without a dialect": message(),
    "HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "TLS": bytes.fromhex("16030100d0010000cc0303") + b"\xaa" * 200,
    "instance": PB + message([b"instance", b"os.system", [b"dictionary"]]),
    "class": PB + message([b"class", b"os.system"]),
    "module": PB + message([b"module", b"os"]),
    "function": PB + message([b"function", b"os.system"]),
    "method": PB + message([b"method", b"system", [b"None"], [b"class", b"os"]]),
    "copyable": PB + message([b"twisted.spread.pb.CopyableFailure", [b"dictionary"]]),
    "old copy": PB + message([b"copy", b"os.system", [b"dictionary"]]),
    "cache": PB + message([b"cache", 1, b"os.system", [b"dictionary"]]),
    "reference in itself": PB + message([b"reference", 1, [b"list", [b"dereference", 1]]]),
    "persistent": PB + message([b"persistent", b"x"]),
    "unknown kind": PB + message([b"hack"]),
    "kind that is a number": PB + message([7]),
    "empty kind": PB + message([]),
    "text that is no UTF-8": PB + message([b"unicode", b"\xff"]),
    "boolean that is none": PB + message([b"boolean", b"maybe"]),
    "dictionary that is none": PB + message([b"dictionary", [1]]),
    "key that is no text": PB + message([b"dictionary", [1, 2]]),
    "arguments that are none": PB + encode([b"message", 1, b"root", b"give", 1, [b"None"], [b"dictionary"]]),
    "message of other kind": PB + encode([b"hack", 1]),
    "cached message": PB + encode([b"cachemessage", 1, 1, b"give", 1, [b"tuple"], [b"dictionary"]]),
    "no list": PB + encode(7),
    "another version": PB + encode([b"version", 5]),
    "long string": PB + b"\x7f\x7f\x7f\x82",
    "deep lists": PB + b"\x01\x80" * 100,
    "long number": PB + b"\x01" * 100,
    "unknown type": PB + b"\x00\x8f",
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_messages_end_the_connection_and_others_notice_nothing(name: str) -> None:
    async with opened() as (door, port), root_of(port) as root:
        held = root.callRemote("hold")
        client = await raw(port, HOSTILE[name])
        await client.ended
        assert b"Traceback" not in client.received
        assert await root.callRemote("give", "well") == "well"
        assert door.calls == [(["well"], {})]
        door.held[0].callback(None)
        await held


async def test_unknown_objects_and_lost_references_are_failures() -> None:
    async with opened() as (_, port), root_of(port) as root:
        for number in (b"other", 7, -1):
            client = await raw(port, PB, message(number=number), encode([b"decref", 7]), encode([b"decref", 99]))
            while b"there is no such object" not in client.received:
                await other_pass()
            client.transport.abortConnection()  # type: ignore[union-attr]
        assert await root.callRemote("give", 1) == 1


async def test_a_flood_of_calls_is_answered_in_order_of_their_coming() -> None:
    async with opened() as (door, port):
        client = await raw(port, PB, *[message(number) for number in range(5000)])
        while len(door.calls) < 5000:
            await other_pass()
        assert [call[0][0] for call in door.calls] == list(range(5000))
        client.transport.abortConnection()  # type: ignore[union-attr]


async def test_answers_longer_than_clients_take_are_failures() -> None:
    async with opened() as (_, port), root_of(port) as root:
        half = "x" * 400_000
        assert await root.callRemote("give", half) == half
        with pytest.raises(banana.BananaError):  # Twisted's client
            await root.callRemote("give", "x" * 700_000)
