"""ssh-audit, which knows what is weak, finds no failure at the door."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys

import pytest

from services.ssh_admin.tests.shell_process import CTRL_D, Terminal, at_terminal, service
from shared.runtime.tests.running import EchoProcess

__all__ = ["service"]
_STYLES = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.skipif(importlib.util.find_spec("ssh_audit") is None, reason="ssh-audit is not installed")
def test_ssh_audit_finds_no_failure(service: EchoProcess) -> None:
    async def leave(terminal: Terminal) -> None:
        terminal.press(CTRL_D)
        await terminal.until("Goodbye.")

    at_terminal(service, leave)  # it has its keys, and is open
    host, port = service.place("ssh")
    done = subprocess.run(
        [sys.executable, "-m", "ssh_audit", "--skip-rate-test", "--timeout", "20", "-p", str(port), host],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    found = _STYLES.sub("", done.stdout)
    assert "(kex) mlkem768x25519-sha256" in found, found + done.stderr
    assert [line for line in found.splitlines() if "[fail]" in line] == []
