"""Threads with a connection each (twisted.enterprise.adbapi), that never hand out one that failed."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg2
from twisted.enterprise.adbapi import ConnectionPool
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool

from shared.database.connection import StoreConnection, open_connection
from shared.database.limits import StoreLimits
from shared.database.threads import Threads

T = TypeVar("T")


class CannotConnect(Exception):
    """No connection could be made; nothing was done."""


class Pool(ConnectionPool):
    """adbapi's threads and life cycle; connections are opened, judged and thrown away here."""

    def __init__(self, reactor: Any, url: str, limits: StoreLimits, name: str) -> None:
        # cp_min: adbapi would start so many of its own threads at once, which are not used.
        super().__init__("psycopg2", cp_reactor=reactor, cp_min=0, cp_max=limits.connections, cp_name=name)
        self.threadpool: Any = Threads(limits.connections, name)
        self._url, self._limits, self._name = url, limits, name
        self._epoch = 0

    def run(self, work: Callable[[StoreConnection], T]) -> Deferred[T]:
        """Run `work` in a thread with a connection that is fit for use. Errors: CannotConnect, and those of `work`."""
        return deferToThreadPool(self._reactor, self.threadpool, self._work, work)

    def _work(self, work: Callable[[StoreConnection], T]) -> T:
        connection = self._fit_connection()
        try:
            return work(connection)
        finally:
            connection.busy_since = None
            if not connection.is_clean():
                self._throw_away(connection)

    def _fit_connection(self) -> StoreConnection:
        """This thread's connection, a new one if an older than the last failure: a restart breaks them all at once."""
        connection: StoreConnection | None = self.connections.get(self.threadID())
        if connection is not None and connection.epoch == self._epoch and not connection.closed:
            return connection
        if connection is not None:
            self._throw_away(connection, epoch_ends=False)
        try:
            connection = open_connection(self._url, self._limits, self._name)
        except psycopg2.Error as error:
            raise CannotConnect(str(error).strip()) from error
        connection.epoch = self._epoch
        self.connections[self.threadID()] = connection
        return connection

    def _throw_away(self, connection: StoreConnection, *, epoch_ends: bool = True) -> None:
        if epoch_ends and connection.closed and connection.epoch == self._epoch:
            self._epoch += 1
        self.connections.pop(self.threadID(), None)
        with contextlib.suppress(psycopg2.Error):
            connection.close()

    def is_connected(self) -> bool:
        """Whether a connection is open that was not found broken."""
        return any(not each.closed and each.epoch == self._epoch for each in list(self.connections.values()))

    def hang_up_silent_ones(self) -> None:
        """End the connections whose statement runs longer than the server's own limit: the server is gone.

        Their threads, blocked in a read, then see the end of the connection.
        """
        oldest = time.monotonic() - (self._limits.statement + self._limits.silence).total_seconds()
        for connection in list(self.connections.values()):
            busy_since = connection.busy_since
            if busy_since is not None and busy_since < oldest:
                with contextlib.suppress(OSError, psycopg2.Error):
                    _shut_down(connection.fileno())


def _shut_down(descriptor: int) -> None:
    with socket.socket(fileno=os.dup(descriptor)) as double:
        double.shutdown(socket.SHUT_RDWR)
