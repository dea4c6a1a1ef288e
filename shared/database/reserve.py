"""The reserve: a file that takes up room on the store's disk, and is given back when PostgreSQL needs it.

Other programs may fill the disk although Agora refuses new messages. Deleting the file lets PostgreSQL start and work
again, so that members can read and delete, and the operator can make room.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from shared.database.free_space import free_octets

NAME = "reserve"
# Four segments of PostgreSQL's log: recovery after a crash needs two, the rest is some 20,000 deletions.
RESERVE_OCTETS = 64 << 20
GIVEN_BACK_BELOW_OCTETS = RESERVE_OCTETS // 2


def is_kept(state_dir: Path) -> bool:
    """Whether the reserve exists."""
    return (state_dir / NAME).exists()


def keep(state_dir: Path) -> bool:
    """Make the reserve; False if there is no room for it."""
    unfinished = state_dir / (NAME + ".new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, RESERVE_OCTETS)
    except OSError as error:
        unfinished.unlink()
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return False
        raise
    finally:
        os.close(descriptor)
    unfinished.rename(state_dir / NAME)
    return True


def give_back_if_needed(state_dir: Path) -> bool:
    """Delete the reserve if the disk is nearly full; True if that was done."""
    free = free_octets(state_dir)
    if free is None or free >= GIVEN_BACK_BELOW_OCTETS or not is_kept(state_dir):
        return False
    (state_dir / NAME).unlink(missing_ok=True)
    return True
