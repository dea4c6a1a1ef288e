"""An SSH door on the tests' reactor, over a real store with alice, a member, and root, an administrator."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import asyncssh
import pytest
from prometheus_client import CollectorRegistry

from services.ssh_admin.doors import open_doors
from services.ssh_admin.settings import SshAdminSettings
from shared.accounts.account import Role
from shared.command_line.terminal.surroundings import follow_surroundings
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.runtime.doors import Door
from shared.runtime.parts import Parts
from shared.testing.builders import a_member, verifiers_of
from shared.testing.reactor import running_reactor, wait_for
from shared.testing.serving import serving

PASSWORD = "correct horse"
VERIFIERS = verifiers_of(PASSWORD)
DOMAIN = "example.test"
Result = TypeVar("Result")


def openssh(
    port: int, folder: Path, *words: str, user: str = "root", key: Path | None = None, **options: str
) -> Sequence[str]:
    """The command line of OpenSSH's client, which keeps the server's keys in `folder`."""
    given = {
        "BatchMode": "yes",
        "StrictHostKeyChecking": "accept-new",
        "UserKnownHostsFile": str(folder / "known_hosts"),
        "IdentitiesOnly": "yes",
        "LogLevel": "ERROR",
        **options,
    }
    arguments = [each for name, value in given.items() for each in ("-o", f"{name}={value}")]
    identity = [] if key is None else ["-i", str(key)]
    return ["ssh", "-F", "none", "-p", str(port), *arguments, *identity, f"{user}@127.0.0.1", *words]


def make_key(folder: Path, kind: str, *options: str) -> Path:
    """A key pair; returns the file of the private one."""
    file = folder / f"id_{kind}{len(list(folder.iterdir()))}"
    command = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", f"{kind} of a test", "-f", str(file), *options]
    subprocess.run(command, check=True, capture_output=True)
    return file


def add_key(transaction: Transaction, key: Path, user: str = "root") -> None:
    """Let `user` sign in with it."""
    from shared.administration import ssh_keys

    ssh_keys.add(transaction, user, key.with_name(key.name + ".pub").read_text())
    transaction.commit()


@dataclass
class SshDoor:
    """The open door, and the store behind it."""

    transaction: Transaction
    port: int
    folder: Path
    door: Door

    def ssh(self, *words: str, user: str = "root", key: Path | None = None, stdin: bytes = b"", **options: str) -> Any:
        """OpenSSH's client, by a key or not at all; what it wrote, and its status."""
        command = openssh(self.port, self.folder, *words, user=user, key=key, **options)
        with follow_surroundings():  # pytest puts streams of its own in place for each phase of a test
            return subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=False)

    def make_key(self, kind: str, *options: str) -> Path:
        """A key pair; returns the file of the private one."""
        return make_key(self.folder, kind, *options)

    def add_key(self, key: Path, user: str = "root") -> None:
        """Let `user` sign in with it."""
        add_key(self.transaction, key, user)

    def connect(
        self, work: Callable[[asyncssh.SSHClientConnection], Coroutine[Any, Any, Result]], **options: Any
    ) -> Result:
        """AsyncSSH's client, by password unless `options` say otherwise."""

        async def run() -> Result:
            given = {"username": "root", "password": PASSWORD, "known_hosts": None, "client_keys": None, "config": None}
            async with asyncssh.connect("127.0.0.1", self.port, **{**given, **options}) as connection:
                return await work(connection)

        with follow_surroundings():
            return asyncio.run(asyncio.wait_for(run(), 50))

    def run(self, *lines: str, **options: Any) -> Sequence[Any]:
        """The results of these commands, one after the other over one connection."""

        async def work(connection: asyncssh.SSHClientConnection) -> Sequence[Any]:
            return [await connection.run(line) for line in lines]

        return self.connect(work, **options)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> SshAdminSettings:
    return SshAdminSettings(
        database_url=database_url,
        stack_key_file=tmp_path / "stack-key",
        mail_domain=DOMAIN,
        hostname="ssh.example.test",
    )


@pytest.fixture
def door(
    transaction: Transaction, database: Database, bus: Bus, tmp_path: Path, settings: SshAdminSettings
) -> Iterator[SshDoor]:
    for name, role in (("alice", Role.MEMBER), ("root", Role.ADMIN)):
        a_member(transaction, name, role, verifiers=VERIFIERS, domain=DOMAIN)
    transaction.execute("INSERT INTO domain (name) VALUES (%s) ON CONFLICT DO NOTHING", (DOMAIN,))
    transaction.commit()
    certificates: Any = None  # no TLS here
    parts = Parts(running_reactor(), settings, database, bus, certificates, CollectorRegistry())

    async def open_() -> Door:
        (door,) = open_doors(parts)
        factory: Any = door.factory
        while not factory.inner.privateKeys:
            await _soon()
        return door

    opened = wait_for(open_)
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    with serving(opened.factory) as port:
        yield SshDoor(transaction, port, keys, opened)
        factory: Any = opened.factory
        wait_for(lambda: factory.shut_down(settings.shutdown_grace))

    async def close() -> None:
        for call in parts.before_closing:
            await call()

    wait_for(close)


async def _soon() -> None:
    from twisted.internet.task import deferLater

    await deferLater(running_reactor(), 0.01)
