"""Mail from strangers: checked, marked, and treated as the operator has chosen; everybody else's is not looked at."""

from __future__ import annotations

import base64
import gzip
import smtplib
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_network

import pytest

from services.smtp_ingest.policy import LMTP, RELAY, SUBMISSION, Policy
from services.smtp_ingest.tests.conftest import MESSAGE_OCTETS, Mail
from shared.activity.events import Message, Session
from shared.activity.line import as_text
from shared.activity.record import recorded
from shared.folders.delete_folder import delete_folder
from shared.outbound.mta_sts.own_policy import own_records
from shared.outbound.places import ServerPlace
from shared.outbound.tests.dns_server import Records, serving_names_aside, txt
from shared.testing.eventually import eventually
from shared.trust.settings import OWN, Unproved
from shared.trust.strangers import Strangers
from shared.trust.tests.signing import LETTER, key_record, signed
from shared.trust.tests.world import checks_by, names_at

WORLD: Records = {
    "x.test": [txt("v=spf1 -all")],
    "_dmarc.x.test": [txt("v=DMARC1; p=reject")],
    "s._domainkey.x.test": [txt(key_record())],
    "y.test": [txt("v=spf1 -all")],
    "_dmarc.soft.test": [txt("v=DMARC1; p=quarantine")],
    "away.test": None,
    "_dmarc.away.test": None,
}
FORGED = b"Authentication-Results: mail.example.test; dmarc=pass\r\nReturn-Path: <forged@x.test>\r\n"
PROVED = signed(LETTER)
OF_N = LETTER.replace(b"alice@x.test", b"alice@nothing.test")
OF_AWAY = LETTER.replace(b"alice@x.test", b"alice@away.test")
SOFT = LETTER.replace(b"alice@x.test", b"alice@soft.test")
Serve = Callable[..., int]


@pytest.fixture
def unproved() -> Unproved:
    return Unproved.MARK


@pytest.fixture
def dns_is_silent() -> bool:
    return False


@pytest.fixture
def strangers(unproved: Unproved, dns_is_silent: bool) -> Iterator[Strangers]:
    """The tests' own address is a stranger's."""
    if dns_is_silent:
        names = names_at(ServerPlace("127.0.0.1", 9))
        yield Strangers(checks_by(names, time_limit=timedelta(seconds=0.3)), unproved, ())
        return
    with serving_names_aside(WORLD) as place:
        yield Strangers(checks_by(names_at(place)), unproved, ())


def send(port: int, octets: bytes, sender: str = "alice@x.test", *to: str) -> str:
    """The reply to the message."""
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as session:
        session.ehlo("mx.x.test")
        session.mail(sender)
        for each in to or ("alice@example.test",):
            session.rcpt(each)
        code, text = session.data(octets)
        return f"{code} {text.decode()}"


def test_results_are_in_the_message_and_forged_ones_are_not(mail: Mail, serve: Serve) -> None:
    assert send(serve(RELAY), FORGED + PROVED).startswith("250 ")
    (kept,) = mail.inbox("alice")
    head, _, rest = kept.partition(b"Received: ")
    assert head.startswith(b"Return-Path: <alice@x.test>\r\nAuthentication-Results: mail.example.test;\r\n\tspf=fail ")
    assert b"\tdkim=pass header.d=x.test " in head
    assert head.endswith(b"\tdmarc=pass (p=reject) header.from=x.test;\r\n\tarc=none\r\n")
    assert rest.endswith(PROVED)
    assert kept.count(b"Authentication-Results:") == 1
    assert b"forged@" not in kept


def test_results_are_in_a_post_to_a_room_too(mail: Mail, serve: Serve) -> None:
    room = mail.make_room("local.tea")
    assert send(serve(RELAY), FORGED + PROVED, "alice@x.test", "local.tea@example.test").startswith("250 ")
    (kept,) = mail.articles(room)
    assert kept.count(b"Authentication-Results:") == 1
    assert b"\r\nAuthentication-Results: mail.example.test;\r\n\tspf=fail " in kept
    assert b"\tdkim=pass header.d=x.test " in kept


