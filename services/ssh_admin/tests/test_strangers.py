"""What strangers and members may not do: garbage, floods, forwarding, windows, silence."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct

import asyncssh
import pytest

from services.ssh_admin.connection import MOST_CHANNELS
from services.ssh_admin.session_channel import WINDOW
from services.ssh_admin.tests.conftest import SshDoor
from shared.doors import LOOPBACK

VERSION = b"SSH-2.0-test\r\n"
FLOOD = 1 << 20  # octets


def conversation(door: SshDoor, *sent: bytes) -> bytes:
    """All that the door says to a client that sends this, also when it hangs up before it has all."""
    with socket.create_connection((LOOPBACK, door.port), timeout=20) as client:
        received = b""
        with contextlib.suppress(ConnectionError):
            for each in sent:
                client.sendall(each)
        with contextlib.suppress(ConnectionError):
            while data := client.recv(65536):
                received += data
        return received


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.0\r\n\r\n" + b"x" * 5000,
        b"\x00" * FLOOD,
        VERSION + b"\xff" * 100,
        VERSION + struct.pack(">LB", 900_000, 4) + b"x" * FLOOD,
        VERSION + struct.pack(">LBB", 12, 4, 50) + b"x" * 10,  # USERAUTH_REQUEST in the clear
        VERSION + struct.pack(">LBB", 12, 4, 21) + b"x" * 10,  # NEWKEYS without an exchange
        VERSION + struct.pack(">LBB", 12, 4, 30) + b"x" * 10,  # a key exchange that nobody began
        VERSION + struct.pack(">LBB", 12, 4, 20) + b"x" * 10,  # a KEXINIT that is cut off
        b"SSH-1.5-old\r\n",
    ],
)
def test_garbage_ends_the_connection_and_nothing_else(door: SshDoor, sent: bytes) -> None:
    assert conversation(door, sent).startswith(b"SSH-2.0-Agora\r\n")
    assert door.run("whoami")[0].exit_status == 0


def test_forwarding_and_subsystems_are_refused_and_the_session_goes_on(door: SshDoor) -> None:
    async def work(connection: asyncssh.SSHClientConnection) -> str:
        with pytest.raises(asyncssh.ChannelOpenError, match="nothing is forwarded here"):
            await connection.open_connection("127.0.0.1", 25)
        with pytest.raises(asyncssh.ChannelListenError):
            await connection.forward_remote_port("127.0.0.1", 0, "127.0.0.1", 25)
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.create_process(subsystem="netconf")
        return str((await connection.run("echo still here")).stdout)

    assert door.connect(work) == "still here\n"


def test_openssh_asking_for_agent_and_x11_forwarding_gets_its_command_all_the_same(door: SshDoor) -> None:
    key = door.make_key("ed25519")
    door.add_key(key)
    done = door.ssh("-A", "echo", "hello", key=key, ForwardAgent="yes", ForwardX11="yes")
    assert done.returncode in (0, 127)  # -A after the host is part of the command
    assert door.ssh("echo", "hello", key=key, ForwardAgent="yes").stdout == b"hello\n"


def test_ten_thousand_variables_are_refused_and_the_command_runs(door: SshDoor) -> None:
    async def work(connection: asyncssh.SSHClientConnection) -> str:
        done = await connection.run("echo through", env={f"LC_{number}": "x" for number in range(10_000)})
        return str(done.stdout)

    assert door.connect(work) == "through\n"


def test_a_connection_has_ten_sessions_and_the_next_is_refused(door: SshDoor) -> None:
    async def work(connection: asyncssh.SSHClientConnection) -> int:
        waiting = "passwd root --password-stdin"
        opened = [await connection.create_process(waiting) for _ in range(MOST_CHANNELS)]
        for _ in range(1000):
            with pytest.raises(asyncssh.ChannelOpenError, match="at most 10 sessions"):
                await connection.create_process("whoami")
        for each in opened:
            each.close()
            await each.wait_closed()
        return int((await connection.run("whoami")).exit_status or 0)

    assert door.connect(work) == 0


def test_a_long_line_is_refused_and_the_connection_lives(door: SshDoor) -> None:
    async def work(connection: asyncssh.SSHClientConnection) -> object:
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.run("echo " + "x" * 100_000)
        return (await connection.run("whoami")).exit_status

    assert door.connect(work) == 0


def test_a_command_of_a_megabyte_ends_the_connection_and_nothing_else(door: SshDoor) -> None:
    async def work(connection: asyncssh.SSHClientConnection) -> None:
        with pytest.raises(asyncssh.Error):
            await connection.run("echo " + "x" * 1_000_000)
        await connection.wait_closed()

    door.connect(work)
    assert door.run("whoami")[0].exit_status == 0


def test_a_line_of_a_megabyte_on_the_standard_input_is_no_password_and_the_connection_lives(door: SshDoor) -> None:
    async def work(connection: asyncssh.SSHClientConnection) -> object:
        done = await connection.run("passwd root --password-stdin", input="x" * 1_000_000 + "\n")
        assert done.exit_status == 1
        assert str(done.stderr).startswith("agora: ")
        return (await connection.run("whoami")).exit_status

    assert door.connect(work) == 0


def test_input_that_nobody_reads_stays_in_the_clients_window(door: SshDoor) -> None:
    """A command that waits for nothing is sent no more than a window."""

    async def work(connection: asyncssh.SSHClientConnection) -> int:
        process = await connection.create_process("passwd root --password-stdin", encoding=None)
        process.stdin.write(b"x" * (4 * WINDOW))
        done = asyncio.ensure_future(process.stdin.drain())
        process.stdin.write(b"\n\n")
        await asyncio.wait([done], timeout=20)
        await process.wait()
        return int(process.exit_status or 0)

    assert door.connect(work) == 1


def test_a_window_beyond_its_bound_ends_the_connection(door: SshDoor) -> None:
    async def work(connection: asyncssh.SSHClientConnection) -> None:
        process = await connection.create_process("passwd root --password-stdin")
        for _ in range(3):
            process.channel.send_packet(93, struct.pack(">L", 0xFFFF_FFF0))  # SSH_MSG_CHANNEL_WINDOW_ADJUST
        await connection.wait_closed()

    door.connect(work)
    assert door.run("whoami")[0].exit_status == 0
