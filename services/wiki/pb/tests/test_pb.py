"""Perspective Broker's root, perspectives, watches and sign-in, by Twisted's own client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from twisted.cred.credentials import Anonymous, UsernamePassword
from twisted.cred.error import UnauthorizedLogin
from twisted.internet.defer import Deferred, gatherResults
from twisted.python.failure import Failure
from twisted.spread import flavors, pb

from services.wiki.calls.caller import Caller
from services.wiki.calls.save_pages import save
from services.wiki.calls.tests.fixtures import PASSWORD, People
from services.wiki.calls.tests.site import Opened
from services.wiki.pb.limits import MOST_WATCHES
from shared.accounts.account import Role
from shared.accounts.change_account import disable_account, set_role
from shared.database.transaction import Transaction
from shared.rooms.create_room import create_room
from shared.testing.reactor import running_reactor


@asynccontextmanager
async def connected(opened: Opened) -> AsyncIterator[Any]:
    """A client factory whose connection is made when it is first asked for something."""
    factory: Any = pb.PBClientFactory()
    factory.noisy = False
    connector = running_reactor().connectTCP("127.0.0.1", opened.pb_port, factory)
    try:
        yield factory
    finally:
        connector.disconnect()


@asynccontextmanager
async def signed_in(opened: Opened, name: str, secret: str) -> AsyncIterator[Any]:
    async with connected(opened) as factory:
        yield await factory.login(UsernamePassword(name.encode(), secret.encode()))


async def failure_of(called: Deferred[Any]) -> Failure:
    failed: list[Failure] = []
    await called.addErrback(failed.append)
    return failed[0]


class Watcher(pb.Referenceable):
    def __init__(self) -> None:
        self.told: list[Any] = []
        self._waiting: list[tuple[int, Deferred[None]]] = []

    def remote_changed(self, name: str, revision: int, author: str) -> None:
        self.told.append((name, revision, author))
        for count, waiting in self._waiting:
            if len(self.told) == count:
                waiting.callback(None)

    def times(self, count: int) -> Deferred[None]:
        """Fires when it was told so often."""
        waiting: Deferred[None] = Deferred()
        if len(self.told) >= count:
            waiting.callback(None)
        else:
            self._waiting.append((count, waiting))
        return waiting.addTimeout(10, running_reactor())


async def test_root_serves_strangers(faces: Opened, people: People) -> None:
    admin = Caller(faces.parts, people.admin, "192.0.2.1", "test")
    await save(admin, "WikiHome", "See AnotherWikiPage and AnotherWikiPage and ThirdPage.")
    await save(admin, "SecondPage", "See AnotherWikiPage.")
    async with connected(faces) as factory:
        root = await factory.getRootObject()
        assert await root.callRemote("hasPage", "WikiHome") is True
        assert await root.callRemote("hasPage", "Missing") is False
        assert await root.callRemote("listPages") == ["SecondPage", "WikiHome"]
        assert await root.callRemote("getPage", "SecondPage") == "See AnotherWikiPage."
        assert await root.callRemote("getPage", "Missing") == ""
        assert 'href="/AnotherWikiPage">AnotherWikiPage</a>' in await root.callRemote("getRenderedPage", "WikiHome")
        assert await root.callRemote("echo", "cheese") == "You said: cheese"
        reporter = await root.callRemote("getReporter")
        assert await reporter.callRemote("listNeededPages") == ["AnotherWikiPage", "ThirdPage"]
        refused = await failure_of(root.callRemote("setPage", "A", "a"))
        assert refused.check(pb.Error)
        assert "sign in" in refused.getErrorMessage()
        assert (await failure_of(root.callRemote("deletePage", "WikiHome"))).check(AttributeError)


async def test_root_takes_pages_where_everyone_writes(open_wiki: Opened) -> None:
    async with connected(open_wiki) as factory:
        root = await factory.getRootObject()
        await root.callRemote("setPage", "ByStranger", "text")
        assert await root.callRemote("getPage", "ByStranger") == "text"


async def test_guests_read(faces: Opened) -> None:
    async with connected(faces) as factory:
        guest = await factory.login(Anonymous())
        assert await guest.callRemote("hasPage", "WikiHome") is True
        failure = await failure_of(guest.callRemote("setPage", "A", "a"))
        assert failure.check(AttributeError)
        assert failure.check(flavors.NoSuchMethod)
        assert "File" not in failure.getTraceback()


async def test_members_write_and_admins_delete(faces: Opened, people: People) -> None:
    async with signed_in(faces, "alice", people.pb["alice"]) as alice:
        await alice.callRemote("setPage", "PbTest", "one\ntwo\nthree\n")
        saved = await alice.callRemote("savePage", "PbTest", "one\ntwo\nTHREE\n", 1)
        assert (saved["revision"], saved["merged"]) == (2, False)
        await alice.callRemote("setPage", "PbTest", "ONE\ntwo\nthree\n", base=1)
        page = await alice.callRemote("readPage", "PbTest")
        assert (page["source"], page["author"], page["revision"], page["merged"]) == (
            "ONE\ntwo\nTHREE\n", "alice", 3, True,
        )  # fmt: skip
        conflict = await failure_of(alice.callRemote("setPage", "PbTest", "1\ntwo\nthree\n", base=1))
        assert conflict.check(pb.Error)
        assert conflict.check("agora.status.409")
        assert "-ONE\n+1\n" in conflict.getErrorMessage()
        assert (await failure_of(alice.callRemote("deletePage", "PbTest"))).check(AttributeError)
        assert (await failure_of(alice.callRemote("setPage", "save", "a"))).check("agora.status.400")
    async with signed_in(faces, "admin", people.pb["admin"]) as admin:
        assert await admin.callRemote("deletePage", "PbTest") is True
        assert (await failure_of(admin.callRemote("deletePage", "PbTest"))).check("agora.status.404")


async def test_only_an_app_password_for_it_signs_in(faces: Opened, people: People) -> None:
    for name, secret in (
        ("alice", PASSWORD),
        ("alice", people.pb["bob"]),
        ("nobody", PASSWORD),
        ("", ""),
        ("a" * 999, ""),
    ):
        async with connected(faces) as factory:
            failure = await failure_of(factory.login(UsernamePassword(name.encode(), secret.encode())))
            assert failure.check(UnauthorizedLogin) or failure.check(pb.Error)
            if len(name) < 300:
                assert "app password" in failure.getErrorMessage()
    async with signed_in(faces, "alice@example.org", people.pb["alice"]) as alice:
        assert await alice.callRemote("echo", "a") == "You said: a"


async def test_failures_lock_out(faces: Opened, people: People) -> None:
    async with connected(faces) as factory:
        messages = []
        for _ in range(12):
            failure = await failure_of(factory.login(UsernamePassword(b"alice", b"wrong")))
            assert failure.check(UnauthorizedLogin)
            messages.append(failure.getErrorMessage())
        assert "too many failures" in messages[-1]


async def test_a_challenge_takes_one_response(faces: Opened, people: People) -> None:
    async with connected(faces) as factory:
        root = await factory.getRootObject()
        challenge, challenger = await root.callRemote("login", b"alice")
        assert len(challenge) == 16
        right = pb.respond(challenge, people.pb["alice"].encode())
        assert (await failure_of(challenger.callRemote("respond", right[:-1], None))).check(UnauthorizedLogin)
        assert (await failure_of(challenger.callRemote("respond", right, None))).check(UnauthorizedLogin)


async def test_watchers_are_told_of_saves_by_any_face(faces: Opened, people: People) -> None:
    async with connected(faces) as factory:
        guest = await factory.login(Anonymous())
        watcher, other = Watcher(), Watcher()
        await guest.callRemote("watch", "WikiHome", watcher)
        await guest.callRemote("watch", "Not There Yet", watcher)
        await guest.callRemote("watch", "WikiHome", other)
        alice = Caller(faces.parts, people.alice, "192.0.2.1", "rest")
        await save(alice, "WikiHome", "second")
        await gatherResults([watcher.times(1), other.times(1)])
        await save(alice, "Not_There_Yet", "first")
        await watcher.times(2)
        assert watcher.told == [("WikiHome", 2, "alice"), ("Not There Yet", 1, "alice")]
        await guest.callRemote("unwatch", "WikiHome", watcher)
        await save(alice, "WikiHome", "third")
        await other.times(2)
        assert other.told == [("WikiHome", 2, "alice"), ("WikiHome", 3, "alice")]
        assert len(watcher.told) == 2


async def test_watches_are_bounded_and_gone_with_the_connection(faces: Opened) -> None:
    async with connected(faces) as factory:
        root = await factory.getRootObject()
        watcher = Watcher()
        for number in range(MOST_WATCHES):
            await root.callRemote("watch", f"Page{number}", watcher)
        assert str(MOST_WATCHES) in (await failure_of(root.callRemote("watch", "More", watcher))).getErrorMessage()
        await root.callRemote("unwatch", "Page1")
        await root.callRemote("watch", "More", watcher)
        assert (await failure_of(root.callRemote("watch", "Page1", "no watcher"))).check("agora.status.400")
        assert (await failure_of(root.callRemote("watch", 7, watcher))).check("agora.status.400")


async def test_members_post_to_rooms(faces: Opened, people: People) -> None:
    await faces.parts.database.transact(create_room, "agora.tea")
    async with signed_in(faces, "alice", people.pb["alice"]) as alice:
        posted = await alice.callRemote("post", "agora.tea", "At four", "Café?\n")
        assert (posted["room"], posted["number"], posted["held"]) == ("agora.tea", 1, False)
        assert (await failure_of(alice.callRemote("post", "agora.none", "a", "b"))).check("agora.status.404")
        assert (await failure_of(alice.callRemote("post", "agora.tea", "a\nX: b", "b"))).check("agora.status.400")


async def test_members_alone_read_a_closed_wiki(closed_wiki: Opened, people: People) -> None:
    async with connected(closed_wiki) as factory:
        root = await factory.getRootObject()
        for call in (("getPage", "WikiHome"), ("listPages",), ("watch", "WikiHome", Watcher())):
            assert (await failure_of(root.callRemote(*call))).check("agora.status.401")
    async with signed_in(closed_wiki, "alice", people.pb["alice"]) as alice:
        assert await alice.callRemote("hasPage", "WikiHome") is True


@pytest.mark.parametrize("arguments", [(), (b"a", b"b"), (7,), (["alice"],)])
async def test_login_takes_a_name(faces: Opened, arguments: Any) -> None:
    async with connected(faces) as factory:
        root = await factory.getRootObject()
        assert (await failure_of(root.callRemote("login", *arguments))).check(pb.Error)
        assert await root.callRemote("echo", "a") == "You said: a"


@pytest.mark.parametrize("change", ["role", "disabled"])
async def test_an_account_with_another_role_or_disabled_loses_its_connections(
    faces: Opened, people: People, change: str
) -> None:
    def do(tx: Transaction) -> None:
        if change == "role":
            set_role(tx, people.bob.id, Role.ADMIN)
        else:
            disable_account(tx, people.bob.id)

    async with signed_in(faces, "bob", people.pb["bob"]) as bob, signed_in(faces, "alice", people.pb["alice"]) as alice:
        gone: Deferred[None] = Deferred()
        bob.notifyOnDisconnect(lambda _: gone.callback(None))
        await faces.parts.database.transact(do)
        await gone
        assert await alice.callRemote("echo", "a") == "You said: a"
