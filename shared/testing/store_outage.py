"""Takes one test's database away and gives it back, with the server and everybody else's databases left alone."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from shared.testing.one_statement import run_statement


class StoreOutage:
    """`begin` ends every connection to the database and lets nobody in; `end` lets them in again."""

    def __init__(self, database_url: str, server_url: str) -> None:
        self._name = urlsplit(database_url).path.lstrip("/")
        self._server_url = urlunsplit(urlsplit(server_url))

    def begin(self) -> None:
        """The store goes away."""
        run_statement(self._server_url, f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS false")
        run_statement(
            self._server_url, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self._name}'"
        )

    def end(self) -> None:
        """The store comes back."""
        run_statement(self._server_url, f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS true")
