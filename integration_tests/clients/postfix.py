"""A Postfix of one's own: takes mail by SMTP on a free port, and hands it to the stack by LMTP."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from integration_tests.clients.documented import documented
from integration_tests.clients.program import PATIENCE_SECONDS, Program
from integration_tests.stack.stack import Place, Stack
from shared.command_line.stack.ports import free_ports
from shared.testing.eventually import eventually

# Keeps it inside its folder.
MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.example.org
mydestination =
mynetworks =
alias_maps =
address_verify_poll_delay = 1s
address_verify_poll_count = 15
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
smtp unix - - n - - smtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
discard unix - - n - - discard
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    """It runs; `smtp` is where it listens."""

    folder: Path
    smtp: Place
    program: Program
    master: Callable[[], contextlib.AbstractContextManager[None]]  # runs its first process
    running: contextlib.ExitStack

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """It runs again afterwards, at the same port."""
        self.running.close()
        try:
            yield
        finally:
            self.begin()

    def begin(self) -> None:
        """Returns when it answers."""
        self.running.enter_context(self.master())
        eventually(lambda: _answers(self.smtp), "Postfix answers")

    def queue(self) -> list[dict[str, Any]]:
        """What it has not yet handed over, as its own postqueue tells it."""
        listed = subprocess.run(
            ["/usr/sbin/postqueue", "-c", str(self.folder / "etc"), "-j"],
            capture_output=True,
            check=True,
            timeout=PATIENCE_SECONDS,
        )
        return [json.loads(line) for line in listed.stdout.splitlines()]

    def log(self) -> str:
        """What it wrote so far."""
        return (self.folder / "log").read_text()


@contextlib.contextmanager
def running_postfix(program: Program, stack: Stack, port: int | None = None, more: str = "") -> Iterator[Postfix]:
    """Start one in front of `stack`'s LMTP door, and stop it with all its processes. Only root can.

    At `port`, or a free one. `more`: lines of its main.cf.
    """
    folder = Path(tempfile.mkdtemp(prefix="agora-postfix-"))
    try:
        folder.chmod(0o711)  # its processes leave root behind
        port = port or free_ports(1)[0]
        _configure(folder, stack, port, more)
        checked = subprocess.run([program.path, "-c", folder / "etc", "check"], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr
        with contextlib.ExitStack() as running:
            postfix = Postfix(folder, ("127.0.0.1", port), program, partial(_master, folder), running)
            postfix.begin()
            yield postfix
    finally:
        shutil.rmtree(folder)


def _configure(folder: Path, stack: Stack, port: int, more: str) -> None:
    for name in ("etc", "queue", "data"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    here = {"= localhost": f"= {stack.domain}", "127.0.0.1:2024": "{}:{}".format(*stack.lmtp)}
    main = MAIN.format(folder=folder) + documented("Another mail server", here) + more
    (folder / "etc" / "main.cf").write_text(main)
    (folder / "etc" / "master.cf").write_text(MASTER.format(port=port))


@contextlib.contextmanager
def _master(folder: Path) -> Iterator[None]:
    """Postfix's first process, in the foreground; it ends its children when it is ended."""
    process = subprocess.Popen(
        ["/usr/lib/postfix/sbin/master", "-d", "-c", folder / "etc"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def _answers(place: Place) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(place, timeout=5) as connection:
        return connection.recv(4) == b"220 "
    return False
