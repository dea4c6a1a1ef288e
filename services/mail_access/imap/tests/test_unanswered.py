"""Replies that come later than their commands."""

from __future__ import annotations

from collections.abc import Collection

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from services.mail_access.imap.response import ok
from services.mail_access.imap.unanswered import Late, Unanswered


async def tell_nothing(folders: Collection[int | None]) -> None:
    """The client has no mailbox selected."""


def test_commands_that_are_done_in_one_turn_wake_the_session_once() -> None:
    clock, written, woken = Clock(), list[bytes](), list[float]()
    unanswered = Unanswered(clock, written.append, lambda: woken.append(clock.seconds()), tell_nothing)
    commands = [Late(b"%d" % number, 10) for number in range(3)]
    for command in commands:
        unanswered.begin(command)
    for command in reversed(commands):
        unanswered.end(command, ok(b"done"))
    assert not woken
    clock.advance(0)
    assert woken == [0.0]
    Deferred.fromCoroutine(unanswered.answer_finished())
    assert b"".join(written) == b"0 OK done\r\n1 OK done\r\n2 OK done\r\n"
    unanswered.begin(commands[0])
    unanswered.end(commands[0], ok(b"again"))
    clock.advance(0)
    assert len(woken) == 2
