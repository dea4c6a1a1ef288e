"""Names that nobody answers for, and some that are known: a stack's processes ask a name server of their own, the
machine's other programs do not. It takes a mount namespace, which Linux gives to root.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

DOMAIN = "agora-bench.example"
SITE = "127.77.0.77"  # where the known names lead
KNOWN_NAMES = 5000
NAME_SERVER = "127.53.53.53"  # takes every question, and answers none
_MOUNT_AND_RUN = 'mount --bind "$1" /etc/resolv.conf && mount --bind "$2" /etc/hosts && shift 2 && exec "$@"'
_WITHIN = ("unshare", "--mount", "--propagation", "private", "sh", "-c", _MOUNT_AND_RUN, "sh")


def known_name(number: int) -> str:
    return f"known-{number % KNOWN_NAMES}.{DOMAIN}"


def silent_name(number: int) -> str:
    return f"silent-{number}.{DOMAIN}"


@contextlib.contextmanager
def silent_name_server(directory: Path) -> Iterator[Sequence[str]]:
    """The words before a command that have it ask the silent server; none where that cannot be had."""
    resolver, hosts = directory / "resolv.conf", directory / "hosts"
    resolver.write_text(f"nameserver {NAME_SERVER}\n")
    known = "".join(f"{SITE} {known_name(number)}\n" for number in range(KNOWN_NAMES))
    hosts.write_text(Path("/etc/hosts").read_text() + known)
    within: Sequence[str] = (*_WITHIN, str(resolver), str(hosts))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        try:
            server.bind((NAME_SERVER, 53))
            subprocess.run([*within, "true"], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):  # no root, no Linux, or a container that may not mount
            within = ()
        yield within
