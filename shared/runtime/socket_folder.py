"""The folder of a local server's socket: its user's alone, and with a path that is short enough for a socket."""

from __future__ import annotations

import os
from pathlib import Path

LONGEST_PATH_OCTETS = 103  # of a socket on macOS; Linux has 107


def socket_folder(state_dir: Path, socket_name: str) -> Path:
    """The folder in which the server whose state is in `state_dir` has its socket: that one, or else one in /tmp."""
    if len(os.fsencode(state_dir / socket_name)) <= LONGEST_PATH_OCTETS:
        return state_dir
    return Path("/tmp") / f"agora-{state_dir.stat().st_dev:x}-{state_dir.stat().st_ino:x}"


def make_private(folder: Path, server: str) -> None:
    """Make the folder for this user alone. Ends the process if the folder is another user's."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        raise SystemExit(f"{folder} belongs to another user: {server}'s socket would not be safe there")
    folder.chmod(0o700)
