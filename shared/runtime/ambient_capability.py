"""An ordinary user that may open ports below 1024, on Linux: the capability of that name, kept over a change of user.

An ambient capability (capabilities(7)) is inherited by every program that is started, and is no other right of root's.
"""

from __future__ import annotations

import contextlib
import ctypes
import sys
from collections.abc import Callable

CAP_NET_BIND_SERVICE = 10
PR_SET_DUMPABLE, PR_SET_KEEPCAPS = 4, 8
PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 47, 2
VERSION_3 = 0x20080522  # _LINUX_CAPABILITY_VERSION_3: two words of 32 capabilities each


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Word(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def keep_low_ports(change_user: Callable[[], None]) -> None:
    """Call `change_user`, which gives up root, and keep the right to open ports below 1024 where the system lets us.

    Where it does not (no Linux, a container without that capability) the ports stay closed to the user, no more.
    """
    if sys.platform != "linux":
        change_user()
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    change_user()
    libc.prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0)
    with contextlib.suppress(AttributeError):  # a C library without capset(2)
        bit = 1 << CAP_NET_BIND_SERVICE
        words = (_Word * 2)(_Word(bit, bit, bit), _Word(0, 0, 0))
        if libc.capset(ctypes.byref(_Header(VERSION_3, 0)), words) != 0:  # it was none of ours: keep none at all
            libc.capset(ctypes.byref(_Header(VERSION_3, 0)), (_Word * 2)())
        libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_BIND_SERVICE, 0, 0)
    libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # off after a change of user: /proc/self would stay root's
