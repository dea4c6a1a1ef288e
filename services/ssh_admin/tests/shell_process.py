"""The service as a process of its own, for its shell needs asyncio's reactor, and a client at a terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from services.ssh_admin.tests.conftest import DOMAIN, PASSWORD, VERIFIERS
from shared.accounts.account import Role
from shared.database.transaction import Transaction
from shared.runtime.stack_key import ensure_stack_key
from shared.runtime.tests.running import EchoProcess
from shared.testing.builders import a_member
from shared.testing.eventually import eventually

PROMPT = "@ssh.example.test$"  # what is behind it is moved to, not written
SILENCE_SECONDS, MOST_SECONDS = 60, 150  # the machine may be busy
CTRL_C, CTRL_D, CTRL_L = "\x03", "\x04", "\x0c"
CLEAR = "\x1b[2J"


class Terminal:
    """A shell at a terminal."""

    def __init__(self, process: asyncssh.SSHClientProcess[str]) -> None:
        self._process = process
        self._seen = ""

    async def until(self, wanted: str) -> str:
        """What was shown up to `wanted`, and that."""
        while wanted not in self._seen:
            try:
                more = await asyncio.wait_for(self._process.stdout.read(4096), SILENCE_SECONDS)
            except TimeoutError:
                more = ""
            assert more, (wanted, self._seen)
            self._seen += more
        shown, _, self._seen = self._seen.partition(wanted)
        return shown + wanted

    async def line(self, line: str, *wanted: str) -> str:
        """What comes until all of these were shown, one after the other."""
        self.press(line + "\r")
        return "".join([await self.until(each) for each in wanted])

    async def run_beside(self, command: str, typed: str) -> None:
        """Run a command over the same connection, with `typed` as its input."""
        connection: Any = self._process.channel.get_connection()
        await connection.run(command, input=typed, check=True)

    def resize(self, columns: int, lines: int) -> None:
        self._process.change_terminal_size(columns, lines)

    def press(self, keys: str) -> None:
        self._process.stdin.write(keys)


@contextmanager
def a_service(request: pytest.FixtureRequest, module: str = "services.ssh_admin") -> Iterator[EchoProcess]:
    """The service over a store of its own, with alice, a member, and root, an administrator."""
    transaction: Transaction = request.getfixturevalue("transaction")
    tmp_path: Path = request.getfixturevalue("tmp_path")
    for name, role in (("alice", Role.MEMBER), ("root", Role.ADMIN)):
        a_member(transaction, name, role, verifiers=VERIFIERS, domain=DOMAIN)
    transaction.execute("UPDATE account SET full_name = 'Ruth Root' WHERE name = 'root'")
    transaction.execute("UPDATE account SET full_name = 'Alice Baker' WHERE name = 'alice'")
    transaction.commit()
    ensure_stack_key(tmp_path / "stack-key")
    settings = {
        "AGORA_DATABASE_URL": request.getfixturevalue("database_url"),
        "AGORA_REDIS_URL": request.getfixturevalue("redis_url"),
        "AGORA_SSH_ENDPOINTS": "tcp:0:interface=127.0.0.1",
        "AGORA_HOSTNAME": "ssh.example.test",
        "AGORA_STACK_KEY_FILE": str(tmp_path / "stack-key"),
        "AGORA_MANHOLE": getattr(request, "param", "on"),
    }

    def is_listed() -> bool:
        rows = transaction.rows(
            "SELECT true FROM serving_process WHERE manhole = %s", (settings["AGORA_MANHOLE"] == "on",)
        )
        transaction.commit()
        return bool(rows)

    with EchoProcess(tmp_path / "ssh", settings=settings, module=module).wait_until_open() as process:
        eventually(is_listed, "the process on the list, with its manhole")  # it is open before
        yield process


@pytest.fixture
def service(request: pytest.FixtureRequest) -> Iterator[EchoProcess]:
    with a_service(request) as process:
        yield process


Work = Callable[[Terminal], Coroutine[Any, Any, None]]


def at_terminal(
    service: EchoProcess, work: Work, user: str = "root", first: str | None = None, password: str = PASSWORD
) -> None:
    """Sign in, wait for `first`, else the prompt, and do `work`."""
    at_terminals(service, work, 1, user, first, password)


def at_terminals(
    service: EchoProcess,
    work: Callable[..., Coroutine[Any, Any, None]],
    count: int,
    user: str = "root",
    first: str | None = None,
    password: str = PASSWORD,
) -> None:
    """The same with several terminals on one connection."""

    async def connected(*place: Any, **options: Any) -> asyncssh.SSHClientConnection:
        while True:  # it closes connections until it has made its keys; the test's own time is bounded
            try:
                return await asyncssh.connect(*place, **options)
            except (ConnectionError, asyncssh.ConnectionLost):
                await asyncio.sleep(0.1)

    async def run() -> None:
        host, port = service.place("ssh")
        options = {"username": user, "password": password, "known_hosts": None, "client_keys": None, "config": None}
        async with await connected(host, port, **options) as connection:
            terminals = []
            for _ in range(count):
                terminals.append(Terminal(await connection.create_process(term_type="xterm", term_size=(200, 50))))
                await terminals[-1].until(first if first is not None else user + PROMPT)
            await work(*terminals)

    asyncio.run(asyncio.wait_for(run(), MOST_SECONDS))
