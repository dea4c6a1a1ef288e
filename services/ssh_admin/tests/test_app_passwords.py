"""A client that has signed in with an app password makes nothing that outlives it."""

from __future__ import annotations

from services.ssh_admin.commands import LASTING, OWN_PASSWORD_WANTED
from services.ssh_admin.tests.conftest import SshDoor
from shared.accounts.add_app_password import add_app_password
from shared.accounts.find_account import find_account


def an_app_password(door: SshDoor, name: str) -> str:
    """One that is good for SSH."""
    _, secret = add_app_password(door.transaction, find_account(door.transaction, name).id, "phone", ["ssh"])
    door.transaction.commit()
    return secret


def test_an_app_password_makes_neither_keys_nor_app_passwords_nor_accounts(door: SshDoor) -> None:
    lines = [" ".join([*words, "alice", "x"]) for words in LASTING]
    for done in door.run(*lines, password=an_app_password(door, "root")):
        assert (done.exit_status, done.stderr) == (1, OWN_PASSWORD_WANTED.text)
    own = an_app_password(door, "alice")
    added, listed = door.run(
        "user app-password add alice tablet", "user app-password list alice", username="alice", password=own
    )
    assert (added.exit_status, added.stderr) == (1, OWN_PASSWORD_WANTED.text)
    assert listed.exit_status == 0
    assert "phone" in listed.stdout
    assert "tablet" not in listed.stdout


def test_the_own_password_makes_them(door: SshDoor) -> None:
    [added] = door.run("user app-password add alice tablet", username="alice")
    assert added.exit_status == 0
