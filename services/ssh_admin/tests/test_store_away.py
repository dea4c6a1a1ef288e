"""PostgreSQL goes away in the middle of a command: a sentence, a status, and the connection lives."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import asyncssh
import pytest

from services.ssh_admin.replies import FAILED, TRY_AGAIN
from services.ssh_admin.tests.conftest import SshDoor
from shared.database.transaction import Transaction
from shared.testing.store_outage import StoreOutage


@pytest.fixture
def store_outage(database_url: str, server_url: str) -> Iterator[StoreOutage]:
    outage = StoreOutage(database_url, server_url)
    yield outage
    outage.end()


def test_a_command_ends_with_a_sentence_and_the_next_one_runs_when_the_store_is_back(
    door: SshDoor, store_outage: StoreOutage, transaction: Transaction
) -> None:
    transaction.commit()

    async def work(connection: asyncssh.SSHClientConnection) -> None:
        begun = await connection.create_process("page put TeaRoom")
        begun.stdin.write("Tea is served ")
        while not await asyncio.to_thread(is_under_way):
            await asyncio.sleep(0.02)
        await asyncio.to_thread(store_outage.begin)
        begun.stdin.write("at four.\n")
        begun.stdin.write_eof()
        ended = await begun.wait()
        assert (ended.exit_status, ended.stdout, str(ended.stderr).count("\n")) == (FAILED, "", 1)
        assert str(ended.stderr).startswith("agora: PostgreSQL ")
        for line in ("whoami", "page show TeaRoom"):  # none runs that cannot be in the audit
            refused = await connection.run(line)
            assert (refused.exit_status, refused.stdout) == (TRY_AGAIN, "")
            assert refused.stderr == "PostgreSQL does not answer: try again later\n"
        await asyncio.to_thread(store_outage.end)
        while (await connection.run("whoami")).exit_status != 0:  # the test's own time is bounded
            await asyncio.sleep(0.1)
        await connection.run("page put TeaRoom", input="Tea is served at four.\n", check=True)
        shown = await connection.run("page show TeaRoom")
        assert (shown.exit_status, shown.stdout) == (0, "Tea is served at four.\n")

    def is_under_way() -> bool:
        rows = transaction.rows("SELECT status FROM command_audit WHERE command LIKE 'page put%'")
        transaction.commit()
        return rows == [(None,)]

    door.connect(work)
