"""The far end of a connection by hand: a host and port, with or without TLS."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import Any, NamedTuple

from OpenSSL import SSL
from twisted.internet.endpoints import HostnameEndpoint, connectProtocol, wrapClientTLS
from twisted.internet.error import ConnectError, ConnectionLost, DNSLookupError
from twisted.internet.ssl import Certificate, CertificateOptions, optionsForClientTLS, trustRootFromCertificates

CONNECT_SECONDS = 30.0
_FOOTER = ssl.PEM_FOOTER.encode()


class Encryption(NamedTuple):
    """Whether to speak TLS; `authority` is a file of certificates in place of the system's."""

    tls: bool = False
    authority: str | None = None
    unchecked: bool = False


FAILURES = (ConnectError, ConnectionLost, DNSLookupError, SSL.Error)  # what a connection may fail with


async def open_endpoint(
    reactor: Any, host: str, port: int, encryption: Encryption, protocol: Any, seconds: float = CONNECT_SECONDS
) -> None:
    """Connect `protocol`, an IProtocol. Raises ConnectError and its kinds, DNSLookupError; what a handshake of TLS
    fails with comes to the protocol's connectionLost.
    """
    endpoint: Any = HostnameEndpoint(reactor, host, port, timeout=seconds)
    if encryption.tls:
        endpoint = wrapClientTLS(_options(host, encryption), endpoint)
    await connectProtocol(endpoint, protocol)


def reason(error: BaseException) -> str:
    """Why a connection failed, one of FAILURES, in a few words."""
    if isinstance(error, DNSLookupError):
        return "no such host"
    if isinstance(error, SSL.Error):
        return "; ".join(each[-1] for each in error.args[0]) if error.args and error.args[0] else "no TLS"
    code = getattr(error, "osError", None)
    return os.strerror(code) if isinstance(code, int) else (str(error) or type(error).__name__).rstrip(".")


def _options(host: str, encryption: Encryption) -> Any:
    if encryption.unchecked:
        return CertificateOptions()
    if encryption.authority is None:
        return optionsForClientTLS(host)
    octets = Path(encryption.authority).read_bytes()
    blocks = octets.split(_FOOTER)[:-1]
    return optionsForClientTLS(host, trustRootFromCertificates([Certificate.loadPEM(one + _FOOTER) for one in blocks]))
