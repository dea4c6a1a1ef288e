"""The beginning of a conversation with another mail server: its greeting, EHLO, TLS, and signing in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shared.outbound.dane.tlsa import TlsaRecord
from shared.outbound.remote_reply import RemoteReply, ServerFault
from shared.outbound.remote_server import InvalidServer, RemoteServer
from shared.outbound.remote_tls import RemoteTls, ServerTls, TlsNeed
from shared.outbound.smart_host import SmartHostDoor
from shared.outbound.stages import Stages

# RFC 3463 §3.8; RFC 8689 §7: who requires TLS is told at once, as nobody else sees to it.
_NOT_SAFE = {TlsNeed.OFFERED: "4.7.5", TlsNeed.CHECKED: "4.7.5", TlsNeed.REQUIRED: "5.7.30"}
LOOPBACK_NAME = "localhost"  # the hostname of a stack that nobody has named: others have the same


class Extensions(NamedTuple):
    """What a server offers by EHLO."""

    pipelining: bool = False
    size_octets: int = 0  # 0: it says no limit
    eight_bit: bool = False
    utf8: bool = False
    starttls: bool = False
    reports: bool = False  # DSN, RFC 3461
    requiretls: bool = False  # RFC 8689
    mechanisms: frozenset[str] = frozenset()


class LeadsBack(ServerFault):
    """The server is this one."""


class ServerTlsFailed(ServerFault):
    """The server offers TLS, and cannot do it."""


class NotSafe(ServerFault):
    """The server has no TLS, no valid certificate, or no REQUIRETLS, and should have."""


async def greet(
    server: RemoteServer,
    hostname: str,
    host: str,
    stages: Stages,
    *,
    tls: RemoteTls | None,
    need: TlsNeed = TlsNeed.OFFERED,
    keys: Sequence[TlsaRecord] = (),
    signing_in: SmartHostDoor | None = None,
) -> Extensions:
    """Be ready for MAIL. Raises ServerFault, also as LeadsBack (it greets as `hostname`), ServerTlsFailed, NotSafe.

    Where TLS is not needed it is used if it is offered, whatever the certificate: what would else go in the clear loses
    nothing by that. Without `tls` it is not used. With `signing_in` the certificate must be `host`'s. With `keys`,
    which DNS has of the server, TLS is needed, and the certificate must be one of those that count (RFC 7672 §2.2).
    """
    greeting = await server.read_reply(stages.greeting)
    if not greeting.is_good:
        raise _refused(greeting)
    if hostname != LOOPBACK_NAME and greeting.lines[0].split(" ")[0].lower() == hostname.lower():
        raise LeadsBack("mail leads back to this server", "5.4.6")
    extensions = await _hello(server, hostname, stages)
    if extensions.starttls and tls is not None:
        answer = await server.ask("STARTTLS", stages.command)
        if not answer.is_good:
            raise ServerTlsFailed(answer.text, "4.7.5", answer.code)
        try:
            await server.start_tls(_tls_of(tls, host, need, keys, signs_in=signing_in is not None), stages.tls)
        except InvalidServer as fault:
            raise NotSafe(f"{host} is not what it should be: {fault}", _NOT_SAFE[need]) from fault
        except ServerFault as fault:
            raise ServerTlsFailed(f"TLS could not be started: {fault}", "4.7.5") from fault
        extensions = await _hello(server, hostname, stages)
    if (need is not TlsNeed.OFFERED or keys) and not server.is_encrypted:
        raise NotSafe(f"{host} offers no TLS, which is needed here", _NOT_SAFE[need])
    if need is TlsNeed.REQUIRED and not extensions.requiretls:
        raise NotSafe(f"{host} does not offer REQUIRETLS, which the message asks for", _NOT_SAFE[need])
    if signing_in is not None:
        await signing_in.enter(server, extensions.mechanisms, stages.command)
    return extensions


def _tls_of(tls: RemoteTls, host: str, need: TlsNeed, keys: Sequence[TlsaRecord], *, signs_in: bool) -> ServerTls:
    usable = [each for each in keys if each.is_usable]
    if usable:
        return tls.published(host, usable)
    return tls.checked(host) if need is not TlsNeed.OFFERED or signs_in else tls.unchecked(host)


async def _hello(server: RemoteServer, hostname: str, stages: Stages) -> Extensions:
    answer = await server.ask(f"EHLO {hostname}", stages.command)
    if answer.is_good:
        return extensions_of(answer.lines[1:])
    if not answer.is_permanent:
        raise _refused(answer)
    answer = await server.ask(f"HELO {hostname}", stages.command)
    if not answer.is_good:
        raise _refused(answer)
    return Extensions()


def extensions_of(lines: Sequence[str]) -> Extensions:
    """What the lines of a reply to EHLO offer, behind the first."""
    words = [line.upper().split() for line in lines if line.strip()]
    offered = {word[0]: word[1:] for word in words}
    size = offered.get("SIZE", [])
    return Extensions(
        pipelining="PIPELINING" in offered,
        size_octets=int(size[0]) if size and size[0].isascii() and size[0].isdigit() and len(size[0]) < 20 else 0,
        eight_bit="8BITMIME" in offered,
        utf8="SMTPUTF8" in offered,
        starttls="STARTTLS" in offered,
        reports="DSN" in offered,
        requiretls="REQUIRETLS" in offered,
        mechanisms=frozenset(offered.get("AUTH", ())),
    )


def _refused(reply: RemoteReply) -> ServerFault:
    """A server that does not talk with us now, 5xx or 4xx, may do so later, and another of the domain now."""
    return ServerFault(reply.text, "4" + reply.status[1:], reply.code)
