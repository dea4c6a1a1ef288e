"""A bystander: another member, or another server, who asks for next to nothing over and over and notes each wait.

It is a process of its own, so that the attacker's work does not lengthen what it measures. An IMAP bystander is signed
in and sends NOOP, an SMTP one sends NOOP, an NNTP one DATE, a proxy's one fetches a page of one octet from the
benchmark's own site, by its address or, each time anew, by another of its names.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Protocol

from integration_tests.benchmarks.server import Server
from integration_tests.benchmarks.silent_names import SITE, known_name
from integration_tests.benchmarks.wire.http import Client, ask_for, connect
from integration_tests.benchmarks.wire.http_origin import HOST, origin
from integration_tests.benchmarks.wire.imap import Imap
from integration_tests.stack.wire import Wire
from shared.command_line.state_directory import ROOT

PAUSE_SECONDS = 0.005  # between two questions: often enough for a p99, seldom enough to be no load
LONGEST_WAIT_SECONDS = 60.0
ACCOUNT = -5  # nobody attacks with this one

Ask = Callable[[], object]


class _Kind(Protocol):
    """Connects, signs in if it must, and gives a function that asks once and waits for the answer."""

    def __call__(self, host: str, port: int, account: str, password: str) -> contextlib.AbstractContextManager[Ask]: ...


@contextlib.contextmanager
def _over_imap(host: str, port: int, account: str, password: str) -> Iterator[Ask]:
    with Imap(host, port, account, password) as imap:
        yield lambda: imap.command("NOOP")


@contextlib.contextmanager
def _over_smtp(host: str, port: int, account: str, password: str) -> Iterator[Ask]:
    with Wire((host, port), timeout=LONGEST_WAIT_SECONDS) as wire:
        wire.smtp_reply()
        wire.smtp(b"EHLO bystander.example")
        yield lambda: wire.smtp(b"NOOP")


@contextlib.contextmanager
def _over_nntp(host: str, port: int, account: str, password: str) -> Iterator[Ask]:
    with Wire((host, port), timeout=LONGEST_WAIT_SECONDS) as wire:
        wire.line()

        def ask() -> object:
            wire.send(b"DATE\r\n")
            return wire.line()

        yield ask


def _through_proxy(host: str, port: int, account: str, password: str) -> contextlib.AbstractContextManager[Ask]:
    return _pages(host, port, account, password, HOST, itertools.repeat(HOST))


def _by_names(host: str, port: int, account: str, password: str) -> contextlib.AbstractContextManager[Ask]:
    return _pages(host, port, account, password, SITE, map(known_name, itertools.count()))


@contextlib.contextmanager
def _pages(host: str, port: int, account: str, password: str, address: str, names: Iterator[str]) -> Iterator[Ask]:
    """Pages of the site at `address`, which is asked for by one name after the other."""
    credentials = b64encode(f"{account}:{password}".encode())
    with origin(tunnels=False, host=address) as site_port, contextlib.closing(connect(host, port)) as connection:
        client = Client(connection)

        def ask() -> object:
            site = f"{next(names)}:{site_port}".encode()
            head = b"GET http://%b/1 HTTP/1.1\r\nHost: %b\r\nProxy-Authorization: Basic %b\r\n\r\n"
            return ask_for([client], head % (site, site, credentials), 1)

        yield ask


KINDS: dict[str, _Kind] = {
    "imap": _over_imap,
    "smtp": _over_smtp,
    "nntp": _over_nntp,
    "proxy": _through_proxy,
    "names": _by_names,
}


@contextlib.contextmanager
def bystander(kind: str, server: Server) -> Iterator[list[float]]:
    """One that asks while the block runs; the list holds its waits in seconds afterwards.

    A wait that has not ended with the block is waited for; a connection that ends is opened again, which is part of
    the wait.
    """
    told = json.dumps([kind, server.host, server.port(kind), server.account(ACCOUNT), server.password])
    process = subprocess.Popen(
        [sys.executable, "-m", __name__], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    waits: list[float] = []
    try:
        process.stdin.write(told + "\n")
        process.stdin.flush()
        if not process.stdout.readline():
            raise RuntimeError(f"the bystander at {kind} cannot begin")
        yield waits
    finally:
        rest, _ = process.communicate()  # closes its input, which ends it
        waits += json.loads(rest) if rest else []


class _Bystander:
    """In the process of its own."""

    def __init__(self, open_one: Callable[[], contextlib.AbstractContextManager[Ask]]) -> None:
        self._open = open_one
        self._ended = threading.Event()
        self._begun: float | None = None  # when the wait that is under way began
        self.waits: list[float] = []

    def run(self) -> None:
        """Ask until the input ends."""
        with self._open() as ask:
            ask()  # the first answer may take longer, attack or no attack
            threading.Thread(target=self._wait_for_the_end, daemon=True).start()
            print("ready", flush=True)
            with contextlib.suppress(OSError, EOFError, RuntimeError):
                self._ask_on(ask)
        while not self._ended.is_set():  # the connection has ended: the wait goes on until another one is answered
            with contextlib.suppress(OSError, EOFError, RuntimeError), self._open() as ask:
                self._ask_on(ask)
            self._give_up_after_a_while()

    def _ask_on(self, ask: Ask) -> None:
        while not self._ended.is_set():
            self._wait_once(ask)

    def _wait_for_the_end(self) -> None:
        sys.stdin.read()
        self._ended.set()

    def _wait_once(self, ask: Ask) -> None:
        if self._begun is None:
            self._begun = time.perf_counter()
        ask()
        self.waits.append(time.perf_counter() - self._begun)
        self._begun = None
        self._ended.wait(PAUSE_SECONDS)

    def _give_up_after_a_while(self) -> None:
        if self._begun is None:
            return
        if self._ended.is_set() or time.perf_counter() - self._begun > LONGEST_WAIT_SECONDS:
            self.waits.append(time.perf_counter() - self._begun)
            self._begun = None
        time.sleep(PAUSE_SECONDS)


def _main() -> None:
    kind, host, port, account, password = json.loads(sys.stdin.readline())
    one = _Bystander(lambda: KINDS[kind](host, port, account, password))
    one.run()
    print(json.dumps(one.waits))


if __name__ == "__main__":
    _main()
