"""`agora ssh` at this server and at OpenSSH's."""

from __future__ import annotations

import getpass
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest

from integration_tests.stack.stack import Stack
from shared.command_line.stack.ports import free_ports
from shared.command_line.state_directory import ROOT
from shared.doors import LOOPBACK
from shared.testing.eventually import eventually

SSHD = Path("/usr/sbin/sshd")
PATIENCE_SECONDS = 60


@dataclass
class Client:
    """`agora ssh` with a home of its own."""

    home: Path
    key: Path | None
    place: tuple[str, int]
    user: str

    def run(
        self,
        *words: str,
        input: bytes = b"",
        options: tuple[str, ...] = ("--accept-new",),
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> subprocess.CompletedProcess[bytes]:
        host, port = self.place
        given = ["-p", str(port), "-i", str(self.key), *options] if self.key else ["-p", str(port), *options]
        return subprocess.run(
            [sys.executable, "-P", "-m", "shared.command_line", "ssh", *given, f"{self.user}@{host}", *words],
            env={"HOME": str(self.home), "PATH": os.defpath, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", **environment},
            input=input,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    @property
    def known_hosts(self) -> Path:
        return self.home / ".ssh" / "known_hosts"


def make_key(folder: Path, kind: str = "ed25519") -> Path:
    file = folder / f"id_{kind}"
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(file)], check=True, capture_output=True)
    return file


@pytest.fixture
def ours(stack: Stack, tmp_path: Path) -> Client:
    made = stack.new_member("admin")
    stack.agora("user", "set-role", made.name, "admin")
    key = make_key(tmp_path)
    public = key.with_name(key.name + ".pub").read_text()
    assert stack.agora("user", "ssh-key", "add", made.name, "-", input=public).returncode == 0
    return Client(tmp_path, key, stack.ssh, made.name)


class Sshd:
    """OpenSSH's server, for the user of this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (self.port,) = free_ports(1)
        self.process: subprocess.Popen[bytes] | None = None
        self.authorized = folder / "authorized"
        self.new_key()

    def new_key(self) -> None:
        for file in self.folder.glob("host*"):
            file.unlink()
        make_key(self.folder).rename(self.folder / "host")
        (self.folder / "id_ed25519.pub").unlink()

    def start(self) -> None:
        settings = {
            "Port": self.port, "ListenAddress": LOOPBACK, "HostKey": self.folder / "host", "UsePAM": "no",
            "AuthorizedKeysFile": self.authorized, "StrictModes": "no", "PidFile": "none", "PermitRootLogin": "yes",
        }  # fmt: skip
        file = self.folder / "sshd_config"
        file.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        self.process = subprocess.Popen([SSHD, "-D", "-e", "-f", file], stderr=subprocess.DEVNULL)
        eventually(self._answers, "sshd answers")

    def _answers(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=5) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait()


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    if not SSHD.exists():
        pytest.skip("OpenSSH's server is not installed")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    folder = tmp_path / "sshd"
    folder.mkdir()
    server = Sshd(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def theirs(sshd: Sshd, tmp_path: Path) -> Client:
    key = make_key(tmp_path, "rsa")
    sshd.authorized.write_text(key.with_name(key.name + ".pub").read_text())
    return Client(tmp_path, key, (LOOPBACK, sshd.port), getpass.getuser())


def test_commands_at_our_server_have_their_streams_and_status(ours: Client) -> None:
    name = f"carol-{secrets.token_hex(4)}"
    assert ours.run("whoami").stdout.startswith(f"{ours.user} (admin) ".encode())
    added = ours.run("user", "add", name, "--password-stdin", "--json", input=b"a drawer of keys\n")
    assert added.returncode == 0, added.stderr
    missing = ours.run("nosuch")
    assert (missing.returncode, missing.stdout) == (127, b"")
    assert missing.stderr == b"No such command: nosuch. Try help.\n"


def test_a_host_that_is_not_known_is_refused_until_it_is_accepted(ours: Client) -> None:
    refused = ours.run("whoami", options=())
    assert refused.returncode == 255
    assert b"is not known: ssh-ed25519 SHA256:" in refused.stderr
    assert not ours.known_hosts.exists()
    assert ours.run("whoami").returncode == 0
    assert ours.run("whoami", options=()).returncode == 0
    assert ours.known_hosts.stat().st_mode & 0o777 == 0o600


def test_openssh_finds_the_key_that_was_accepted(ours: Client) -> None:
    assert ours.run("whoami").returncode == 0
    host, port = ours.place
    options = ["StrictHostKeyChecking=yes", "BatchMode=yes", f"UserKnownHostsFile={ours.known_hosts}"]
    given = [each for option in options for each in ("-o", option)]
    command = ["ssh", "-F", "none", *given, "-i", str(ours.key), "-p", str(port), f"{ours.user}@{host}", "whoami"]
    assert subprocess.run(command, capture_output=True, timeout=PATIENCE_SECONDS, check=False).returncode == 0


def test_streams_are_kept_apart_and_octet_for_octet(theirs: Client) -> None:
    done = theirs.run("printf out; printf err >&2; exit 7")
    assert (done.stdout, done.stderr, done.returncode) == (b"out", b"err", 7)
    octets = os.urandom(1_000_000)
    assert theirs.run("cat", input=octets).stdout == octets


def test_a_signal_is_128_and_its_number(theirs: Client) -> None:
    assert theirs.run("kill -9 $$").returncode == 137


def test_a_changed_host_key_is_refused(theirs: Client, sshd: Sshd) -> None:
    assert theirs.run("true").returncode == 0
    sshd.stop()
    sshd.new_key()
    sshd.start()
    changed = theirs.run("true")
    assert changed.returncode == 255
    assert b"has changed" in changed.stderr


def test_the_keys_of_an_agent_sign_in(theirs: Client) -> None:
    assert theirs.key is not None
    started = subprocess.run(["ssh-agent", "-s"], capture_output=True, text=True, check=True).stdout
    agent = dict(line.partition(";")[0].split("=") for line in started.splitlines() if line.startswith("SSH_"))
    try:
        environment = {**os.environ, **agent}
        subprocess.run(["ssh-add", "-q", str(theirs.key)], env=environment, check=True, capture_output=True)
        theirs.key.rename(theirs.home / "elsewhere")
        theirs.key = None
        assert theirs.run("echo by agent", environment=agent).stdout == b"by agent\n"
    finally:
        subprocess.run(["ssh-agent", "-k"], env={**os.environ, **agent}, capture_output=True, check=False)


def test_without_a_server_there_is_a_sentence(theirs: Client) -> None:
    theirs.place = LOOPBACK, free_ports(1)[0]
    done = theirs.run("true")
    assert done.returncode == 255
    assert b"Connection refused" in done.stderr
