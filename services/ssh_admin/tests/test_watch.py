"""`watch`: what happens is shown as it happens, to administrators."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import asyncssh
import pytest
from twisted.logger import Logger

from services.ssh_admin.settings import SshAdminSettings
from services.ssh_admin.tests.conftest import DOMAIN, SshDoor
from shared.activity.events import Message, Outcome, RecipientReply, SignInAttempt, SignInOutcome
from shared.activity.line import as_text
from shared.activity.record import record
from shared.administration import pages
from shared.command_line.operators.watched_events import MOST_WAITING, Heard, WatchedEvents
from shared.events.activity_feed import ActivityFeed, feed_channel
from shared.events.bus import Bus
from shared.rooms.find_room import find_room
from shared.rooms.tests.build import a_post, an_article, an_open_room, posted
from shared.testing.eventually import eventually
from shared.testing.reactor import call_in_reactor, running_reactor

HOSTILE = "a\x1b]0;x\x07@x.test"


@pytest.fixture
def settings(tmp_path: Any, redis_url: str) -> SshAdminSettings:
    return SshAdminSettings(
        stack_key_file=tmp_path / "stack-key", mail_domain=DOMAIN, hostname="ssh.example.test", redis_url=redis_url
    )


@pytest.fixture
def feed(bus: Bus, redis_url: str) -> ActivityFeed:
    return call_in_reactor(ActivityFeed, running_reactor(), bus.redis, feed_channel(redis_url))  # it asks Redis at once


def in_reactor(call: Callable[..., object], *arguments: object) -> None:
    running_reactor().callFromThread(call, *arguments)


def a_message(sender: str = "ann@x.test", door: str = "smtp", account: str = "") -> Message:
    to = [RecipientReply("alice@example.test", 250)]
    return Message("abc", Outcome.ACCEPTED, door, "192.0.2.7", account, "mx", sender, to, 1, 0, 99, 250, "2.0.0", 3)


def test_mail_sign_ins_posts_saves_and_errors_are_shown_and_ctrl_c_ends_it(door: SshDoor, feed: ActivityFeed) -> None:
    an_open_room(door.transaction)
    door.transaction.commit()
    log = Logger()

    async def work(connection: asyncssh.SSHClientConnection) -> tuple[str, Any, Any]:
        process = await connection.create_process("watch")
        pending: list[asyncio.Task[str]] = []
        shown = ""

        async def until(wanted: str, again: Callable[[], None]) -> None:
            nonlocal shown
            while wanted not in shown:
                again()
                if not pending:
                    pending.append(asyncio.ensure_future(process.stdout.readline()))
                done, _ = await asyncio.wait(pending, timeout=1)
                if done:
                    shown += pending.pop().result()

        await until("message id=abc", lambda: in_reactor(record, a_message(HOSTILE)))
        attempt = SignInAttempt(SignInOutcome.BAD_CREDENTIALS, "imaps", "192.0.2.8", "alice", "PLAIN")
        await until("sign_in outcome=bad_credentials", lambda: in_reactor(record, attempt))
        await until("error text=", lambda: in_reactor(lambda: log.error("it broke: {what}", what="tea")))
        posted(
            door.transaction,
            a_post(find_room(door.transaction, "local.knitting"), octets=an_article(identifier="<1@x.test>")),
        )
        pages.put(door.transaction, "alice", "Tea time", "x")
        door.transaction.commit()
        await until("save page=", lambda: None)
        process.send_signal("INT")
        done = await process.wait()
        return shown + str(done.stdout), done.exit_status, (await connection.run("echo on")).stdout

    shown, status, after = door.connect(work)
    assert (status, after) == (130, "on\n")
    assert "\x1b" not in shown
    assert 'from="a\\u001b]0;x\\u0007@x.test"' in shown
    assert "post room=local.knitting number=1 door=nntp network=192.0.2.1 message_id=<1@x.test>" in shown
    assert 'save page="Tea time" revision=1 kind=created door="command line" author=alice' in shown


def test_a_watch_is_filtered_by_kind_door_and_account(door: SshDoor, feed: ActivityFeed) -> None:
    async def work(connection: asyncssh.SSHClientConnection) -> list[dict[str, Any]]:
        process = await connection.create_process("watch --kind arrivals --door submission --account alice --json")

        def happen() -> None:
            for message in (
                a_message(),
                a_message(door="submission", account="bob"),
                a_message(door="submission", account="alice"),
            ):
                in_reactor(record, message)
            in_reactor(record, SignInAttempt(SignInOutcome.SIGNED_IN, "submission", "192.0.2.8", "alice", "PLAIN"))

        reading = asyncio.ensure_future(process.stdout.readline())
        while not (await asyncio.wait([reading], timeout=0.5))[0]:
            happen()
        lines = [reading.result()]
        process.terminate()
        process.close()
        return [json.loads(line) for line in lines]

    (line,) = door.connect(work)
    assert (line["event"], line["door"], line["account"]) == ("message", "submission", "alice")


def test_a_member_has_no_watch(door: SshDoor) -> None:
    (refused,) = door.run("watch", username="alice")
    assert (refused.exit_status, refused.stderr) == (127, "No such command: watch. Try help.\n")


def test_who_reads_too_slowly_loses_events_and_is_told_how_many(bus: Bus, redis_url: str) -> None:
    watch = WatchedEvents(running_reactor(), redis_url, lambda line: " sign_in " in line)
    burst = MOST_WAITING + 1000
    try:
        attempt = SignInAttempt(SignInOutcome.SIGNED_IN, "imaps", "192.0.2.8", "alice", "PLAIN")
        line = f"{time.time():.3f} {as_text(attempt)}"
        octets = "\n".join([line] * burst).encode()

        def heard_after_a_burst() -> Heard | None:
            in_reactor(bus.redis.send, "PUBLISH", feed_channel(redis_url), octets)  # all of it is heard, or nothing
            heard = watch.take(5)
            return heard if heard.lines else None

        heard = eventually(heard_after_a_burst, "a burst was heard")
        assert heard.lines == [line] * MOST_WAITING
        assert heard.dropped % burst == 1000  # a burst that comes late adds all of its lines
        later = watch.take(0)
        assert later.dropped == 0 or later.lines  # counted anew, unless one more burst has come
        watch.interrupt()
        assert watch.take(60).interrupted
    finally:
        watch.close()
