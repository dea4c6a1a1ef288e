"""Signing in with OpenSSH's client and with AsyncSSH: keys of each kind, passwords, and what is refused."""

from __future__ import annotations

import asyncssh
import pytest

from services.ssh_admin.tests.conftest import PASSWORD, SshDoor
from shared.activity.events import SignInAttempt, SignInOutcome
from shared.activity.record import recorded


@pytest.mark.parametrize(
    ("kind", "options"),
    [("ed25519", ()), ("rsa", ("-b", "3072")), ("ecdsa", ()), ("ecdsa", ("-b", "384")), ("ecdsa", ("-b", "521"))],
)
def test_openssh_signs_in_with_a_key_of_each_kind(door: SshDoor, kind: str, options: tuple[str, ...]) -> None:
    key = door.make_key(kind, *options)
    door.add_key(key)
    done = door.ssh("whoami", key=key)
    assert (done.stdout, done.stderr, done.returncode) == (b"root (admin) root\n", b"", 0)


def test_a_key_is_refused_before_it_is_added_and_after_it_is_deleted(door: SshDoor) -> None:
    key = door.make_key("ed25519")
    before = door.ssh("whoami", key=key)
    assert before.returncode == 255
    assert b"Permission denied (publickey,password)" in before.stderr
    door.add_key(key)
    assert door.ssh("whoami", key=key).returncode == 0
    [(number, used)] = door.transaction.rows("SELECT id, last_used_at IS NOT NULL FROM ssh_key")
    assert used
    assert door.ssh("user", "ssh-key", "delete", "root", str(number), key=key).returncode == 0
    assert b"Permission denied" in door.ssh("whoami", key=key).stderr


def test_a_key_opens_the_accounts_that_have_it_and_no_other(door: SshDoor) -> None:
    key = door.make_key("ed25519")
    door.add_key(key, "alice")
    assert door.ssh("whoami", user="alice", key=key).stdout == b"alice (member) alice\n"
    assert door.ssh("whoami", user="root", key=key).returncode == 255
    assert door.ssh("whoami", user="nobody", key=key).returncode == 255


def test_a_password_signs_in_and_a_wrong_one_does_not(door: SshDoor) -> None:
    with recorded() as events:
        assert door.run("whoami")[0].stdout == "root (admin) root\n"
        with pytest.raises(asyncssh.PermissionDenied):
            door.run("whoami", password="wrong horse")
    attempts = [each for each in events if isinstance(each, SignInAttempt)]
    assert [(each.outcome, each.door, each.method) for each in attempts] == [
        (SignInOutcome.SIGNED_IN, "ssh", "password"),
        (SignInOutcome.BAD_CREDENTIALS, "ssh", "password"),
    ]


def test_three_wrong_passwords_end_the_connection(door: SshDoor) -> None:
    tried: list[str] = []

    class Guesser(asyncssh.SSHClient):
        def password_auth_requested(self) -> str:
            tried.append("x")
            return f"guess number {len(tried)}"

    with pytest.raises(asyncssh.DisconnectError):
        door.run("whoami", password=None, client_factory=Guesser)
    assert len(tried) == 3


def test_rsa_with_sha1_is_refused(door: SshDoor) -> None:
    key = door.make_key("rsa", "-b", "2048")
    door.add_key(key)
    assert door.ssh("whoami", key=key, PubkeyAcceptedAlgorithms="ssh-rsa").returncode == 255
    assert door.ssh("whoami", key=key, PubkeyAcceptedAlgorithms="rsa-sha2-256").returncode == 0


def test_a_disabled_account_does_not_get_in_and_loses_what_it_has_open(door: SshDoor) -> None:
    key = door.make_key("ed25519")
    door.add_key(key, "alice")
    assert door.ssh("user", "disable", "alice", user="root", key=key).returncode == 255
    [done] = door.run("user disable alice")
    assert done.exit_status == 0
    assert door.ssh("whoami", user="alice", key=key).returncode == 255
    with pytest.raises(asyncssh.PermissionDenied):
        door.run("whoami", username="alice", password=PASSWORD)


def test_weak_algorithms_are_not_offered(door: SshDoor) -> None:
    for option, weak in (
        ("Ciphers", "aes128-cbc"),
        ("Ciphers", "3des-cbc"),
        ("MACs", "hmac-sha1"),
        ("MACs", "hmac-md5"),
        ("KexAlgorithms", "diffie-hellman-group14-sha1"),
        ("KexAlgorithms", "ecdh-sha2-nistp256"),
        ("HostKeyAlgorithms", "ssh-rsa"),
    ):
        done = door.ssh("whoami", key=None, stdin=b"", LogLevel="VERBOSE", **{option: weak})
        assert done.returncode == 255, weak
        assert b"match" in done.stderr, (weak, done.stderr)


def test_strict_key_exchange_and_rekeying_work_with_openssh(door: SshDoor) -> None:
    key = door.make_key("ed25519")
    door.add_key(key)
    done = door.ssh("echo", "x" * 3000, key=key, RekeyLimit="1K", LogLevel="DEBUG2")
    assert done.stdout == b"x" * 3000 + b"\n"
    assert b"kex-strict-c-v00@openssh.com" in done.stderr  # with it no packet would verify if one side did not count
    assert done.stderr.count(b"SSH2_MSG_NEWKEYS received") > 1
