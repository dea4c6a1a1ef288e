"""How connections and commands end: shut out, locked out, unread, interrupted, with methods that are off."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import asyncssh
import pytest

from services.ssh_admin.settings import SshAdminSettings
from services.ssh_admin.streams import MOST_UNREAD
from services.ssh_admin.tests.conftest import PASSWORD, SshDoor
from shared.activity.events import Session
from shared.activity.record import recorded
from shared.testing.eventually import eventually


def test_an_account_that_is_disabled_loses_its_connections(door: SshDoor) -> None:
    async def work(admin: asyncssh.SSHClientConnection) -> str:
        async with asyncssh.connect(
            "127.0.0.1", door.port, username="alice", password=PASSWORD, known_hosts=None, client_keys=None, config=None
        ) as connection:
            shell = await connection.create_process("passwd alice --password-stdin")
            assert (await admin.run("user disable alice")).exit_status == 0
            await shell.wait_closed()
            await connection.wait_closed()
            return "closed"

    assert door.connect(work) == "closed"


@pytest.mark.usefixtures("patient_tallies")
def test_too_many_wrong_passwords_lock_out_the_right_one_with_a_sentence(door: SshDoor) -> None:
    for number in range(12):
        with pytest.raises((asyncssh.PermissionDenied, asyncssh.DisconnectError)) as refused:
            door.run("whoami", username="alice", password=f"guess {number}")
    assert "too many failed attempts, try again later" in str(refused.value)
    with pytest.raises(asyncssh.DisconnectError, match="too many failed attempts"):
        door.run("whoami", username="alice", password=PASSWORD)


def test_a_session_leaves_a_line_in_the_log(door: SshDoor) -> None:
    with recorded() as events:
        door.run("whoami", "echo one")
        door.run("whoami")
    sessions = [each for each in events if isinstance(each, Session)]
    assert [(each.account, each.door, each.commands) for each in sessions[:1]] == [("root", "ssh", 2)]


def test_a_client_that_never_reads_holds_a_bounded_part_of_the_output(door: SshDoor) -> None:
    for number in range(400):
        door.transaction.execute(
            "INSERT INTO command_audit (account, role, door, peer, command) VALUES ('root', 'admin', 'ssh', '::1', %s)",
            ("x" * 1990 + f"{number:04}",),
        )
    door.transaction.commit()

    async def work(connection: asyncssh.SSHClientConnection) -> int:
        process = await connection.create_process("audit list --json --last 400", encoding=None, window=2048)
        factory = door.door.factory
        [transport] = [each.inner for each in factory.conversations()]  # type: ignore[attr-defined]
        [channel] = transport.service.channels.values()
        while channel.waiting_octets <= 100_000:  # the test's own time is bounded
            await asyncio.sleep(0.05)
        assert channel.waiting_octets <= MOST_UNREAD + 65_536
        output = await process.stdout.read()
        await process.wait_closed()
        assert process.exit_status == 0
        return len(output)

    assert door.connect(work) > 800_000


def test_an_interrupt_ends_a_command_that_reads_and_the_connection_goes_on(door: SshDoor) -> None:
    async def work(connection: asyncssh.SSHClientConnection) -> tuple[int | None, str]:
        process = await connection.create_process("passwd root --password-stdin")
        process.send_signal("INT")
        await process.wait_closed()
        return process.exit_status, str((await connection.run("echo on")).stdout)

    assert door.connect(work) == (130, "on\n")


def test_a_client_that_goes_away_ends_its_command(door: SshDoor) -> None:
    async def work(connection: asyncssh.SSHClientConnection) -> None:
        await connection.create_process("passwd root --password-stdin")
        connection.abort()

    def ended() -> Sequence[object]:
        rows = door.transaction.rows("SELECT status FROM command_audit WHERE status IS NOT NULL")
        door.transaction.commit()
        return rows

    door.connect(work)
    assert eventually(ended, "the end in the audit") == [(130,)]


def test_packets_too_small_for_anybody_are_refused(door: SshDoor) -> None:
    async def work(connection: asyncssh.SSHClientConnection) -> None:
        with pytest.raises(asyncssh.ChannelOpenError, match="packets of 1024 octets are the least"):
            await connection.create_process("whoami", max_pktsize=1)

    door.connect(work)


class TestByKeysAlone:
    @pytest.fixture
    def settings(self, tmp_path: Path) -> SshAdminSettings:
        return SshAdminSettings(stack_key_file=tmp_path / "stack-key", ssh_methods=("publickey",))

    def test_no_password_is_asked_for(self, door: SshDoor) -> None:
        with pytest.raises(asyncssh.PermissionDenied):
            door.run("whoami")
        key = door.make_key("ed25519")
        refused = door.ssh("whoami", key=key)
        assert b"Permission denied (publickey)." in refused.stderr
        door.add_key(key)
        assert door.ssh("whoami", key=key).returncode == 0


class TestWithLittlePatience:
    @pytest.fixture
    def settings(self, tmp_path: Path) -> SshAdminSettings:
        return SshAdminSettings(stack_key_file=tmp_path / "stack-key", ssh_login_limit=timedelta(seconds=1))

    def test_who_does_not_sign_in_is_disconnected(self, door: SshDoor) -> None:
        async def silent() -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
            received = await asyncio.wait_for(reader.read(), 20)
            writer.close()
            return received

        assert b"nobody has signed in for too long" in asyncio.run(silent())


class TestWithTheEcdsaKey:
    @pytest.fixture
    def settings(self, tmp_path: Path) -> SshAdminSettings:
        return SshAdminSettings(stack_key_file=tmp_path / "stack-key", ssh_host_keys=("ecdsa",))

    def test_it_is_offered_where_the_setting_says_so(self, door: SshDoor) -> None:
        key = door.make_key("ed25519")
        door.add_key(key)
        assert door.ssh("whoami", key=key, HostKeyAlgorithms="ecdsa-sha2-nistp256").returncode == 0
        assert door.ssh("whoami", key=key, HostKeyAlgorithms="ssh-ed25519").returncode == 255
