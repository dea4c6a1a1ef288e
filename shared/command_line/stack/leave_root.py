"""Root only starts a stack: `agora up` and everything it starts become an ordinary user.

The user keeps one right of root's, to open ports below 1024 (CAP_NET_BIND_SERVICE as an ambient capability), so that a
service that is started again can open its port again. Agora opens no folder for that user: it names the folder that the
user cannot enter.
"""

from __future__ import annotations

import os
import pwd
import stat
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import twisted

from shared.command_line.state_directory import ROOT, StateDirectory
from shared.command_line.terminal.output import fail
from shared.database.embedded_server import programs
from shared.runtime.ambient_capability import keep_low_ports
from shared.runtime.tied_process import become, unprivileged_user

USER = "AGORA_USER"
PREFERRED = ("agora", "nobody")  # the first that the system has
ELSEWHERE = "Put it where everybody may go, such as /opt/agora"


def leave_root(directory: StateDirectory, asked: str | None) -> str | None:
    """Become the user `asked`, or the one that owns the state already, or the first of PREFERRED.

    Returns why this process stays root, if it has to and no user was asked for. Without root nothing happens.
    Ends the command with one sentence where a stack cannot run at all.
    """
    if os.geteuid() != 0:
        if asked is not None and _user(asked).pw_uid != os.geteuid():
            fail(f"--user {asked}: only root can become another user")
        return None
    user = None if asked == "root" else _user(asked) if asked else _usual_user(directory)
    closed = None if user is None else _closed_to(user, _code())
    if user is None or closed is not None:
        if asked is not None and user is not None:
            fail(f"--user {asked}: {closed} is closed to this user. {ELSEWHERE}")
        _require_a_way_for_the_database(directory)
        return None if user is None else f"The services run as root: {closed} is closed to the user {user.pw_name}."
    if (closed := _closed_to(user, [directory.path.parent])) is not None:
        fail(f"{closed} is closed to the user {user.pw_name}, which the stack runs as: use --state /var/lib/agora")
    directory.hand_over(user.pw_uid, user.pw_gid)
    keep_low_ports(lambda: become(user))
    return None


def _user(name: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(int(name)) if name.isdecimal() else pwd.getpwnam(name)
    except KeyError:
        fail(f"--user {name}: there is no such user; `useradd --system {name}` makes one")


def _usual_user(directory: StateDirectory) -> pwd.struct_passwd:
    if directory.path.exists() and (owner := directory.path.stat().st_uid) != 0:
        return _user(str(owner))
    there = {entry.pw_name: entry for entry in pwd.getpwall()}
    found = next((there[name] for name in PREFERRED if name in there), None)
    return _user(PREFERRED[0]) if found is None else found


def _code() -> Sequence[Path]:
    """The folders that every service reads: Python, the packages, this tree; and PostgreSQL's programs."""
    python = Path(sys.executable)
    library = Path(sysconfig.get_paths()["stdlib"]) / "os.py"
    return (
        python.resolve(),
        python,
        library,
        Path(twisted.__file__),
        ROOT / "shared" / "doors.py",
        programs() / "postgres",
    )


def _require_a_way_for_the_database(directory: StateDirectory) -> None:
    """PostgreSQL refuses to run as root, whatever the services run as."""
    user = unprivileged_user(directory.path / "postgres")
    if (closed := _closed_to(user, [programs() / "postgres"])) is not None:
        fail(
            f"{closed} is closed to other users, and PostgreSQL, which is in it, refuses to run as root. {ELSEWHERE}"
            f" (mv {ROOT} /opt/)"
        )
    if (closed := _closed_to(user, [directory.path.parent])) is not None:
        fail(f"{closed} is closed to other users, and PostgreSQL refuses to run as root: use --state /var/lib/agora")


def _closed_to(user: pwd.struct_passwd, paths: Sequence[Path]) -> Path | None:
    """The first folder or file on the way to one of `paths` that `user` may not pass or read, as the kernel sees it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            become(user)
            os.write(writing, os.fsencode(next(filter(None, map(_first_closed, paths)), "")))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        found = pipe.read()
    os.waitpid(child, 0)
    return Path(os.fsdecode(found)) if found else None


def _first_closed(path: Path) -> Path | None:
    for each in (*reversed(path.parents), path):
        try:
            mode = each.stat().st_mode
        except FileNotFoundError:
            return None
        except PermissionError:
            return each
        if not os.access(each, os.X_OK if stat.S_ISDIR(mode) else os.R_OK):
            return each
    return None
