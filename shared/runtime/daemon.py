"""The flags of a classic daemon: --daemon, --pidfile, --logfile, --error-logfile, --user, --group, --chroot."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from shared.runtime.settings import WrongSetting


class ProcessOptions(argparse.Namespace):
    """The options of the command line."""

    daemon: bool
    pidfile: Path | None
    logfile: Path | None
    error_logfile: Path | None
    user: str | None
    group: str | None
    chroot: Path | None


def read_flags(service: str, arguments: Sequence[str]) -> ProcessOptions:
    """Parse the command line. Raises WrongSetting; --help and unknown flags end the process."""
    parser = argparse.ArgumentParser(
        prog=service, description="Settings are read from AGORA_… variables; .env.example lists them all."
    )
    parser.add_argument("--daemon", action="store_true", help="go to the background once the ports are bound")
    parser.add_argument("--pidfile", type=Path, metavar="FILE", help="write the process's number to FILE")
    parser.add_argument("--logfile", type=Path, metavar="FILE", help="log to FILE; SIGHUP or SIGUSR1 opens it again")
    parser.add_argument(
        "--error-logfile", type=Path, metavar="FILE", help="write errors to FILE, too; it is made when there is one"
    )
    parser.add_argument("--user", metavar="NAME", help="become this user once the ports are bound")
    parser.add_argument("--group", metavar="NAME", help="become this group once the ports are bound")
    parser.add_argument(
        "--chroot",
        type=Path,
        metavar="DIR",
        help="see nothing but DIR once the ports are bound; settings name files in it",
    )
    flags = parser.parse_args(arguments, ProcessOptions())
    if flags.daemon and flags.logfile is None:
        raise WrongSetting("--daemon needs --logfile, because a daemon has no terminal.")
    return flags


class Background:
    """The way to the background: the process that was started waits, and ends with what became of the daemon."""

    def __init__(self) -> None:
        self._tell: int | None = None

    def enter(self) -> None:
        """Go on as a daemon, in the same directory; the process that was started ends in here."""
        read_end, write_end = os.pipe()
        if os.fork():
            os.close(write_end)
            answer = os.read(read_end, 1)
            os._exit(0 if answer == b"+" else 1)  # no clean-up: everything belongs to the daemon now
        os.close(read_end)
        os.setsid()
        if os.fork():
            os._exit(0)  # so that the daemon leads no session and never gets a terminal
        self._tell = write_end

    def started(self) -> None:
        """The service runs: leave the terminal, and let the process that waits end."""
        if self._tell is None:
            return
        null = os.open(os.devnull, os.O_RDWR)
        sys.stdout.flush()
        sys.stderr.flush()
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        os.close(null)
        os.write(self._tell, b"+")
        os.close(self._tell)
        self._tell = None


class PidFile:
    """The file that says which process is the service."""

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()

    def refuse_second(self) -> None:
        """Raises WrongSetting if the process that the file names is alive."""
        try:
            other = int(self._path.read_text())
            os.kill(other, 0)
        except (FileNotFoundError, ValueError, ProcessLookupError):
            return
        except PermissionError:
            pass  # it is alive, and another user's
        if other != os.getpid():
            raise WrongSetting(f"--pidfile: {self._path} says that process {other} is running already.")

    def write(self) -> None:
        """Name this process. Raises WrongSetting."""
        try:
            self._path.write_text(f"{os.getpid()}\n")
        except OSError as error:
            raise WrongSetting(f"--pidfile: cannot write {self._path} ({error.strerror}).") from error

    def remove(self) -> None:
        """Delete the file.

        Where the ordinary user may not, it stays with a stale number, which refuse_second() recognises.
        """
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)


def give_logfile(path: Path, user_id: int, group_id: int) -> None:
    """Make the log file while we may, and let the ordinary user write to it. Raises WrongSetting."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640))
        os.chown(path, user_id, group_id)
    except OSError as error:
        raise WrongSetting(f"--logfile: cannot write {path} ({error.strerror}).") from error
