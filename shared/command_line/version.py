"""The version of this installation."""

from __future__ import annotations

import subprocess
import tomllib

from shared.command_line.state_directory import ROOT

# Read with the module: later a service may see nothing but a directory of its own.
_NUMBER: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def version() -> str:
    """That of pyproject.toml, and in a checkout the commit."""
    commit = _commit() if (ROOT / ".git").exists() else ""
    return f"{_NUMBER} ({commit})" if commit else _NUMBER


def _commit() -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
