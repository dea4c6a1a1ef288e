"""Twisted's own clients against the running stack."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol, wrapClientTLS
from twisted.internet.ssl import Certificate, optionsForClientTLS
from twisted.mail.pop3 import AdvancedPOP3Client

from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from shared.testing.reactor import running_reactor

MESSAGES = (b"Subject: one\r\n\r\n.dotted\r\n", b"Subject: two\r\n\r\nsecond\r\n")


async def retrieved(client: Any, member: Member) -> list[bytes]:
    """Every message, after a sign-in with the account's own password."""
    await client.login(member.name.encode(), member.password.encode())
    count, _ = await client.stat()
    messages = [b"\r\n".join(await client.retrieve(number)) + b"\r\n" for number in range(count)]
    await client.quit()
    return messages


@pytest.mark.parametrize("implicit_tls", [False, True], ids=["pop3", "pop3s"])
async def test_pop3_client_signs_in_with_the_password_of_the_account(
    stack: Stack, member: Member, implicit_tls: bool
) -> None:
    for message in MESSAGES:
        member.receive(message)
    reactor = running_reactor()
    host, port = stack.pop3s if implicit_tls else stack.pop3
    endpoint: Any = TCP4ClientEndpoint(reactor, host, port)
    if implicit_tls:
        authority = Certificate.loadPEM(stack.ca_file.read_bytes())
        endpoint = wrapClientTLS(optionsForClientTLS("localhost", trustRoot=authority), endpoint)
    client: Any = AdvancedPOP3Client()
    client.allowInsecureLogin = True  # from this host to itself
    greeted: Deferred[bytes] = Deferred()
    client.serverGreeting = greeted.callback
    await connectProtocol(endpoint, client)
    assert b"<" not in await greeted
    found = await retrieved(client, member)
    assert [each[-len(message) :] for each, message in zip(found, MESSAGES, strict=True)] == list(MESSAGES)
