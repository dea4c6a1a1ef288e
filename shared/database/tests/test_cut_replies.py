"""The server's reply breaks off at any octet: the connection is lost, whatever psycopg2 calls it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import psycopg2
import pytest

from shared.database.attempt import ConnectionLost, attempt
from shared.database.connection import open_connection
from shared.database.errors import CommitUnknown
from shared.database.limits import StoreLimits
from shared.database.transaction import NO_TRANSACTION, READ_WRITE, Transaction


class Relay:
    """Stands between a client and the server, and hangs up after so many more octets of the server's."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.octets_left: int | None = None

    def serve_one(self) -> None:
        client, _ = self._listener.accept()
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self._server)
            questions = threading.Thread(target=_carry, args=(client, server), daemon=True)
            questions.start()
            while (reply := server.recv(65_536)) and self.octets_left != 0:
                if self.octets_left is not None:
                    reply = reply[: self.octets_left]
                    self.octets_left -= len(reply)
                with contextlib.suppress(OSError):
                    client.sendall(reply)
                if self.octets_left == 0:
                    break
            for end in (client, server):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            questions.join()

    def close(self) -> None:
        self._listener.close()


def _carry(client: socket.socket, server: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while asked := client.recv(65_536):
            server.sendall(asked)


@pytest.fixture
def relay(database_url: str) -> Iterator[Relay]:
    dsn = psycopg2.extensions.parse_dsn(database_url)
    made = Relay(f"{dsn['host']}/.s.PGSQL.{dsn.get('port', 5432)}")
    yield made
    made.close()


def cut(relay: Relay, database_url: str, octets: int, begin: str, work: Callable[[Transaction], object]) -> Exception:
    """What `attempt` raises when the reply to `work` ends after `octets`."""
    serving = threading.Thread(target=relay.serve_one, daemon=True)
    serving.start()
    dsn = {**psycopg2.extensions.parse_dsn(database_url), "host": "127.0.0.1", "port": str(relay.port)}
    connection = open_connection(psycopg2.extensions.make_dsn(**dsn), StoreLimits(), "cut")
    relay.octets_left = octets
    try:
        with pytest.raises((ConnectionLost, CommitUnknown)) as raised:
            attempt(connection, begin, work)
        assert connection.closed
        return raised.value
    finally:
        connection.close()
        serving.join()
        relay.octets_left = None


def read(tx: Transaction) -> object:
    return tx.rows("SELECT repeat('x', 40), n FROM generate_series(1, 4) AS n")


def copy(tx: Transaction) -> object:
    return tx.copy_out("SELECT repeat('x', 40), n FROM generate_series(1, 4) AS n")


@pytest.mark.parametrize("work", [read, copy])
def test_a_reply_cut_at_any_octet_is_a_lost_connection(
    relay: Relay, database_url: str, work: Callable[[Transaction], object]
) -> None:
    for octets in range(0, 240, 3):
        assert isinstance(cut(relay, database_url, octets, NO_TRANSACTION, work), ConnectionLost), octets


def test_a_commit_whose_reply_is_cut_is_of_unknown_end(relay: Relay, database_url: str) -> None:
    def write(tx: Transaction) -> None:
        tx.execute("CREATE TEMPORARY TABLE cut (n int) ON COMMIT DROP")
        relay.octets_left = 5  # of the 20 that say COMMIT and ready

    assert isinstance(cut(relay, database_url, 1 << 20, READ_WRITE, write), CommitUnknown)
