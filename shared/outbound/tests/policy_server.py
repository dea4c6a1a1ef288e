"""A web server with the policy of remote.test (MTA-STS), over TLS."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from twisted.internet.ssl import Certificate, trustRootFromCertificates

from shared.testing.certificates import SelfSigned, self_signed
from shared.testing.origins import Origin, Visit, origin

WEB_HOST = "mta-sts.remote.test"
MODES = {
    mode: f"version: STSv1\r\nmode: {mode}\r\nmx: mx.remote.test\r\nmax_age: 86400\r\n"
    for mode in ("enforce", "testing", "none")
}


class PolicyServer:
    """What it answers, and how often it was asked."""

    def __init__(self, certificate: SelfSigned) -> None:
        self.port = 0
        self.asked = 0
        self.trust_root: Any = trustRootFromCertificates([Certificate.loadPEM(certificate.certificate)])
        self.usual()

    def usual(self) -> None:
        """The policy, in mode enforce."""
        self.status, self.kind, self.text, self.more = 200, "text/plain", MODES["enforce"], ""

    def behave(self, _running: Origin, visit: Visit) -> None:
        """One answer, and the end."""
        visit.read_head()
        self.asked += 1
        head = f"HTTP/1.1 {self.status} x\r\nContent-Type: {self.kind}\r\n{self.more}"
        visit.send(f"{head}Content-Length: {len(self.text)}\r\nConnection: close\r\n\r\n{self.text}".encode())


@contextmanager
def serving_policy(folder: Path) -> Iterator[PolicyServer]:
    """On a free port."""
    certificate = self_signed(WEB_HOST)
    file = folder / "web.pem"
    file.write_bytes(certificate.certificate + certificate.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server = PolicyServer(certificate)
    with origin(server.behave, "127.0.0.1", context) as running:
        server.port = running.port
        yield server
