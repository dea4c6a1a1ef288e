"""Arrivals by any door are announced at once to every session that waits in the folder."""

from __future__ import annotations

import contextlib

from integration_tests.clients.letters import letter
from integration_tests.clients.mailbox import append, stored_in
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from integration_tests.stories.idle import idling


def test_letter_by_smtp_wakes_every_session_in_the_folder(member: Member) -> None:
    with contextlib.ExitStack() as sessions:
        waiting = [sessions.enter_context(idling(member)) for _ in range(5)]
        member.receive(letter("to all five"))
        assert [session.wait_for("EXISTS") for session in waiting] == ["* 1 EXISTS"] * 5
        member.receive(letter("once more"))
        assert [session.wait_for("EXISTS") for session in waiting] == ["* 2 EXISTS"] * 5


def test_letter_submitted_to_others_wakes_each_of_them_and_nobody_else(stack: Stack, member: Member) -> None:
    others = [stack.new_member() for _ in range(2)]
    with idling(others[0]) as first, idling(others[1]) as second, idling(member) as sender:
        with member.submission() as session:
            session.sendmail(member.address, [other.address for other in others], letter("to both", member.address))
        assert first.wait_for("EXISTS") == second.wait_for("EXISTS") == "* 1 EXISTS"
        sender.stop()
        assert not any("EXISTS" in line for line in sender.told)


def test_append_and_copy_wake_who_waits_in_that_folder(member: Member) -> None:
    with idling(member, "Archive") as waiting, member.imap("INBOX") as session:
        append(session, "Archive", letter("appended"))
        assert waiting.wait_for("EXISTS") == "* 1 EXISTS"
        append(session, "INBOX", letter("copied"))
        session.select("INBOX")
        session.copy("1", "Archive")
        assert waiting.wait_for("EXISTS") == "* 2 EXISTS"


def test_letter_that_arrived_is_there_to_fetch_at_once(member: Member) -> None:
    sent = letter("fetched at once")
    with member.imap("INBOX") as session:
        for number in range(1, 4):
            member.receive(sent)
            session.noop()
            assert session.response("EXISTS")[1][-1] == b"%d" % number
            assert stored_in(session, "INBOX")[-1].octets.endswith(sent)
