"""Twisted's own clients against the running stack."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from twisted.conch.ssh.channel import SSHChannel
from twisted.conch.ssh.common import NS
from twisted.conch.ssh.connection import SSHConnection
from twisted.conch.ssh.keys import Key
from twisted.conch.ssh.transport import SSHClientTransport
from twisted.conch.ssh.userauth import SSHUserAuthClient
from twisted.cred.credentials import UsernamePassword
from twisted.internet.defer import Deferred, succeed
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol, wrapClientTLS
from twisted.internet.protocol import ClientFactory
from twisted.internet.ssl import Certificate, optionsForClientTLS
from twisted.mail.imap4 import IMAP4Client
from twisted.mail.pop3 import AdvancedPOP3Client
from twisted.mail.smtp import sendmail
from twisted.spread.pb import PBClientFactory
from twisted.web.client import Agent, FileBodyProducer, readBody
from twisted.web.http_headers import Headers
from twisted.web.xmlrpc import Proxy

from integration_tests.clients.program import Program
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from shared.testing.reactor import running_reactor

MESSAGES = (b"Subject: one\r\n\r\n.dotted\r\n", b"Subject: two\r\n\r\nsecond\r\n")


def endpoint_of(stack: Stack, door: str, *, tls: bool = False) -> Any:
    """Where a door is, with the stack's authority trusted."""
    host, port = stack.doors[door]
    endpoint: Any = TCP4ClientEndpoint(running_reactor(), host, port)
    if tls:
        authority = Certificate.loadPEM(stack.ca_file.read_bytes())
        endpoint = wrapClientTLS(optionsForClientTLS("localhost", trustRoot=authority), endpoint)
    return endpoint


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
    client: Any = AdvancedPOP3Client()
    client.allowInsecureLogin = True  # from this host to itself
    greeted: Deferred[bytes] = Deferred()
    client.serverGreeting = greeted.callback
    await connectProtocol(endpoint_of(stack, "pop3s" if implicit_tls else "pop3", tls=implicit_tls), client)
    assert b"<" not in await greeted
    found = await retrieved(client, member)
    assert [each[-len(message) :] for each, message in zip(found, MESSAGES, strict=True)] == list(MESSAGES)


async def test_imap_client_lists_selects_and_fetches(stack: Stack, member: Member) -> None:
    for message in MESSAGES:
        member.receive(message)
    client: Any = IMAP4Client()
    greeted: Deferred[object] = Deferred()
    client.serverGreeting = greeted.callback
    await connectProtocol(endpoint_of(stack, "imaps", tls=True), client)
    await greeted
    await client.login(member.name.encode(), member.password.encode())
    assert "INBOX" in [name for _, _, name in await client.list("", "*")]
    selected = await client.select("INBOX")
    assert (selected["EXISTS"], selected["READ-WRITE"]) == (2, True)
    assert await client.fetchUID("1:*") == {1: {"UID": "1"}, 2: {"UID": "2"}}
    fetched = await client.fetchMessage("1:*", uid=True)
    for number, message in enumerate(MESSAGES, 1):
        assert fetched[number]["RFC822"].encode().endswith(message)
    await client.logout()


async def test_sendmail_tells_of_each_recipient(stack: Stack, member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(stack.ca_file))  # it begins TLS where that is offered, and verifies
    host, port = "localhost", stack.smtp[1]
    unknown = f"nobody-{member.name}@{stack.domain}"
    recipients = [member.address.encode(), unknown.encode()]
    sent, answers = await sendmail(
        host,
        b"twisted@example.org",
        recipients,
        BytesIO(MESSAGES[1].replace(b"\r\n", b"\n")),
        port=port,
        reactor=running_reactor(),
    )
    assert sent == 1
    assert [(address, code) for address, code, _ in answers] == [(recipients[0], 250), (recipients[1], 550)]
    with member.pop3() as session:
        assert session.stat()[0] == 1


async def test_xml_rpc_proxy_writes_a_page(stack: Stack, member: Member) -> None:
    host, port = stack.web
    url = f"http://{member.name}:{member.password}@{host}:{port}/RPC2".encode()
    wiki: Any = Proxy(url)
    name = f"ByTwisted {member.name}"
    assert await wiki.callRemote("setPage", name, "This is a test of XmlRpc") == name
    assert await wiki.callRemote("getPage", name) == "This is a test of XmlRpc"
    assert name in await wiki.callRemote("listPages")
    assert await wiki.callRemote("deletePage", name) is True


