"""A Dovecot of one's own: IMAP and POP3 on free ports, with one user. Only root can run it."""

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

DOVECOT = Path("/usr/sbin/dovecot")
SERVERS = (Path("/usr/lib/dovecot/imap"), Path("/usr/lib/dovecot/pop3"))
USER, PASSWORD = "alice", "correct horse"
# Keeps it inside its folder.
SETTINGS = """
protocols = imap pop3
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain {mechanisms}
default_internal_user = dovecot
default_login_user = dovenull
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = .
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {auth}
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """It runs; `imap` and `pop3` are where it listens, `auth` is where other servers ask it about passwords."""

    folder: Path
    imap: Place
    pop3: Place
    auth: Place


@contextlib.contextmanager
def running_dovecot(mechanisms: str = "") -> Iterator[Dovecot]:
    """Start one, and stop it. The test is skipped where it is not installed, or cannot be started by this user.

    `mechanisms`: besides PLAIN, such as APOP.
    """
    if not DOVECOT.exists() or not all(server.exists() for server in SERVERS):
        pytest.skip("dovecot-imapd or dovecot-pop3d is not installed")
    if os.geteuid() != 0:
        pytest.skip("dovecot is started by root alone")
    folder = Path(tempfile.mkdtemp(prefix="agora-dovecot-"))
    try:
        folder.chmod(0o755)
        imap, pop3, auth = free_ports(3)
        (folder / "mail").mkdir()
        shutil.chown(folder / "mail", "mail", "mail")
        (folder / "users").write_text(f"{USER}:{PASSWORD}\n")
        settings = SETTINGS.format(folder=folder, imap=imap, pop3=pop3, auth=auth, mechanisms=mechanisms)
        (folder / "dovecot.conf").write_text(settings)
        process = subprocess.Popen([DOVECOT, "-F", "-c", folder / "dovecot.conf"], stderr=subprocess.DEVNULL)
        try:
            eventually(lambda: _greets(imap, b"* OK") and _greets(pop3, b"+OK"), "Dovecot answers")
            yield Dovecot(folder, ("127.0.0.1", imap), ("127.0.0.1", pop3), ("127.0.0.1", auth))
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)
    finally:
        shutil.rmtree(folder)


def _greets(port: int, words: bytes) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as connection, connection.makefile("rb") as file:
            return file.readline().startswith(words)
    except OSError:
        return False
