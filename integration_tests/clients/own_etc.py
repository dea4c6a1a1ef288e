"""Programs that see an /etc and a /var/spool of their own, for some have the paths of their files compiled in.

The host has a name with a domain for them, without which some do not start.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from integration_tests.clients.program import Program

# What libraries look up there: names of hosts, users and ports.
_KEPT = ("group", "hosts", "ld.so.cache", "localtime", "nsswitch.conf", "passwd", "protocols", "services")
_SCRIPT = """#!/bin/sh
exec unshare --mount --uts sh -c '
hostname reader.home.arpa && mount --bind "$HOME/etc" /etc && mount --bind "$HOME/spool" /var/spool &&
exec "$0" "$@"' {path} "$@"
"""


def with_own_etc(programs: Mapping[str, Program], files: Mapping[str, str]) -> Mapping[str, Program]:
    """The programs of one home; /etc has these files for them and some of the machine's, and /var/spool is `spool`."""
    if subprocess.run(["unshare", "--mount", "--uts", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this user may not give a program directories of its own")
    home = next(iter(programs.values())).home
    (home / "spool").mkdir()
    for name in _KEPT:
        kept = Path("/etc", name)
        if kept.exists():
            _write(home / "etc" / name, kept.read_bytes())
    for name, text in files.items():
        _write(home / "etc" / name, text.encode())
    return {name: _placed(name, program) for name, program in programs.items()}


def _write(file: Path, octets: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(octets)


def _placed(name: str, program: Program) -> Program:
    script = program.write(f"placed-{name}", _SCRIPT.format(path=program.path))
    script.chmod(0o700)
    return Program(str(script), program.home)
