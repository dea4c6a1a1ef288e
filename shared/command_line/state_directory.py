"""The state directory of a local stack, and whether a stack is running there.

The supervisor holds a lock on `supervisor.lock` for as long as it lives, so that "is it running?" has one true answer
even after a kill -9 or a power cut. `stack.json` says what it is running; it is replaced whole at every change.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shlex
import stat
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from shared.command_line.called_as import CALLED_AS
from shared.runtime.log_file import MODE

ROOT = Path(__file__).resolve().parents[2]
BESIDE_THE_CODE = ROOT / ".agora"
OF_THE_SYSTEM = Path("/var/lib/agora")


def default_state() -> Path:
    """`.agora` beside the code; for root, where other users cannot get there, /var/lib/agora.

    What root starts runs as another user.
    """
    if os.geteuid() != 0 or BESIDE_THE_CODE.exists():
        return BESIDE_THE_CODE
    open_to_all = all(folder.stat().st_mode & stat.S_IXOTH for folder in (ROOT, *ROOT.parents))
    return BESIDE_THE_CODE if open_to_all else OF_THE_SYSTEM


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """One supervised process. `started` is the kernel's start time, which no later process with the same pid has."""

    pid: int | None
    started: int | None
    since: str
    restarts: int
    ended: str | None = None  # how it ended the last time: "signal 9", "status 1"


@dataclass(frozen=True, slots=True)
class StackRecord:
    """A stack that a supervisor runs. `phase` is starting, ready or stopping; `environment` is that of its services."""

    pid: int
    phase: str
    since: str
    ports: Mapping[str, int]
    health: Mapping[str, int]  # each service's private HTTP port
    environment: Mapping[str, str]
    processes: Mapping[str, ProcessRecord] = field(default_factory=dict)
    detached: bool | None = None  # whether `up` came back and left it running; None: an older release does not say


class AlreadyRunning(Exception):
    """A supervisor holds this state directory."""


@dataclass(frozen=True, slots=True)
class StateDirectory:
    """The state directory of one local stack."""

    path: Path

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def supervisor_log(self) -> Path:
        return self.logs / "supervisor.log"

    @property
    def errors_file(self) -> Path:
        return self.logs / "errors.log"

    @property
    def ports_file(self) -> Path:
        return self.path / "ports.json"

    @property
    def record_file(self) -> Path:
        return self.path / "stack.json"

    @property
    def lock_file(self) -> Path:
        return self.path / "supervisor.lock"

    def hint(self, words: str) -> str:
        """A command about this stack, as the operator types it in the same place."""
        named = os.environ.get("AGORA_STATE")
        is_meant = self.path == (Path(named).absolute() if named else default_state())
        command = f"{CALLED_AS} {words}"
        return f"`{command}`" if is_meant else f"`{command} --state {shlex.quote(str(self.path))}`"

    def prepare(self) -> None:
        """Make the directory.

        Other users can enter it, but not list it: under root, PostgreSQL has a user of its own.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o711)
        self.logs.mkdir(exist_ok=True)
        self.logs.chmod(0o700)

    def open_supervisor_log(self) -> BinaryIO:
        """For what it says before it has its log; the file is for those who read the other logs."""
        return open(self.supervisor_log, "ab", opener=lambda path, flags: os.open(path, flags, MODE))

    def hand_over(self, user_id: int, group_id: int) -> None:
        """Give everything in here to another user, for root; symbolic links are not followed."""
        self.path.mkdir(parents=True, exist_ok=True)
        is_theirs = self.path.stat().st_uid == user_id
        for _, folders, files, descriptor in os.fwalk(self.path):
            for name in (*folders, *files):
                os.chown(name, user_id, group_id, dir_fd=descriptor, follow_symlinks=False)
            if is_theirs:  # all but what root wrote beside their files
                break
        os.chown(self.path, user_id, group_id)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold this directory for one supervisor. Raises AlreadyRunning."""
        descriptor = os.open(self.lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AlreadyRunning(str(self.path)) from None
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            yield
        finally:
            os.close(descriptor)

    def supervisor(self) -> int | None:
        """The pid of the living supervisor, or None."""
        try:
            descriptor = os.open(self.lock_file, os.O_RDWR)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(os.pread(descriptor, 32, 0) or b"0") or None
        else:
            return None
        finally:
            os.close(descriptor)

    def record(self) -> StackRecord | None:
        """The record that was written last; its supervisor may be gone."""
        try:
            written = json.loads(self.record_file.read_text())
        except (FileNotFoundError, ValueError):
            return None
        processes = {name: ProcessRecord(**process) for name, process in written.pop("processes").items()}
        return StackRecord(**written, processes=processes)

    def running(self) -> StackRecord | None:
        """The record of the stack that is running here now, or None."""
        pid = self.supervisor()
        record = self.record() if pid else None
        return record if record is not None and record.pid == pid else None

    def write_record(self, record: StackRecord) -> None:
        write_whole(self.record_file, asdict(record))

    def kept_ports(self) -> dict[str, int]:
        """The ports that were chosen for this stack before, by door: those that are neither defaults nor settings."""
        try:
            kept = json.loads(self.ports_file.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return {name: port for name, port in kept.items() if isinstance(port, int)} if isinstance(kept, dict) else {}

    def keep_ports(self, ports: Mapping[str, int]) -> None:
        """Use these from now on."""
        write_whole(self.ports_file, dict(ports))


def write_whole(path: Path, value: Any) -> None:
    """Replace a JSON file at once: a reader sees the old one or the new one. For the owner's eyes only."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(value, file, indent=1)
        file.write("\n")
    beside.rename(path)


def start_time(pid: int) -> int | None:
    """When the kernel started this process (clock ticks since boot), None when there is no such process or no /proc."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The second field is the name in parentheses and may hold anything; the 22nd is the start time (proc(5)).
    after_name = status.rpartition(")")[2].split()
    return None if after_name[0] == "Z" else int(after_name[19])
