"""`agora fetch` at this server's web site. nginx is asked in shared/command_line/tests/test_fetch.py."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from shared.command_line.state_directory import ROOT

PATIENCE_SECONDS = 60
Fetch = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def fetch(stack: Stack, tmp_path: Path) -> Fetch:
    """Paths of the site, over TLS."""

    def call(path: str, *options: str, input: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        url = f"https://localhost:{stack.web_tls[1]}{path}"
        return subprocess.run(
            [sys.executable, "-P", "-m", "shared.command_line", "fetch", url, "--ca", str(stack.ca_file), *options],
            env={"HOME": str(tmp_path), "PATH": os.defpath, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"},
            input=input,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    return call


def test_a_page_is_fetched_once_and_missing_ones_have_their_status(stack: Stack, fetch: Fetch, tmp_path: Path) -> None:
    file = tmp_path / "page"
    first = fetch("/WikiHome", "-o", str(file), "--if-changed")
    assert (first.returncode, b"<title>WikiHome" in file.read_bytes()) == (0, True), first.stderr
    again = fetch("/WikiHome", "-o", str(file), "--if-changed")
    assert (again.returncode, again.stderr) == (4, b"unchanged (304)\n")
    missing = fetch("/no/such/page")
    assert (missing.returncode, missing.stdout) == (22, b"")


def test_who_may_not_is_asked_for_a_name_and_a_password(fetch: Fetch, member: Member) -> None:
    refused = fetch("/api/v1/account")
    assert (refused.returncode, refused.stdout) == (3, b""), refused.stderr
    signed_in = ("--user", member.name, "--password-stdin")
    done = fetch("/api/v1/account", *signed_in, input=member.password.encode())
    assert (done.returncode, member.name.encode() in done.stdout) == (0, True), done.stderr
