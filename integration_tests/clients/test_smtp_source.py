"""Postfix's smtp-source sends a hundred letters over several connections at once, by SMTP and by LMTP."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from integration_tests.clients.mailbox import stored
from integration_tests.clients.program import Program
from integration_tests.clients.reach import require_lmtp
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack

MESSAGES, SESSIONS, LENGTH_OCTETS = 100, 10, 4096


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
def test_every_letter_of_a_hundred_is_there_once(
    program: Callable[[str], Program], stack: Stack, member: Member, protocol: str
) -> None:
    smtp_source = program("smtp-source")
    if protocol == "lmtp":
        require_lmtp(stack)
    host, port = stack.lmtp if protocol == "lmtp" else stack.smtp
    smtp_source.succeed(
        *(("-L",) if protocol == "lmtp" else ()), "-s", str(SESSIONS), "-m", str(MESSAGES), "-l", str(LENGTH_OCTETS),
        "-f", "stranger@example.org", "-t", member.address, "-M", "client.example",
        f"{host}:{port}",
    )  # fmt: skip
    messages = stored(member)
    assert [message.uid for message in messages] == list(range(1, MESSAGES + 1))
    ids = {re.findall(rb"^Message-Id: (.*)$", message.octets, re.MULTILINE | re.IGNORECASE)[0] for message in messages}
    assert len(ids) == MESSAGES
    assert all(len(message.octets) > LENGTH_OCTETS for message in messages)  # and our trace fields
