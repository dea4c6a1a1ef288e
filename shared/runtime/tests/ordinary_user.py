"""What a process that becomes another user needs: a folder that it may enter, and a Python that it may run."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


@contextmanager
def open_directory() -> Iterator[Path]:
    """One that every user may walk into, unlike pytest's, and that belongs to nobody."""
    directory = Path(tempfile.mkdtemp(prefix="agora-daemon-"))
    entry = pwd.getpwnam("nobody")
    os.chown(directory, entry.pw_uid, entry.pw_gid)
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


def python_for_everyone() -> tuple[list[str], str]:
    """A Python of this version that other users may run too, and the path to the packages."""
    packages = sysconfig.get_path("purelib")
    question = f"import sys, OpenSSL; assert sys.version_info[:2] == {tuple(sys.version_info[:2])}"
    as_nobody: dict[str, Any] = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}
    for candidate in (sys.executable, "/usr/bin/python3"):
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            command = [candidate, "-c", question]
            subprocess.run(command, env={"PYTHONPATH": packages}, check=True, capture_output=True, **as_nobody)
            return [candidate], packages
    pytest.skip("no Python that the user nobody may run")


def python_with_packages(directory: Path) -> str:
    """The same without a path, for programs that start others: if need be a virtual environment in `directory`."""
    [python], packages = python_for_everyone()
    if python == sys.executable:
        return python
    subprocess.run([python, "-m", "venv", "--without-pip", directory], check=True, capture_output=True)
    [site] = directory.glob("lib/python*/site-packages")
    (site / "packages.pth").write_text(f"{packages}\n")
    return str(directory / "bin" / "python")
