"""TLS for every door: contexts from certificate files, read again when the files change.

A renewed certificate is served on the next connection. Files that cannot be used (a key that does not match yet, half
a file) leave the old certificate in service, and one line in the log.
"""

from __future__ import annotations

import os
from pathlib import Path

from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from twisted.logger import Logger
from twisted.protocols.tls import TLSMemoryBIOProtocol
from zope.interface import implementer

_log = Logger()

# Forward secrecy and authenticated encryption only, for TLS 1.2; TLS 1.3 has nothing else (RFC 9325 §4.2).
CIPHERS_OF_TLS_1_2 = b"ECDHE+AESGCM:ECDHE+CHACHA20"
Fingerprint = tuple[tuple[int, int, int], ...]


class Certificates:
    """The certificate and key in two files, always as the files are now.

    The files must be usable when it is made. Raises OSError or OpenSSL.SSL.Error.
    """

    def __init__(self, certificate_file: Path, key_file: Path) -> None:
        self._certificate_file = certificate_file
        self._key_file = key_file
        self._tried = self._fingerprint()
        self._context = self._load()

    def context_factory(self) -> CurrentContext:
        """What `transport.startTLS` and `TLSMemoryBIOFactory` take: every connection gets the newest certificate."""
        return CurrentContext(self)

    def context(self) -> SSL.Context:
        """The context of the newest usable certificate. Costs two stat() calls, and a load when the files changed."""
        fingerprint = self._fingerprint()
        if fingerprint != self._tried:
            self._tried = fingerprint
            self._replace()
        return self._context

    def _replace(self) -> None:
        try:
            self._context = self._load()
        except (OSError, SSL.Error) as error:
            _log.error(
                "the certificate in {file} cannot be used, the former one stays in service: {reason}",
                file=str(self._certificate_file),
                reason=repr(error),
            )
        else:
            _log.info("new certificate in service: {file}", file=str(self._certificate_file))

    def _fingerprint(self) -> Fingerprint | None:
        """What changes when a file is replaced, rewritten, or another one is linked in its place."""
        try:
            states = (os.stat(self._certificate_file), os.stat(self._key_file))
        except OSError:
            return None
        return tuple((state.st_ino, state.st_mtime_ns, state.st_size) for state in states)

    def _load(self) -> SSL.Context:
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.set_min_proto_version(SSL.TLS1_2_VERSION)
        context.set_cipher_list(CIPHERS_OF_TLS_1_2)
        context.set_options(SSL.OP_CIPHER_SERVER_PREFERENCE | SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION)
        context.set_mode(SSL.MODE_RELEASE_BUFFERS)  # 34 KB less for each connection that is idle
        context.set_session_id(b"agora")  # lets sessions be resumed; tickets are on unless switched off
        context.use_certificate_chain_file(str(self._certificate_file))
        context.use_privatekey_file(str(self._key_file))
        context.check_privatekey()
        return context


@implementer(IOpenSSLServerConnectionCreator)
class CurrentContext:
    """Makes the TLS side of one connection from the newest certificate."""

    def __init__(self, certificates: Certificates) -> None:
        self._certificates = certificates

    def serverConnectionForTLS(self, tlsProtocol: TLSMemoryBIOProtocol) -> SSL.Connection:
        """Twisted asks this once for each connection."""
        return SSL.Connection(self._certificates.context(), None)
