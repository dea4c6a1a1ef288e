"""A tied process: ends when its supervisor ends, and gives up root before anything else.

Only the standard library is imported: these lines run in a small process that is about to become the server.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1  # prctl(2), Linux only


def tie_to_parent(signal_number: int) -> None:
    """Have the kernel send `signal_number` to this process when its parent ends, even by SIGKILL.

    The process also leaves the terminal's process group, so that Ctrl-C reaches the supervisor only, which then ends
    everything in its order. Survives exec; must come after any change of user. Where there is no prctl(2), only the
    supervisor's own clean-up ends the process. "Parent" is the thread that started this process: start servers from a
    thread that lives as long as they shall.
    """
    with contextlib.suppress(OSError):
        os.setsid()
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)


def unprivileged_user(state_dir: Path) -> pwd.struct_passwd:
    """The user for servers that refuse root: the owner of the state, else one that the system has.

    No account is made for it: `nobody` exists everywhere.
    """
    if state_dir.exists() and (owner := state_dir.stat().st_uid) != 0:
        return pwd.getpwuid(owner)
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise SystemExit("running as root needs an account to give the database to: neither 'postgres' nor 'nobody' exists")


def become(user: pwd.struct_passwd) -> None:
    """Give up root for good."""
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.environ.update(HOME="/", USER=user.pw_name, LOGNAME=user.pw_name)
