"""The store at a TCP port, for processes of another user: its own socket is for its user alone."""

from __future__ import annotations

import contextlib
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer
from urllib.parse import parse_qs, urlsplit


@contextmanager
def store_over_tcp(database_url: str) -> Iterator[str]:
    """The URL of the same database at a free port of this machine, for as long as the block lasts."""
    parts = urlsplit(database_url)
    query = parse_qs(parts.query)
    path = f"{query['host'][0]}/.s.PGSQL.{query.get('port', ['5432'])[0]}"

    class Relay(StreamRequestHandler):
        def handle(self) -> None:
            with socket.socket(socket.AF_UNIX) as store:
                store.connect(path)
                back = threading.Thread(target=_copy, args=(store, self.connection))
                back.start()
                _copy(self.connection, store)
                back.join()

    with ThreadingTCPServer(("127.0.0.1", 0), Relay) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,)).start()
        yield f"postgresql://{parts.username}@127.0.0.1:{server.server_address[1]}{parts.path}"
        server.shutdown()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError), source.makefile("rb", 0) as octets, target.makefile("wb", 0) as there:
        shutil.copyfileobj(octets, there)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
