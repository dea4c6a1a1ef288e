"""Senders elsewhere write to robots: those whose domain is proved are answered, where an operator wants that."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from services.smtp_ingest.policy import RELAY, RobotStrangers
from services.smtp_ingest.tests.conftest import Mail
from services.smtp_ingest.tests.test_robots import jobs
from services.smtp_ingest.tests.test_stored_messages import Serve
from shared.accounts.find_account import find_account
from shared.mail.addresses import add_address
from shared.mail.domains import ensure_domain
from shared.outbound.places import ServerPlace
from shared.outbound.settings import OutboundSettings
from shared.outbound.tests.dns_server import Records, serving_names, txt
from shared.robots.take_strangers_job import MOST_OF_A_NETWORK
from shared.testing.reactor import wait_for
from shared.trust.settings import Unproved
from shared.trust.strangers import Strangers
from shared.trust.tests.world import checks_by, names_at

WORLD: Records = {
    "good.test": [txt("v=spf1 ip4:127.0.0.1 -all")],
    "bad.test": [txt("v=spf1 -all")],
    "away.test": None,
    "_dmarc.away.test": None,
}
TO = "search@example.test"


@pytest.fixture
def robot_strangers() -> RobotStrangers:
    return RobotStrangers.PROVED


@pytest.fixture
def sending() -> OutboundSettings:
    return OutboundSettings(outbound_smart_host="127.0.0.1:9")


@pytest.fixture
def strangers() -> Iterator[Strangers]:
    """The tests' own address is a stranger's."""
    with ExitStack() as opened:

        async def open_names() -> ServerPlace:
            return opened.enter_context(serving_names(WORLD))

        async def close_names() -> None:
            opened.close()

        place = wait_for(open_names)
        yield Strangers(checks_by(names_at(place)), Unproved.MARK, ())
        wait_for(close_names)


@pytest.fixture
def client(serve: Serve) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP("127.0.0.1", serve(RELAY), timeout=30) as greeted:
        greeted.ehlo("mx.good.test")
        yield greeted


def said(client: smtplib.SMTP, domain: str, number: int = 1, *, to: str = TO, name: str = "ann", more: str = "") -> str:
    """The reply to RCPT if it refuses, or to the message."""
    client.mail(f"{name}@{domain}" if name else "")
    code, text = client.rcpt(to)
    if code == 250:
        header = f"From: ann@{domain}\r\nSubject: tea\r\nMessage-ID: <{number}@{domain}>\r\n{more}\r\n"
        code, text = client.data(header.encode() + b"text\r\n")
    client.rset()
    return f"{code} {text.decode()}"


def test_proved_sender_is_answered_as_a_stranger_once(mail: Mail, client: smtplib.SMTP) -> None:
    for _ in range(2):  # it may not have heard the first reply
        assert said(client, "good.test").endswith(": search answers by mail")
    ((robot, _, address, account_id, is_proved, is_notice, octets),) = jobs(mail)
    assert (robot, address, account_id, is_proved, is_notice) == ("search", TO, None, False, False)
    assert octets.endswith(b"\r\n\r\n")  # what is not read is not kept


def test_mailbox_here_whose_domain_is_proved_asks_as_the_member(mail: Mail, client: smtplib.SMTP) -> None:
    for domain in ("good.test", "bad.test"):
        ensure_domain(mail.transaction, domain)
        add_address(mail.transaction, find_account(mail.transaction, "bob"), f"ann@{domain}")
    mail.transaction.commit()
    for domain in ("good.test", "bad.test"):
        assert said(client, domain).endswith(": search answers by mail")
    asked = [(account_id, is_proved) for _, _, _, account_id, is_proved, _, _ in jobs(mail)]
    assert asked == [(mail.accounts["bob"], True), (mail.accounts["bob"], False)]


def test_sender_who_is_not_proved_is_refused_or_asked_to_come_again(mail: Mail, client: smtplib.SMTP) -> None:
    assert said(client, "bad.test").startswith("550 5.7.1 answers go to senders elsewhere whose domain is proved")
    assert said(client, "away.test").startswith("451 4.7.1 whether the sender is proved cannot be found out now")
    assert jobs(mail) == []


def test_robots_that_write_are_for_members(client: smtplib.SMTP) -> None:
    assert said(client, "good.test", to="wiki+Page@example.test").startswith("550 5.7.1 sign in to write by mail")


@pytest.mark.parametrize("robot_strangers", [RobotStrangers.OFF])
def test_by_default_nobody_elsewhere_is_answered(client: smtplib.SMTP) -> None:
    assert said(client, "good.test").startswith("550 5.7.1 answers go to mailboxes of this server only")


@pytest.mark.parametrize("sending", [OutboundSettings()], ids=["nowhere"])
def test_nobody_is_answered_to_whom_nothing_can_be_sent(client: smtplib.SMTP) -> None:
    assert said(client, "good.test").startswith("550 5.7.1 answers go to mailboxes of this server only")


@pytest.mark.parametrize("more", ["Auto-Submitted: auto-replied\r\n", "Precedence: bulk\r\n", "List-Id: <x.test>\r\n"])
def test_what_no_person_sent_is_taken_and_not_answered(mail: Mail, client: smtplib.SMTP, more: str) -> None:
    assert said(client, "good.test", more=more).endswith("such mail is not answered")
    assert said(client, "good.test", name="").endswith("such mail is not answered")
    assert jobs(mail) == []


def test_one_sender_has_20_answers_in_an_hour_and_one_network_100(mail: Mail, client: smtplib.SMTP) -> None:
    for number in range(20):
        assert said(client, "good.test", number).endswith(": search answers by mail")
    assert said(client, "good.test", 20).endswith("too many within an hour, not answered")
    assert said(client, "good.test", 21, name="ben").endswith(": search answers by mail")
    row = "INSERT INTO robot_job (network, is_proved, is_notice, robot, detail, address, sender, digest, octets)"
    values = "SELECT '127.0.0.1', false, false, 'search', '', 'x', number::text, number::text::bytea, ''"
    mail.transaction.execute(f"{row} {values} FROM generate_series(1, %s) AS number", (MOST_OF_A_NETWORK - 21,))
    mail.transaction.commit()
    assert said(client, "good.test", 22, name="cat").endswith("too many within an hour, not answered")
