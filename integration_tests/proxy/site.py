"""A web site of the test's own on this machine, plain or with TLS: pages in memory, and folders for git and apt."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from shared.testing.certificates import self_signed

HTTPS_PORT = 8443  # CONNECT leads to listed ports only: this one, in the tests' stacks


@dataclass(frozen=True)
class Page:
    """What is answered to GET."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Seen:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Site:
    """Serves `pages`, and what is below `folder`; remembers what it was asked."""

    host: str
    port: int
    scheme: str
    ca_file: Path | None
    pages: dict[str, Page]
    folder: Path | None = None
    seen: list[Seen] = field(default_factory=list)

    def url(self, path: str = "/", host: str = "") -> str:
        return f"{self.scheme}://{host or self.host}:{self.port}{path}"

    def find(self, path: str) -> Page:
        path = path.partition("?")[0]
        if path in self.pages:
            return self.pages[path]
        file = self.folder / path.lstrip("/") if self.folder is not None else None
        if file is not None and file.is_file():
            return Page(file.read_bytes(), "application/octet-stream")
        return Page(b"there is no such page", "text/plain", 404)


@contextlib.contextmanager
def site(host: str, pages: Mapping[str, Page], folder: Path | None = None) -> Iterator[Site]:
    """Over plain HTTP, on a free port."""
    with _serving(host, 0, dict(pages), folder, None) as made:
        yield made


@contextlib.contextmanager
def secure_site(host: str, pages: Mapping[str, Page], scratch: Path) -> Iterator[Site]:
    """Over TLS, with a certificate that `Site.ca_file` holds."""
    with _serving(host, HTTPS_PORT, dict(pages), None, _certificate(host, scratch)) as made:
        yield made


@contextlib.contextmanager
def _serving(
    host: str, port: int, pages: dict[str, Page], folder: Path | None, certificate: Path | None
) -> Iterator[Site]:
    made = Site(host, port, "http" if certificate is None else "https", certificate, pages, folder)
    server = _Server((host, port), _answering(made))
    made.port = server.server_address[1]
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Connections that are reset while nothing is asked: the test looks at what was asked and answered."""


def _answering(made: Site) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        do_HEAD = do_POST = do_PUT = do_GET

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            made.seen.append(Seen(self.command, self.path, dict(self.headers.items()), body))
            page = made.find(self.path)
            self.send_response(page.status)
            self.send_header("Content-Type", page.content_type)
            self.send_header("Content-Length", str(len(page.body)))
            for name, value in page.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(page.body)

        def log_message(self, format: str, *arguments: object) -> None:
            """The test has `seen`."""

    return Answering


def _certificate(host: str, scratch: Path) -> Path:
    """Its own authority; key and certificate in one file."""
    made = self_signed(host)
    file = scratch / "site.pem"
    file.write_bytes(made.key + made.certificate)
    return file
