"""TLS to another mail server: with any certificate where it is opportunistic, with a valid one where it is needed."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Any

from OpenSSL import SSL
from service_identity import CertificateError, VerificationError
from service_identity.pyopenssl import verify_hostname, verify_ip_address
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.internet.ssl import Certificate, CertificateOptions, platformTrust, trustRootFromCertificates
from zope.interface import implementer

from shared.outbound.dane.check import is_by_published_authority, is_published
from shared.outbound.dane.tlsa import TlsaRecord
from shared.reach.host_names import is_address

_FOOTER = b"-----END CERTIFICATE-----"


class TlsNeed(Enum):
    """What the TLS of a server must be."""

    OFFERED = "offered"  # used where it is offered, whatever the certificate: its name came from DNS
    CHECKED = "checked"  # needed, with a valid certificate for its name
    REQUIRED = "required"  # the same, and the server must need it of the next one (REQUIRETLS, RFC 8689)


class CertificateInvalid(Exception):
    """The server's certificate is not one for its name; the sentence says so."""


@implementer(IOpenSSLClientConnectionCreator)
class ServerTls:
    """What `startTLS` takes for one connection: it names the host that is meant (SNI)."""

    def __init__(self, context: SSL.Context, host: str, *, checked: bool = False) -> None:
        self.keys: Sequence[TlsaRecord] = ()  # of DNS; they go before the name and authorities
        self._context = context
        self._host = host
        self._checked = checked

    def clientConnectionForTLS(self, tlsProtocol: Any) -> SSL.Connection:
        connection = SSL.Connection(self._context, None)
        if not is_address(self._host):
            connection.set_tlsext_host_name(self._host.encode("ascii"))
        return connection

    def check(self, connection: SSL.Connection) -> None:
        """Whether the certificate is the host's, after the handshake. Raises CertificateInvalid."""
        if self.keys:
            self._check_keys(connection)
        elif self._checked:
            self._check_name(connection)

    def _check_keys(self, connection: SSL.Connection) -> None:
        chain = connection.get_peer_cert_chain(as_cryptography=True) or ()
        if chain and is_published(chain, self.keys):
            return
        if not chain or not is_by_published_authority(chain, self.keys):
            raise CertificateInvalid("its certificate is none that DNS has a record of (DANE)")
        self._check_name(connection)

    def _check_name(self, connection: SSL.Connection) -> None:
        try:
            if is_address(self._host):
                verify_ip_address(connection, self._host)
            else:
                verify_hostname(connection, self._host)
        except (VerificationError, CertificateError, ValueError) as error:  # ValueError: no name for a certificate
            raise CertificateInvalid("its certificate is for another host") from error


class RemoteTls:
    """The two contexts of a process, each made when it is first needed: reading all authorities takes a while."""

    def __init__(self, trust_root: Any = None) -> None:
        """`trust_root`: the authorities that are trusted, as Twisted has it; by default the platform's."""
        self._trust_root = trust_root
        self._opportunistic: SSL.Context | None = None
        self._checking: SSL.Context | None = None

    def unchecked(self, host: str) -> ServerTls:
        """Any certificate will do."""
        if self._opportunistic is None:
            self._opportunistic = CertificateOptions().getContext()
        return ServerTls(self._opportunistic, host)

    def published(self, host: str, keys: Sequence[TlsaRecord]) -> ServerTls:
        """The certificate must be one of `keys`, by whatever authority."""
        tls = self.unchecked(host)
        tls.keys = keys
        return tls

    def checked(self, host: str) -> ServerTls:
        """The certificate must be the host's, by an authority that is trusted."""
        if self._checking is None:
            self._checking = CertificateOptions(trustRoot=self._trust_root or platformTrust()).getContext()
        return ServerTls(self._checking, host, checked=True)


def read_authorities(path: Path) -> Any:
    """The certificates in a file (PEM), as Twisted has a trust root. Raises OSError, ValueError where there is none."""
    blocks = path.read_bytes().split(_FOOTER)[:-1]
    found: Sequence[Certificate] = [Certificate.loadPEM(each + _FOOTER) for each in blocks]
    if not found:
        raise ValueError(f"{path} holds no certificate")
    return trustRootFromCertificates(found)
