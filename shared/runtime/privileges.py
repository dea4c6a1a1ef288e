"""Privileges: from root to an ordinary user, once the ports are bound; and the limit of open files."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import resource
from dataclasses import dataclass

from shared.runtime.settings import WrongSetting


@dataclass(frozen=True, slots=True)
class Identity:
    """The user and group that the process becomes."""

    user_id: int
    group_id: int
    user_name: str | None  # for its other groups


def find_identity(user: str | None, group: str | None) -> Identity | None:
    """The user and group that the flags name, by name or number; None if neither is given. Raises WrongSetting."""
    if user is None and group is None:
        return None
    user_id, group_id, user_name = os.getuid(), os.getgid(), None
    if user is not None:
        try:
            entry = pwd.getpwuid(int(user)) if user.isdigit() else pwd.getpwnam(user)
            user_id, group_id, user_name = entry.pw_uid, entry.pw_gid, entry.pw_name
        except KeyError:
            if not user.isdigit():
                raise WrongSetting(f"--user: there is no user {user!r}.") from None
            user_id = group_id = int(user)  # containers run numbers that have no name
    if group is not None:
        try:
            group_id = int(group) if group.isdigit() else grp.getgrnam(group).gr_gid
        except KeyError:
            raise WrongSetting(f"--group: there is no group {group!r}.") from None
    return Identity(user_id, group_id, user_name)


def become(identity: Identity) -> None:
    """Be `identity` for good, with its groups only. Raises WrongSetting."""
    try:
        if identity.user_name is None:
            os.setgroups([])
        else:
            os.initgroups(identity.user_name, identity.group_id)
        os.setgid(identity.group_id)
        os.setuid(identity.user_id)
    except PermissionError:
        raise WrongSetting("--user and --group can be used by root only.") from None


def name_of(identity: Identity) -> str:
    """The identity as the log has it: `user agora (1000), group agora (1000)`; the number alone of what has no name."""
    user = group = ""
    with contextlib.suppress(KeyError):
        user = pwd.getpwuid(identity.user_id).pw_name
    with contextlib.suppress(KeyError):
        group = grp.getgrgid(identity.group_id).gr_name
    return f"user {_named(user, identity.user_id)}, group {_named(group, identity.group_id)}"


def _named(name: str, number: int) -> str:
    return f"{name} ({number})" if name else str(number)


def raise_file_limit() -> int:
    """Allow as many open files as the system lets us, for 5,000 connections and more; returns how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (ValueError, OSError):
        return soft
    return hard
