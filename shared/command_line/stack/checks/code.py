"""`agora check code`: everything about the source that can be checked without a stack."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click

from shared.command_line.state_directory import ROOT
from shared.command_line.terminal.output import console

PROGRAMS = Path(sys.executable).parent
UNIT_TESTS_CHECK = "unit tests"
UNIT_TESTS = ("shared", "services")
CHECKS: Sequence[tuple[str, Sequence[str]]] = (
    ("format", (str(PROGRAMS / "ruff"), "format", "--check", ".", "agora")),
    ("lint", (str(PROGRAMS / "ruff"), "check", ".", "agora")),
    ("types", (sys.executable, "-m", "mypy", ".")),
    ("import contracts", (str(PROGRAMS / "lint-imports"), "--no-cache")),
    ("Kubernetes manifests", (sys.executable, "-P", "k8s/validate.py")),
    (UNIT_TESTS_CHECK, (sys.executable, "-P", "-m", "pytest", "-n", "auto", "-q", *UNIT_TESTS)),
)


def check_code(*, tests: bool = True) -> bool:
    """Run all checks, also after one has failed; True when every one passed. Shows what failing ones wrote.

    Without `tests` where `agora test` is run as well, which has the same ones.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the check under way ends with us
    screen = console()
    checks = [check for check in CHECKS if tests or check[0] != UNIT_TESTS_CHECK]
    failed = [name for name, command in checks if not _passes(name, command)]
    screen.print(
        f"{len(checks) - len(failed)} of {len(checks)} checks passed"
        + (f"; failed: {', '.join(failed)}" if failed else ""),
        style="bold red" if failed else "bold green",
    )
    return not failed


def _passes(name: str, command: Sequence[str]) -> bool:
    begun = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines = done.stdout.strip().splitlines()
    last = lines[-1].strip("= ") if lines else ""
    screen = console()
    if done.returncode == 0:
        screen.print(f"{name:<22} passed {time.monotonic() - begun:6.1f} s   {last}")
        return True
    click.echo(done.stdout.rstrip())
    screen.print(f"{name:<22} FAILED {time.monotonic() - begun:6.1f} s", style="red")
    return False
