"""A look at ports: whether each of them can be connected to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import click
from cryptography import x509
from twisted.internet.defer import Deferred, DeferredSemaphore
from twisted.internet.interfaces import IHandshakeListener
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from shared.command_line.operators.connect_client.endpoint import FAILURES, Encryption, open_endpoint, reason
from shared.command_line.terminal.printable import printable

AT_ONCE = 100
SECONDS = 3.0  # for each


class _Tried(NamedTuple):
    port: int
    failure: str | None = None
    certificate: x509.Certificate | None = None


async def print_ports(reactor: Any, host: str, ports: Sequence[int], encryption: Encryption) -> bool:
    """Print whether the port can be connected to; of several, those that can be, in order. Returns if there is any.

    At most AT_ONCE at a time, SECONDS for each; each line is printed as soon as it and those before it are known.
    """
    places = DeferredSemaphore(AT_ONCE)
    tries = [places.run(_try, reactor, host, port, encryption) for port in ports]
    any_is_open = False
    for tried in tries:
        port, failure, certificate = await tried
        if failure is None:
            any_is_open = True
            click.echo(f"Connected to port {port}.{_about(certificate)}")
        elif len(ports) == 1:
            click.echo(f"Error connecting to port {port}: {printable(failure)}")
    return any_is_open


def _try(reactor: Any, host: str, port: int, encryption: Encryption) -> Deferred[_Tried]:
    return Deferred.fromCoroutine(_connect(reactor, host, port, encryption))


async def _connect(reactor: Any, host: str, port: int, encryption: Encryption) -> _Tried:
    probe = _Probe(tls=encryption.tls)
    try:
        await open_endpoint(reactor, host, port, encryption, probe, SECONDS)
        await probe.done.addTimeout(SECONDS, reactor)
    except TimeoutError:
        return _Tried(port, f"no TLS within {SECONDS:g} s")
    except FAILURES as error:
        return _Tried(port, reason(error))
    finally:
        if probe.transport is not None:
            probe.transport.abortConnection()
    return _Tried(port, None, probe.certificate)


@implementer(IHandshakeListener)
class _Probe(Protocol):
    """A connection that is closed as soon as it stands, with TLS as soon as that does."""

    def __init__(self, *, tls: bool) -> None:
        self.done: Deferred[None] = Deferred()
        self.certificate: x509.Certificate | None = None
        self._tls = tls

    def connectionMade(self) -> None:
        if not self._tls:
            self.done.callback(None)

    def handshakeCompleted(self) -> None:
        transport: Any = self.transport
        self.certificate = transport.getPeerCertificate().to_cryptography()
        if not self.done.called:
            self.done.callback(None)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if not self.done.called:
            self.done.errback(reason)


def _about(certificate: x509.Certificate | None) -> str:
    """The certificate's names and its end."""
    if certificate is None:
        return ""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        known = [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]
    except x509.ExtensionNotFound:
        known = [str(each.value) for each in certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
    return printable(
        f" Certificate of {', '.join(known) or 'nobody'}, until {certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC."
    )
