"""The trace of a message: from the connection that it came by to the mailbox of a member that it went to by digest."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from integration_tests.clients.mailbox import stored
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from integration_tests.stories.matrix_doors import post_by_mail
from shared.database.blocking import BlockingDatabase
from shared.database.transaction import Transaction
from shared.testing.eventually import eventually

WITHIN = timedelta(seconds=60)  # the sender looks every 30 s, should news be lost


def _let_digest_be_due(tx: Transaction, name: str) -> None:
    """A test cannot wait for four in the morning."""
    tx.execute(
        "UPDATE room_subscription SET digest_at = now() FROM account WHERE account.id = account_id AND name = %s",
        (name,),
    )


def _steps(stack: Stack, wanted: str) -> list[tuple[str, str]]:
    traced = stack.agora("trace", wanted, "--json")
    assert traced.returncode == 0, traced.stderr
    return [(line["step"], line["details"]) for line in json.loads(traced.stdout)]


@pytest.mark.local_only  # a digest is made due in the store itself
def test_trace_of_a_message_that_came_by_mail_to_a_room_and_went_by_digest_to_a_member(
    stack: Stack, member: Member, room: str
) -> None:
    each = stack.new_member("each")
    assert stack.agora("room", "subscribe", room, member.name, "--digest").returncode == 0
    assert stack.agora("room", "subscribe", room, each.name).returncode == 0
    post_by_mail(member, room, room)
    eventually(lambda: stored(each), "the subscriber to each post has it", WITHIN)
    BlockingDatabase(stack.environment["AGORA_DATABASE_URL"], "test").transact(_let_digest_be_due, member.name)
    assert stack.agora("room", "subscribe", room, stack.new_member("later").name).returncode == 0  # the sender looks
    eventually(lambda: stored(member), "the digest has come", WITHIN)

    steps = _steps(stack, f"<{room}@example.org>")
    step, details = steps[0]
    came = re.fullmatch(
        rf"by ESMTP from \S+ \(127.0.0.1\) as id ([0-9a-f]+), from <stranger@example.org>, for {room}@localhost, .*",
        details,
    )
    assert came is not None, steps
    assert step == "came"
    assert _steps(stack, came[1]) == steps
    assert ("posted", f"{room}, number 1") in steps
    copy, digest = (
        ("sent as a copy", f"of {room} to 1 subscribers"),
        ("sent in a digest", f"of {room} to 1 subscribers"),
    )
    assert steps[-4:] == [
        copy, ("is in", f"{each.name}: INBOX, number 1"),
        digest, ("is in", f"{member.name}: INBOX, number 1"),
    ]  # fmt: skip
