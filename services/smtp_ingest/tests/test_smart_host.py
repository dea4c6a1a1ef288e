"""The submission door as another server's smart host: it signs in there as a member, and sends in its name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.smtp_ingest.policy import SUBMISSION
from services.smtp_ingest.tests.conftest import Mail
from services.smtp_ingest.tests.test_stored_messages import Serve
from shared.accounts.add_app_password import add_app_password
from shared.activity.events import SignInAttempt
from shared.activity.record import recorded
from shared.database.database import Database
from shared.events.bus import Bus
from shared.outbound.change_queue import retry_queued
from shared.outbound.remote_tls import RemoteTls, read_authorities
from shared.outbound.settings import OutboundSettings
from shared.outbound.smart_host import SmartHostSignIn
from shared.outbound.tests.build import a_departure, queue
from shared.outbound.tests.test_runner import asked, is_empty, last_reply, running
from shared.runtime.settings import read_settings
from shared.testing.until import until


@pytest.fixture
def submission(serve: Serve) -> int:
    """The port of the door."""
    return serve(SUBMISSION)


@asynccontextmanager
async def relaying(
    submission: int, database: Database, bus: Bus, folder: Path, passwords: list[str]
) -> AsyncIterator[list[SignInAttempt]]:
    """A runner that has a message of bob's, and signs in as bob by the last of `passwords`; yields his attempts."""
    settings = read_settings(
        OutboundSettings, outbound_smart_host=f"127.0.0.1:{submission}", outbound_smart_host_user="bob"
    )
    tls = RemoteTls(read_authorities(folder / "authority.pem"))
    await until(lambda: bus.is_connected)
    await database.transact(lambda tx: queue(tx, a_departure(None, "alice@example.test", sender="bob@example.test")))
    with recorded() as events:
        async with running(database, bus, settings, tls=tls, credentials=lambda: SmartHostSignIn("bob", passwords[-1])):
            attempts: list[SignInAttempt] = []
            yield attempts
        attempts += [each for each in events if isinstance(each, SignInAttempt)]


async def test_mail_goes_through_the_submission_door_of_another_server(
    mail: Mail, submission: int, database: Database, bus: Bus, tmp_path: Path
) -> None:
    passwords = ["wrong"]
    async with relaying(submission, database, bus, tmp_path, passwords) as attempts:
        said = await asked(database, last_reply)
        assert said.endswith("the smart host refuses the sign-in: 535 5.7.8 these credentials are not valid")
        assert mail.inbox("alice") == []
        passwords.append("correct horse")
        await database.transact(retry_queued)
        await asked(database, is_empty)
    (arrived,) = mail.inbox("alice")
    assert arrived.startswith(b"Return-Path: <bob@example.test>\r\n")
    assert b" with ESMTPSA (TLSv1.3" in arrived
    assert [each.method for each in attempts] == ["SCRAM-SHA-256", "PLAIN", "SCRAM-SHA-256"]


async def test_app_password_which_scram_does_not_know_goes_by_plain(
    mail: Mail, submission: int, database: Database, bus: Bus, tmp_path: Path
) -> None:
    _, secret = await database.transact(add_app_password, mail.accounts["bob"], "relay")
    async with relaying(submission, database, bus, tmp_path, [secret]) as attempts:
        await asked(database, is_empty)
    assert len(mail.inbox("alice")) == 1
    assert [each.method for each in attempts] == ["SCRAM-SHA-256", "PLAIN"]
