"""`agora connect` at the doors of this server, and at those of Dovecot, Postfix, INN, nginx and OpenSSH."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from integration_tests.clients.dovecot import running_dovecot
from integration_tests.clients.inn import running_inn
from integration_tests.clients.postfix import running_postfix
from integration_tests.clients.program import Program
from integration_tests.clients.reach import require_lmtp
from integration_tests.clients.test_agora_ssh import Sshd, sshd
from integration_tests.stack.stack import Place, Stack
from shared.command_line.state_directory import ROOT
from shared.command_line.tests.test_fetch import nginx
from shared.doors import LOOPBACK
from shared.testing.eventually import eventually

__all__ = ["nginx", "sshd"]

PATIENCE_SECONDS = 60
WORDS = {
    "imap": (b"1 LOGOUT\n", b"* OK ", b"1 OK "),
    "pop3": (b"QUIT\n", b"+OK", b"+OK"),
    "smtp": (b"QUIT\n", b"220 ", b"221 "),
    "nntp": (b"QUIT\n", b"20", b"205 "),
}


def connect(place: Place, *options: str, input: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    host, port = place
    return subprocess.run(
        [sys.executable, "-P", "-m", "shared.command_line", "connect", host, str(port), *options],
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"},
        input=input,
        capture_output=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def is_greeted_and_leaves(protocol: str, place: Place, *options: str) -> None:
    """The greeting is shown, the line goes out with CRLF, and the command ends as the server closes."""
    sent, greeting, farewell = WORDS[protocol]
    done = connect(place, *options, input=sent)
    assert done.returncode == 0, done.stderr
    assert done.stderr.endswith(b").\n")
    assert done.stderr.startswith(f"Connected to {place[0]} (".encode())
    lines = done.stdout.splitlines()
    assert lines[0].startswith(greeting), lines
    assert lines[-1].startswith(farewell), lines


def is_asked_for_its_head(place: Place) -> None:
    done = connect(place, input=b"HEAD / HTTP/1.0\n\n")
    assert done.returncode == 0, done.stderr
    head, end, rest = done.stdout.partition(b"\r\n\r\n")
    assert (head[:7], end, rest) == (b"HTTP/1.", b"\r\n\r\n", b"")


def says_its_version(place: Place, version: bytes) -> None:
    """A server of SSH, which then waits for the client's; on a busy machine it may say its own after a second."""
    eventually(lambda: connect(place, "--wait", "1").stdout.startswith(version), f"{version.decode()} is said")


@pytest.mark.parametrize("door", ["imap", "pop3", "smtp", "nntp"])
def test_a_door_of_ours_greets(stack: Stack, door: str) -> None:
    is_greeted_and_leaves(door, stack.doors[door])


def test_a_door_of_ours_is_opened_with_tls_and_its_certificate_is_shown(stack: Stack) -> None:
    place = "localhost", stack.imaps[1]
    is_greeted_and_leaves("imap", place, "--tls", "--ca", str(stack.ca_file))
    tested = connect(place, "--test", "--tls", "--ca", str(stack.ca_file))
    assert (tested.returncode, b"Certificate of " in tested.stdout) == (0, True), tested.stderr


def test_our_web_site_shows_its_head(stack: Stack) -> None:
    is_asked_for_its_head(stack.web)


def test_our_ssh_says_its_version(stack: Stack) -> None:
    says_its_version(stack.ssh, b"SSH-2.0-Agora\r\n")


def test_nginx_shows_its_head(nginx: str) -> None:
    is_asked_for_its_head((LOOPBACK, int(nginx.rpartition(":")[2])))


def test_openssh_says_its_version(sshd: Sshd) -> None:
    says_its_version((LOOPBACK, sshd.port), b"SSH-2.0-OpenSSH_")


def test_dovecot_greets_by_imap_and_pop3() -> None:
    with running_dovecot() as dovecot:
        is_greeted_and_leaves("imap", dovecot.imap)
        is_greeted_and_leaves("pop3", dovecot.pop3)


def test_postfix_greets(stack: Stack, session_dir: Path) -> None:
    path = shutil.which("postfix", path=os.defpath + ":/usr/sbin")
    if path is None or os.geteuid() != 0:
        pytest.skip("postfix is not installed, or this is not root, who alone can start it")
    require_lmtp(stack)
    with running_postfix(Program(path, session_dir), stack) as postfix:
        is_greeted_and_leaves("smtp", postfix.smtp)


def test_inn_greets() -> None:
    with running_inn(newnews=True) as inn:
        is_greeted_and_leaves("nntp", inn.nntp)
