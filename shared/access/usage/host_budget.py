"""The budget of hosts that are told apart in a day: a hundred thousand names must fill neither memory nor the store."""

from __future__ import annotations

MOST_OF_AN_ACCOUNT = 10_000  # a day; a busy browser meets two thousand
MOST = 50_000  # a day and process, about 8 MB


class HostBudget:
    """The first hosts that each account met since `clear()`."""

    def __init__(self) -> None:
        self._hosts: dict[int, set[str]] = {}
        self._count = 0

    def tells_apart(self, account_id: int, host: str) -> bool:
        """Whether this host is one of them; a new one is added while there is room."""
        hosts = self._hosts.setdefault(account_id, set())
        if host in hosts:
            return True
        if len(hosts) >= MOST_OF_AN_ACCOUNT or self._count >= MOST:
            return False
        hosts.add(host)
        self._count += 1
        return True

    def clear(self) -> None:
        """Begin a new day."""
        self._hosts.clear()
        self._count = 0
