"""OpenSSH's client with a key that was made for one account."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from integration_tests.clients.program import Program
from integration_tests.clients.terminal import Terminal, at_terminal
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack

LONGEST_SECONDS = 60
PROMPT = "@localhost$"


class KeyedSsh:
    """Runs commands over SSH, each by a connection of its own."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        """To its end."""
        return subprocess.run(
            [*self._command, *words],
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    @contextlib.contextmanager
    def shell(self, home: Path, patience_seconds: float) -> Iterator[Terminal]:
        """The shell, at a terminal, as it is before its first line; `home` is the client's."""
        words = (*self._command[1:], "-tt")
        with at_terminal(Program(self._command[0], home), *words, patience_seconds=patience_seconds) as terminal:
            terminal.wait_for("Commands: ")
            terminal.wait_for(PROMPT)
            yield terminal

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """One that goes on; its errors come with its output."""
        return subprocess.Popen(
            [*self._command, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def keyed_ssh(stack: Stack, member: Member, folder: Path) -> KeyedSsh:
    """Lets the member sign in by a new key, whose file is in `folder`."""
    if shutil.which("ssh") is None:
        pytest.skip("OpenSSH is not installed")
    key = folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    added = stack.agora("user", "ssh-key", "add", member.name, "-", input=key.with_suffix(".pub").read_text())
    assert added.returncode == 0, added.stderr
    host, port = stack.ssh
    options = [
        "BatchMode=yes", "IdentitiesOnly=yes", "LogLevel=ERROR", "StrictHostKeyChecking=accept-new",
        f"UserKnownHostsFile={folder}/known_hosts",
    ]  # fmt: skip
    named = [word for option in options for word in ("-o", option)]
    return KeyedSsh(
        [shutil.which("ssh") or "ssh", "-F", "none", "-i", str(key), "-p", str(port), *named, f"{member.name}@{host}"]
    )
