"""Mail goes out through a smart host that wants a sign-in: Postfix, which asks Dovecot about names and passwords."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from twisted.internet.ssl import Certificate, trustRootFromCertificates

from integration_tests.clients.dovecot import PASSWORD, USER, running_dovecot
from integration_tests.clients.postfix import Postfix, running_postfix
from integration_tests.clients.program import Program
from shared.database.database import Database
from shared.events.bus import Bus
from shared.outbound.change_queue import retry_queued
from shared.outbound.list_queue import show_queued
from shared.outbound.remote_tls import RemoteTls
from shared.outbound.settings import OutboundSettings
from shared.outbound.smart_host import SmartHostSignIn
from shared.outbound.tests.build import a_departure
from shared.outbound.tests.test_runner import asked, is_empty, last_reply, queued, running
from shared.runtime.settings import read_settings
from shared.testing.certificates import self_signed
from shared.testing.until import until

HOST = "127.0.0.1"
CERTIFICATE = self_signed(HOST)
TRUSTED = trustRootFromCertificates([Certificate.loadPEM(CERTIFICATE.certificate)])
NOWHERE: Any = SimpleNamespace(domain="here.test", lmtp=(HOST, 9))  # no stack is behind it
MAIN = """
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = {folder}/certificate.pem
smtpd_tls_key_file = {folder}/key.pem
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:{place[0]}:{place[1]}
smtpd_recipient_restrictions = permit_sasl_authenticated, reject
default_transport = discard:
"""


@pytest.fixture(scope="module", params=["PLAIN", "SCRAM-SHA-256"])
def mechanism(request: pytest.FixtureRequest) -> str:
    """The strongest that the smart host offers."""
    found: str = request.param
    return found


@pytest.fixture(scope="module")
def smart_host(session_dir: Path, mechanism: str) -> Iterator[Postfix]:
    """Who has signed in may send anywhere; what is taken is thrown away."""
    path = shutil.which("postfix", path=os.defpath + ":/usr/sbin")
    if path is None:
        pytest.skip("postfix is not installed")
    folder = session_dir / f"smart host {mechanism}"
    folder.mkdir()
    (folder / "certificate.pem").write_bytes(CERTIFICATE.certificate)
    (folder / "key.pem").write_bytes(CERTIFICATE.key)
    with running_dovecot("login" if mechanism == "PLAIN" else f"login {mechanism.lower()}") as dovecot:
        more = MAIN.format(folder=folder, place=dovecot.auth)
        with running_postfix(Program(path, session_dir), NOWHERE, more=more) as postfix:
            yield postfix


def sending(database: Database, bus: Bus, smart_host: Postfix, password: str) -> Any:
    """A runner that signs in with `password`."""
    host, port = smart_host.smtp
    settings = read_settings(OutboundSettings, outbound_smart_host=f"{host}:{port}", outbound_smart_host_user=USER)
    return running(database, bus, settings, tls=RemoteTls(TRUSTED), credentials=lambda: SmartHostSignIn(USER, password))


async def test_message_is_taken_from_who_has_signed_in(
    database: Database, bus: Bus, smart_host: Postfix, mechanism: str
) -> None:
    await queued(database)
    async with sending(database, bus, smart_host, PASSWORD):
        await asked(database, is_empty)
    await until(lambda: f"sasl_method={mechanism}, sasl_username={USER}" in smart_host.log())
    assert "NOQUEUE: reject" not in smart_host.log()


async def test_message_waits_while_the_password_is_wrong(database: Database, bus: Bus, smart_host: Postfix) -> None:
    await queued(database, departure := a_departure())
    async with sending(database, bus, smart_host, "wrong"):
        await asked(database, last_reply)
        _, (recipient,) = await database.read(show_queued, departure.queue_id)
        assert "the smart host refuses the sign-in: 535 5.7.8" in recipient.last_reply
    async with sending(database, bus, smart_host, PASSWORD):
        await database.transact(retry_queued)
        await asked(database, is_empty)
