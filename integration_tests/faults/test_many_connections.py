"""Thousands of connections at once: greeted, or refused in the protocol's words; who is there notices little."""

from __future__ import annotations

import contextlib
import resource
import selectors
import socket
import time
from collections.abc import Iterator

import pytest

from integration_tests.faults.doors import GREETING, LAST_WORDS, an_ordinary_visit
from integration_tests.faults.memory import grows_by_less_than
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from integration_tests.stack.wire import Wire
from shared.testing.eventually import eventually

CONNECTIONS = 5000
SOURCES = 20  # loopback addresses that they come from
ALL_GREETED_WITHIN_SECONDS = 60
VISIT_SECONDS = 20  # two sign-ins' worth of work, behind five thousand greetings
OCTETS_FOR_ALL = CONNECTIONS * 12 * 1024  # a silent session in the clear holds about 5 KiB
NARROW_LIMIT = 80  # AGORA_…_CONNECTIONS of the narrow stack's two processes together
NARROW_IDLE_SECONDS = 2.0  # AGORA_…_IDLE_LIMIT there: after that others have the places of those who are silent
ATTEMPTS = 5  # the machine may stand still in one

pytestmark = pytest.mark.local_only


class Crowd:
    """Connections that only wait for their greeting."""

    def __init__(self, door: tuple[str, int], count: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._sockets = [self._connect(door, f"127.77.0.{number % SOURCES + 1}") for number in range(count)]
        self.first_lines: list[bytes] = []

    def _connect(self, door: tuple[str, int], source: str) -> socket.socket:
        client = socket.socket()
        client.bind((source, 0))
        client.setblocking(False)
        client.connect_ex(door)
        self._selector.register(client, selectors.EVENT_READ)
        return client

    def wait_for_greetings(self, seconds: float) -> None:
        """Return when every connection has heard something, or was closed."""
        deadline = time.monotonic() + seconds
        while self._selector.get_map() and time.monotonic() < deadline:
            for key, _ in self._selector.select(1):
                client = key.fileobj
                assert isinstance(client, socket.socket)
                self._selector.unregister(client)
                with contextlib.suppress(ConnectionError):
                    self.first_lines.append(client.recv(4096))

    def close(self) -> None:
        for each in self._sockets:
            each.close()
        self._selector.close()


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    """Room for the crowd in this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < CONNECTIONS + 500:
        pytest.skip(f"this machine lets a process open {hard} files only")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize(("door", "program"), [("smtp", "smtp_ingest"), ("imap", "mail_access")])
@pytest.mark.usefixtures("many_descriptors")
def test_thousands_at_once_are_greeted_and_others_are_served(
    stack: Stack, member: Member, door: str, program: str
) -> None:
    an_ordinary_visit(member)
    with grows_by_less_than(stack, program, OCTETS_FOR_ALL):
        crowd = Crowd(getattr(stack, door), CONNECTIONS)
        try:
            assert an_ordinary_visit(member) < VISIT_SECONDS
            crowd.wait_for_greetings(ALL_GREETED_WITHIN_SECONDS)
            assert len(crowd.first_lines) == CONNECTIONS
            assert all(line.startswith((GREETING[door], LAST_WORDS[door])) for line in crowd.first_lines)
            assert an_ordinary_visit(member) < VISIT_SECONDS
        finally:
            crowd.close()


@pytest.mark.parametrize("door", ["smtp", "lmtp", "imap", "pop3", "nntp"])
def test_who_comes_above_the_limit_is_told_in_the_protocols_words(narrow: Stack, door: str) -> None:
    for _ in range(ATTEMPTS):
        seconds, refused = _refused_of_a_crowd(narrow, door)
        eventually(lambda: _is_greeted(narrow, door), "there is room again")
        if seconds < NARROW_IDLE_SECONDS:
            break
    assert refused >= 20


def _refused_of_a_crowd(narrow: Stack, door: str) -> tuple[float, int]:
    """How long it took until everyone had heard something, and how many were refused."""
    begun = time.monotonic()
    crowd = Crowd(getattr(narrow, door), NARROW_LIMIT + 20)
    try:
        crowd.wait_for_greetings(ALL_GREETED_WITHIN_SECONDS)
        seconds = time.monotonic() - begun
        greeted = [line for line in crowd.first_lines if line.startswith(GREETING[door])]
        refused = [line for line in crowd.first_lines if line.startswith(LAST_WORDS[door])]
        assert len(greeted) + len(refused) == NARROW_LIMIT + 20
        return seconds, len(refused)
    finally:
        crowd.close()


def _is_greeted(stack: Stack, door: str) -> bool:
    with Wire(getattr(stack, door)) as wire:
        return wire.line().startswith(GREETING[door])
