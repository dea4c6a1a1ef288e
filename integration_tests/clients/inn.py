"""An INN of one's own: a news server on a free port, with two groups and one user. Only root can run it."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from integration_tests.clients.program import PATIENCE_SECONDS
from integration_tests.stack.stack import Place
from shared.command_line.stack.ports import free_ports
from shared.testing.eventually import eventually

INND = Path("/usr/lib/news/bin/innd")
GROUPS = ("local.tea", "local.test")
USER, PASSWORD = "alice", "correct horse"
# Keeps it inside its folder.
SETTINGS = """
pathhost: news.example.org
domain: example.org
mta: "/bin/true %s"
hismethod: hisv6
ovmethod: tradindexed
allownewnews: {newnews}
bindaddress: 127.0.0.1
bindaddress6: none
port: {port}
nnrpdpostport: {port}
doinnwatch: false
nnrpdloadlimit: 0
pgpverify: false
pathnews: /usr/lib/news
pathbin: /usr/lib/news/bin
pathdb: {folder}/db
pathetc: {folder}/etc
pathrun: {folder}/run
pathlog: {folder}/log
pathhttp: {folder}/http
pathtmp: {folder}/tmp
pathspool: {folder}/spool
pathfilter: {folder}/filter
"""
READERS = """
auth "users" {{
    hosts: "127.0.0.0/8"
    auth: "ckpasswd -f {folder}/etc/passwords"
    default: "stranger"
}}
access "all" {{
    users: "*"
    newsgroups: "*"
    access: RPA
}}
"""
STORAGE = "method tradspool {\n    newsgroups: *\n    class: 0\n}\n"
SPOOL = ("articles", "overview", "outgoing", "incoming/bad", "incoming/tmp", "archive", "innfeed")
FOLDERS = ("etc", "db", "run", "log", "filter", "http", "tmp", *(f"spool/{name}" for name in SPOOL))


@dataclass(frozen=True)
class Inn:
    """It runs; `nntp` is where it listens."""

    folder: Path
    nntp: Place


@contextlib.contextmanager
def running_inn(*, newnews: bool) -> Iterator[Inn]:
    """Start one, and stop it. The test is skipped where INN is not installed, or cannot be started by this user."""
    if not INND.exists():
        pytest.skip("innd is not installed")
    if os.geteuid() != 0:
        pytest.skip("innd is started by root alone")
    folder = Path(tempfile.mkdtemp(prefix="agora-inn-"))
    try:
        (port,) = free_ports(1)
        _configure(folder, port, newnews)
        log = (folder / "log" / "innd.out").open("wb")
        process = subprocess.Popen(_as_news(folder, INND, "-f", "-P", str(port)), stdout=log, stderr=log)
        try:
            eventually(lambda: _answers(port), f"innd answers: {(folder / 'log' / 'innd.out').read_text()}")
            yield Inn(folder, ("127.0.0.1", port))
        finally:
            process.terminate()
            _answers(port)  # it looks for signals when something comes in
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            log.close()
    finally:
        shutil.rmtree(folder)


def _configure(folder: Path, port: int, newnews: bool) -> None:
    for name in FOLDERS:
        (folder / name).mkdir(parents=True)
    etc = folder / "etc"
    (etc / "inn.conf").write_text(SETTINGS.format(folder=folder, port=port, newnews=str(newnews).lower()))
    (etc / "readers.conf").write_text(READERS.format(folder=folder))
    (etc / "storage.conf").write_text(STORAGE)
    (etc / "incoming.conf").write_text('peer ME {\n  hostname: "127.255.255.254"\n}\n')  # nobody sends to it
    (etc / "newsfeeds").write_text("ME:!*/!local::\n")
    for name in ("control.ctl", "expire.ctl", "moderators", "distrib.pats", "nnrpd.track"):
        (etc / name).touch()
    hashed = subprocess.run(["openssl", "passwd", "-6", PASSWORD], capture_output=True, text=True, check=True).stdout
    (etc / "passwords").write_text(f"{USER}:{hashed}")
    own = ("control", "control.cancel", "control.newgroup", "control.rmgroup", "junk")
    active = [f"{name} 0000000000 0000000001 n" for name in own] + [
        f"{name} 0000000000 0000000001 y" for name in GROUPS
    ]
    (folder / "db" / "active").write_text("".join(f"{line}\n" for line in active))
    for name in ("newsgroups", "active.times", "history"):
        (folder / "db" / name).touch()
    subprocess.run(["chown", "-R", "news:news", folder], check=True)
    folder.chmod(0o711)
    made = _as_news(folder, "/usr/lib/news/bin/makedbz", "-i", "-o", "-s", "1000")
    subprocess.run(made, cwd=folder / "db", check=True, capture_output=True)


def _as_news(folder: Path, *command: str | Path) -> list[str]:
    become = ["setpriv", "--reuid", "news", "--regid", "news", "--init-groups"]
    return [*become, "env", f"INNCONF={folder}/etc/inn.conf", f"HOME={folder}", *map(str, command)]


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as connection, connection.makefile("rb") as file:
            return file.readline().startswith(b"20")
    except OSError:
        return False