def test_a_message_in_a_file_is_checked(mail: Mail, serve: Serve) -> None:
    octets = signed(LETTER + b"0123456789abcdef\r\n" * (MESSAGE_OCTETS // 18 - 100))
    assert send(serve(RELAY), octets).startswith("250 ")
    (kept,) = mail.inbox("alice")
    assert b"\tdkim=pass header.d=x.test " in kept[:1000]
    assert kept.endswith(octets)


def test_a_header_of_a_megabyte_costs_its_signatures_and_nothing_else(mail: Mail, serve: Serve) -> None:
    assert send(serve(RELAY), b"X: y\r\n" * 150_000 + PROVED).startswith("250 ")
    (kept,) = mail.inbox("alice")
    assert b'\tdkim=policy reason="the header is too large";\r\n\tdmarc=fail ' in kept[:1000]


@pytest.mark.parametrize("dns_is_silent", [True])
@pytest.mark.parametrize("unproved", [Unproved.REFUSE])
def test_silence_of_dns_delays_a_message_for_the_time_limit_and_loses_nothing(mail: Mail, serve: Serve) -> None:
    assert send(serve(RELAY), LETTER).startswith("250 ")
    (kept,) = mail.inbox("alice")
    assert b"\tspf=temperror smtp.mailfrom=x.test;\r\n\tdkim=none;\r\n\tdmarc=temperror " in kept[:1000]


@pytest.mark.parametrize("policy", [SUBMISSION, LMTP], ids=["submission", "lmtp"])
def test_mail_of_members_and_of_a_mail_server_of_ours_is_not_checked(policy: Policy, mail: Mail, serve: Serve) -> None:
    with (smtplib.LMTP if policy.lmtp else smtplib.SMTP)("127.0.0.1", serve(policy), timeout=30) as session:
        session.ehlo("client.test")
        if policy.submission:
            session.login("alice", "correct horse")
        session.sendmail("alice@example.test", ["alice@example.test"], LETTER)
    assert b"Authentication-Results" not in mail.inbox("alice")[0]


@pytest.mark.parametrize(
    ("host", "concerned"),
    [("127.0.0.1", False), ("10.1.2.3", False), ("fe80::1", False), ("192.0.2.1", True), ("2001:db8::1", True)],
)
def test_whose_mail_is_checked(host: str, concerned: bool) -> None:
    own = [ip_network(each) for each in OWN]
    assert Strangers(checks_by(names_at(ServerPlace("127.0.0.1", 9))), Unproved.MARK, own).concern(host) is concerned


@pytest.mark.parametrize(
    ("octets", "sender", "auth"),
    [(PROVED, "alice@x.test", "pass"), (LETTER, "alice@x.test", "fail"), (OF_N, "alice@nothing.test", "none")],
    ids=["pass", "fail", "none"],
)
def test_the_log_tells_it(octets: bytes, sender: str, auth: str, mail: Mail, serve: Serve) -> None:
    port = serve(RELAY)
    with recorded() as events:
        send(port, octets, sender)
        eventually(lambda: any(isinstance(event, Session) for event in events), "the session ends")
    (message,) = [event for event in events if isinstance(event, Message)]
    assert message.auth == auth
    assert as_text(message).endswith(f" auth={auth}")


@pytest.mark.parametrize(
    ("unproved", "octets", "sender", "reply", "folder"),
    [
        (Unproved.MARK, LETTER, "alice@x.test", "250 ", "INBOX"),
        (Unproved.JUNK, LETTER, "alice@x.test", "250 ", "Junk"),
        (Unproved.JUNK, SOFT, "alice@soft.test", "250 ", "Junk"),
        (Unproved.JUNK, PROVED, "alice@x.test", "250 ", "INBOX"),
        (Unproved.JUNK, OF_N, "alice@nothing.test", "250 ", "INBOX"),
        (Unproved.REFUSE, LETTER, "alice@x.test", "550 5.7.26 ", ""),
        (Unproved.REFUSE, OF_N, "alice@y.test", "550 5.7.23 ", ""),
        (Unproved.REFUSE, SOFT, "alice@soft.test", "250 ", "Junk"),
        (Unproved.REFUSE, PROVED, "alice@x.test", "250 ", "INBOX"),
        (Unproved.REFUSE, OF_AWAY, "alice@away.test", "250 ", "INBOX"),
    ],
)
def test_what_fails_is_treated_as_the_operator_has_chosen(
    octets: bytes, sender: str, reply: str, folder: str, mail: Mail, serve: Serve
) -> None:
    assert send(serve(RELAY), octets, sender, "alice@example.test", "bob@example.test").startswith(reply)
    for each in ("INBOX", "Junk"):
        assert len(mail.inbox("alice", each)) == len(mail.inbox("bob", each)) == (1 if each == folder else 0)


@pytest.mark.parametrize("unproved", [Unproved.JUNK])
def test_without_junk_suspect_mail_goes_where_it_would_have_gone(mail: Mail, serve: Serve) -> None:
    delete_folder(mail.transaction, mail.accounts["alice"], "Junk")
    mail.transaction.commit()
    assert send(serve(RELAY), LETTER).startswith("250 ")
    assert len(mail.inbox("alice")) == 1


@pytest.mark.parametrize(
    ("unproved", "reply"),
    [(Unproved.MARK, "250 "), (Unproved.JUNK, "550 5.7.1 "), (Unproved.REFUSE, "550 5.7.26 ")],
    ids=str,
)
def test_posts_to_rooms_are_checked(unproved: Unproved, reply: str, mail: Mail, serve: Serve) -> None:
    room = mail.make_room("tea")
    assert send(serve(RELAY), LETTER, "alice@x.test", "tea@example.test").startswith(reply)
    articles = mail.articles(room)
    assert len(articles) == (1 if reply == "250 " else 0)
    assert all(b"\tdmarc=fail (p=reject) header.from=x.test;" in each for each in articles)


@pytest.mark.parametrize("unproved", [Unproved.REFUSE])
def test_report_about_tls_comes_to_the_administrators_as_the_record_asks(mail: Mail, serve: Serve) -> None:
    """RFC 8460 §5.3: multipart/report with a compressed file, signed by the server that sends it."""
    record = own_records("example.test", "testing", "mail.example.test")[2]
    asked = record.data.partition("rua=mailto:")[2]
    packed = base64.encodebytes(gzip.compress(b'{"organization-name": "X"}')).replace(b"\n", b"\r\n")
    report = signed(
        b"From: tls@x.test\r\nTo: postmaster@example.test\r\nDate: Mon, 1 Jul 2024 09:00:00 +0000\r\n"
        b"Subject: Report Domain: example.test Submitter: x.test Report-ID: <1@x.test>\r\n"
        b"TLS-Report-Domain: example.test\r\nTLS-Report-Submitter: x.test\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/report; report-type="tlsrpt"; boundary="b"\r\n\r\n--b\r\n'
        b"Content-Type: application/tlsrpt+gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n" + packed + b"--b--\r\n"
    )
    assert send(serve(RELAY), report, "tls@x.test", asked).startswith("250 ")
    (kept,) = mail.inbox("alice")  # the one administrator
    assert kept.endswith(report)
