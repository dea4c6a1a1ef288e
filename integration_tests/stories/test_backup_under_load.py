"""A backup is taken while mail comes in by all doors: nobody waits for it, and the file is whole."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from integration_tests.faults.load import Load
from integration_tests.stack.stack import Stack

SEED = 4
PATIENCE = timedelta(seconds=60)


def test_a_backup_under_load_has_all_that_was_acknowledged_and_its_digests_are_right(
    stack: Stack, tmp_path: Path
) -> None:
    file = str(tmp_path / "agora.backup") if stack.kind == "local" else f"/tmp/{tmp_path.name}.backup"
    with Load(stack, [stack.new_member("alice"), stack.new_member("bob")], SEED) as load:
        load.wait_for_progress(PATIENCE)
        acknowledged = sum(load.ledger.by_writer.values())
        done = stack.agora("backup", file)
        load.wait_for_progress(PATIENCE)
    assert done.returncode == 0, done.stderr
    assert load.ledger.not_acknowledged.keys() <= {"lmtp"}  # smtplib takes the reply for a second recipient for a fault
    written = re.match(r"(\d+) messages and everything else of ", done.stdout)
    assert written is not None, done.stdout
    assert int(written[1]) >= acknowledged
    checked = stack.agora("restore", "--check", file)
    assert checked.stdout.startswith(f"{file} is whole: {written[1]} messages of "), checked.stderr
