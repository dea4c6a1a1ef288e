"""Members have their own mail sent on over SSH, and nobody else's."""

from __future__ import annotations

from services.ssh_admin.tests.conftest import SshDoor
from shared.administration import audit


def test_a_member_changes_its_own_forwards_alone_and_the_audit_has_it(door: SshDoor) -> None:
    added, listed, others, taken = door.run(
        "user forward add alice me@elsewhere.test",
        "user forward list alice",
        "user forward list root",
        "user forward add root me@elsewhere.test",
        username="alice",
    )
    assert (added.exit_status, listed.exit_status) == (0, 0)
    assert "waiting for confirmation" in listed.stdout
    for refused in (others, taken):
        assert refused.exit_status == 1
        assert refused.stderr == "agora: you may do this for your own account only\n"
    lines = [(each.account, each.command, each.status) for each in audit.list_lines(door.transaction)]
    door.transaction.commit()
    assert ("alice", "user forward add alice me@elsewhere.test", 0) in lines
