"""Ports that are taken, kept, or chosen by a variable."""

from __future__ import annotations

import contextlib
import re
import socket

import pytest

from integration_tests.life.local_stack import LocalStack
from shared.command_line.stack.ports import free_ports
from shared.doors import LOOPBACK

pytestmark = pytest.mark.local_only


def test_a_port_that_is_taken_is_named(local: LocalStack) -> None:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        port = listener.getsockname()[1]
        done = local.agora("up", "--detach", "--ports", "free", AGORA_IMAP_PORT=str(port))
    assert done.returncode == 1
    *remarks, reason = done.stdout.splitlines()  # root may be told that the services would run as root
    assert reason == f"agora: port {port}, wanted for IMAP by AGORA_IMAP_PORT, is taken by another program"
    assert "AGORA_" not in "".join(remarks)
    assert local.directory.supervisor() is None


def test_a_default_port_that_is_taken_never_ends_the_first_start(local: LocalStack) -> None:
    """Nothing is set, and 2024 is held: by this test, unless another program of this machine holds it already."""
    with socket.socket() as listener, contextlib.suppress(OSError):
        listener.bind((LOOPBACK, 2024))
        listener.listen()
        try:
            done = local.agora("up", "--detach")
            assert done.returncode == 0, done.stdout
            told = re.search(r"LMTP: 2024 is taken, (\d+) instead \(kept for this stack; AGORA_LMTP_PORT", done.stdout)
            assert told, done.stdout
            lmtp = next(row for row in local.status()["doors"] if row["door"] == "LMTP")
            assert lmtp["where"] == f"127.0.0.1:{told[1]}"
            assert lmtp["note"] == "kept for this stack instead of 2024; AGORA_LMTP_PORT chooses"
            assert local.agora("tour").returncode == 0
            assert local.agora("check").returncode == 0
            local.agora("down")
            again = local.agora("up", "--detach")
            assert again.returncode == 0
            assert "2024 is taken" not in again.stdout  # it was kept
            assert local.status()["ports"]["lmtp"] == int(told[1])
        finally:
            local.agora("down")


def test_a_start_that_failed_leaves_no_port_behind_that_fails_the_next(local: LocalStack) -> None:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert local.agora("up", "--detach", AGORA_LMTP_PORT=str(port)).returncode == 1
        local.directory.keep_ports({"imap": port})  # as earlier releases did before they had looked
        local.up()
    ports = local.status()["ports"]
    assert port not in ports.values()


def test_a_port_that_a_variable_chose_once_is_not_kept(local: LocalStack) -> None:
    (port,) = free_ports(1)
    local.up(AGORA_IMAP_PORT=str(port))
    row = next(row for row in local.status()["doors"] if row["door"] == "IMAP")
    assert (row["where"], row["note"]) == (f"127.0.0.1:{port}", "by AGORA_IMAP_PORT")
    assert "imap" not in local.directory.kept_ports()
