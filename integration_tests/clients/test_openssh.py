"""OpenSSH's client: the commands of ./agora over SSH, on the running stack."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from integration_tests.clients.program import Finished, Program
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from shared.testing.eventually import eventually

KINDS = {"ed25519": (), "rsa": ("-b", "3072"), "ecdsa": ("-b", "384")}


class Ssh:
    """The client of one account, with a key of its own."""

    def __init__(self, program: Program, keygen: Program, member: Member, kind: str = "ed25519") -> None:
        self.program, self.member = program, member
        self.key = program.home / f"id_{kind}"
        keygen.succeed("-q", "-t", kind, *KINDS[kind], "-N", "", "-C", "a test", "-f", self.key)

    @property
    def public(self) -> str:
        return Path(f"{self.key}.pub").read_text()

    def options(self, *more: str) -> list[str | Path]:
        host, port = self.member.stack.ssh
        known = self.program.home / "known_hosts"
        options = ("StrictHostKeyChecking=accept-new", f"UserKnownHostsFile={known}", "IdentitiesOnly=yes", *more)
        given = [each for option in options for each in ("-o", option)]
        return ["-F", "none", *given, "-i", self.key, "-p", str(port), f"{self.member.name}@{host}"]

    def run(self, *words: str, input: bytes = b"") -> Finished:
        return self.program.run(*self.options("BatchMode=yes"), *words, input=input)


@pytest.fixture
def admin(stack: Stack) -> Member:
    made = stack.new_member("admin")
    assert stack.agora("user", "set-role", made.name, "admin").returncode == 0
    return made


@pytest.fixture
def client(program: Callable[[str], Program]) -> Callable[..., Ssh]:
    ssh, keygen = program("ssh"), program("ssh-keygen")
    return lambda member, kind="ed25519": Ssh(ssh, keygen, member, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_signs_in_from_the_moment_it_is_added_until_it_is_deleted(
    stack: Stack, member: Member, client: Callable[..., Ssh], kind: str
) -> None:
    ssh = client(member, kind)
    assert b"Permission denied (publickey" in ssh.run("whoami").errors
    added = stack.agora("user", "ssh-key", "add", member.name, "-", "--json", input=ssh.public)
    assert added.returncode == 0, added.stderr
    key = json.loads(added.stdout)
    assert ssh.run("whoami").output.startswith(f"{member.name} (member) ".encode())
    [listed] = json.loads(stack.agora("user", "ssh-key", "list", member.name, "--json").stdout)
    assert (listed["fingerprint"], listed["comment"]) == (key["fingerprint"], "a test")
    assert listed["last_used_at"] is not None
    assert stack.agora("user", "ssh-key", "delete", member.name, key["fingerprint"]).returncode == 0
    assert b"Permission denied (publickey" in ssh.run("whoami").errors


def test_commands_have_their_output_input_and_status(stack: Stack, admin: Member, client: Callable[..., Ssh]) -> None:
    ssh = client(admin)
    stack.agora("user", "ssh-key", "add", admin.name, "-", input=ssh.public)
    name = f"bob-{secrets.token_hex(4)}"
    made = ssh.run("user", "add", name, "--password-stdin", input=b"a drawer of keys\n")
    assert (made.status, made.output) == (
        0,
        f"{name} can sign in, and receives mail for {name}@{stack.domain}.\n".encode(),
    )
    assert name in [each["name"] for each in json.loads(ssh.run("user", "list", "--json").output)]
    again = ssh.run("user", "add", name, "--generate-password")
    assert (again.status, again.errors) == (1, f"agora: there is an account called {name} already\n".encode())
    usage = ssh.run("user", "add")
    assert usage.status == 2
    assert usage.errors.startswith(b"Usage: user add [OPTIONS] NAME\n")
    assert ssh.run("nosuch").status == 127
    status = ssh.run("status", "--json")
    assert status.status == 0, status.text
    audited = json.loads(stack.agora("audit", "list", "--account", admin.name, "--json").stdout)
    assert [line["status"] for line in audited[:3]] == [0, 127, 2]
    assert audited[-1]["command"] == f"user add {name} --password-stdin"


def test_every_connection_sees_the_key_that_ssh_keys_prints(
    stack: Stack, member: Member, client: Callable[..., Ssh], program: Callable[[str], Program]
) -> None:
    ssh = client(member)
    host, port = stack.ssh
    seen = program("ssh-keyscan").succeed("-p", str(port), host)
    fingerprints = ssh.program.write("scanned", seen)
    shown = program("ssh-keygen").succeed("-l", "-f", fingerprints).decode()
    printed = {each["kind"]: each["fingerprint"] for each in json.loads(stack.agora("ssh-keys", "--json").stdout)}
    assert set(printed) == {"ed25519", "rsa", "ecdsa"}
    assert printed["ed25519"] in shown
    assert printed["rsa"] in shown


@pytest.mark.local_only
def test_without_the_store_there_is_a_sentence_and_a_status_and_the_next_command_works(
    stack: Stack, admin: Member, client: Callable[..., Ssh]
) -> None:
    ssh = client(admin)
    stack.agora("user", "ssh-key", "add", admin.name, "-", input=ssh.public)
    control = f"ControlPath={ssh.program.home}/control"
    master = ssh.program.run(
        *ssh.options("BatchMode=yes", control, "ControlMaster=yes", "ControlPersist=yes"), "whoami"
    )
    assert master.status == 0, master.text
    try:
        with stack.without("postgres"):
            away = ssh.program.run(*ssh.options("BatchMode=yes", control), "user", "list")
            assert (away.status, away.errors) == (75, b"PostgreSQL does not answer: try again later\n")
            assert ssh.program.run(*ssh.options("BatchMode=yes", control), "help").status == 0
        assert ssh.program.run(*ssh.options("BatchMode=yes", control), "user", "list").status == 0
    finally:
        ssh.program.run("-O", "exit", *ssh.options(control))
        eventually(lambda: not (ssh.program.home / "control").exists(), "the master is gone with its socket")