async def test_perspective_broker_has_a_root_for_strangers_and_a_perspective_for_members(
    stack: Stack, member: Member
) -> None:
    made = stack.agora("user", "app-password", "add", member.name, "pb", "--protocol", "pb", "--json")
    assert made.returncode == 0, made.stderr
    secret: str = json.loads(made.stdout)["secret"]
    host, port = stack.pb
    name = f"ByBroker {member.name}"
    factory: Any = PBClientFactory()
    factory.noisy = False
    connector = running_reactor().connectTCP(host, port, factory)
    try:
        perspective = await factory.login(UsernamePassword(member.name.encode(), secret.encode()))
        await perspective.callRemote("setPage", name, "a MissingOne")
        root = await factory.getRootObject()
        assert await root.callRemote("echo", "cheese") == "You said: cheese"
        assert await root.callRemote("hasPage", name) is True
        assert await root.callRemote("getPage", name) == "a MissingOne"
        assert "MissingOne</a>" in await root.callRemote("getRenderedPage", name)
        reporter = await root.callRemote("getReporter")
        assert "MissingOne" in await reporter.callRemote("listNeededPages")
    finally:
        connector.disconnect()


class _Command(SSHChannel):
    """One command over SSH; `done` fires with its output and its status."""

    name = b"session"

    def __init__(self, words: bytes, done: Deferred[tuple[bytes, int | None]]) -> None:
        super().__init__()
        self._words, self._done = words, done
        self._output = b""
        self._status: int | None = None

    def channelOpen(self, specificData: bytes) -> None:
        connection: Any = self.conn
        connection.sendRequest(self, b"exec", NS(self._words))

    def dataReceived(self, data: bytes) -> None:
        self._output += data

    def request_exit_status(self, data: bytes) -> None:
        self._status = int.from_bytes(data, "big")

    def closed(self) -> None:
        self._done.callback((self._output, self._status))


class _Transport(SSHClientTransport):
    """A connection that signs in with a key, and opens a channel."""

    def __init__(self, name: str, key: Key, channel: Callable[[], SSHChannel]) -> None:
        self._name, self._key, self._channel = name, key, channel
        self._offered: Key | None = key.public()

    def verifyHostKey(self, pubKey: bytes, fingerprint: str) -> Deferred[int]:
        return succeed(1)  # whose key it is has tests of its own

    def connectionSecure(self) -> None:
        transport = self

        class Connection(SSHConnection):
            def serviceStarted(self) -> None:
                self.openChannel(transport._channel())

        class SignIn(SSHUserAuthClient):
            def getPublicKey(self) -> Any:
                key, transport._offered = transport._offered, None
                return key

            def getPrivateKey(self) -> Any:
                return succeed(transport._key)

            def getPassword(self, prompt: object = None) -> Any:
                return None

        self.requestService(SignIn(self._name.encode(), Connection()))


async def test_conch_runs_a_command(stack: Stack, member: Member, program: Callable[[str], Program]) -> None:
    keygen = program("ssh-keygen")
    file = keygen.home / "id_ed25519"
    keygen.succeed("-q", "-t", "ed25519", "-N", "", "-C", "conch", "-f", file)
    public = file.with_suffix(".pub").read_text()
    added = stack.agora("user", "ssh-key", "add", member.name, "-", input=public)
    assert added.returncode == 0, added.stderr
    done: Deferred[tuple[bytes, int | None]] = Deferred()
    transport = _Transport(member.name, Key.fromFile(str(file)), lambda: _Command(b'echo a  "b c"', done))
    factory = ClientFactory()
    await connectProtocol(endpoint_of(stack, "ssh"), _with_factory(transport, factory))
    done.addTimeout(20, running_reactor())
    assert await done == (b"a b c\n", 0)
    transport.loseConnection()


def _with_factory(transport: Any, factory: ClientFactory) -> Any:
    transport.factory = factory
    return transport


async def test_agent_puts_reads_and_deletes_a_page(stack: Stack, member: Member) -> None:
    host, port = stack.web
    agent = Agent(running_reactor())
    url = f"http://{host}:{port}/ByAgent-{member.name}".encode()
    credentials = base64.b64encode(f"{member.name}:{member.password}".encode())
    signed = {b"Authorization": [b"Basic " + credentials]}

    async def ask(method: bytes, fields: dict[bytes, list[bytes]], body: bytes | None = None) -> tuple[Any, bytes]:
        producer: Any = None if body is None else FileBodyProducer(BytesIO(body))
        response: Any = await agent.request(method, url, Headers(fields), producer)
        return response, await readBody(response)

    put, said = await ask(b"PUT", signed, "Tea ☕".encode())
    assert (put.code, said) == (201, b"Created.\n")
    source = {b"Accept": [b"text/markdown"]}
    got, body = await ask(b"GET", source)
    assert (got.code, body.decode()) == (200, "Tea ☕")
    [etag] = got.headers.getRawHeaders(b"etag")
    again, nothing = await ask(b"GET", {**source, b"If-None-Match": [etag]})
    assert (again.code, nothing) == (304, b"")
    deleted, said = await ask(b"DELETE", signed)
    assert (deleted.code, said) == (200, b"Deleted.\n")
    missing, _ = await ask(b"GET", source)
    assert missing.code == 404
