"""Mail to robots at the doors: what is taken, at once, and what is refused."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from services.smtp_ingest.policy import LMTP, RELAY, SUBMISSION, Policy
from services.smtp_ingest.tests.conftest import Mail
from services.smtp_ingest.tests.test_rooms import client_of, refused
from shared.accounts.find_account import find_account
from shared.mail.addresses import add_address
from shared.mail.robots import ROBOTS
from shared.robots.take_job import MOST_WAITING_OCTETS
from shared.rooms.find_room import find_room

Serve = Callable[[Policy], int]
QUERY = b"From: bob@example.test\r\nSubject: marmalade recipe\r\nMessage-ID: <1@x.test>\r\nTo: x\r\n\r\nbody\r\n"


def jobs(mail: Mail) -> Sequence[tuple[Any, ...]]:
    rows = mail.transaction.rows(
        "SELECT robot, detail, address, account_id, is_proved, is_notice, octets FROM robot_job ORDER BY id"
    )
    mail.transaction.commit()
    return rows


def said(client: smtplib.SMTP, sender: str, to: str, octets: bytes) -> str:
    """The reply to the message."""
    client.ehlo_or_helo_if_needed()
    client.mail(sender)
    client.rcpt(to)
    code, text = client.data(octets)
    return f"{code} {text.decode()}"


def test_the_job_is_there_when_the_message_is_answered_and_that_is_at_once(mail: Mail, serve: Serve) -> None:
    with client_of(serve(SUBMISSION), "bob") as client:
        took = []
        for number in range(2, 7):  # the first one makes plans and connections
            client.mail("bob@example.test")
            client.rcpt("search@example.test")
            began = time.process_time(), time.monotonic()
            code, text = client.data(QUERY.replace(b"<1@", b"<%d@" % number))
            took.append((time.process_time() - began[0], time.monotonic() - began[1]))
            assert (code, text.endswith(b": search answers by mail")) == (250, True)
            assert len(jobs(mail)) == len(took)
    robot, detail, address, account_id, is_proved, is_notice, octets = jobs(mail)[-1]
    assert (robot, detail, address) == ("search", "", "search@example.test")
    assert (account_id, is_proved, is_notice) == (mail.accounts["bob"], True, False)
    assert octets.endswith(b"\r\nTo: x\r\n\r\n")  # what is not read is not kept
    assert min(work for work, _ in took) < 0.05  # 50 ms; those of the clock are the benchmark's on a quiet machine
    assert min(clock for _, clock in took) < 2


def test_a_page_is_for_who_has_signed_in_and_keeps_the_case_of_its_name(mail: Mail, serve: Serve) -> None:
    with client_of(serve(RELAY)) as client:
        assert refused(client, "wiki+NewPage@example.test", QUERY).startswith("550 5.7.1 sign in to write")
    with client_of(serve(SUBMISSION), "bob") as client:
        client.sendmail("bob@example.test", ["WIKI+NewPage@example.test"], QUERY)
    ((robot, detail, *_, octets),) = jobs(mail)
    assert (robot, detail) == ("wiki", "NewPage")
    assert octets.endswith(QUERY)


@pytest.mark.parametrize("address", ["wiki@", "wiki+@", "search+x@", "blog+x@", "web@", "find@"])
def test_other_local_parts_are_no_mailbox(mail: Mail, serve: Serve, address: str) -> None:
    with client_of(serve(SUBMISSION), "bob") as client:
        assert refused(client, f"{address}example.test", QUERY) == "550 5.1.1 no such mailbox here"


@pytest.mark.parametrize(("policy", "speaks"), [(RELAY, smtplib.SMTP), (LMTP, smtplib.LMTP)])
def test_who_is_not_proved_is_a_stranger_with_a_mailbox_here(
    mail: Mail, serve: Serve, policy: Policy, speaks: type[smtplib.SMTP]
) -> None:
    with speaks("127.0.0.1", serve(policy)) as client:
        client.sendmail("bob@example.test", ["search@example.test"], QUERY)
        for elsewhere in ("carol@elsewhere.test", "nobody@example.test"):
            assert refused(client, "search@example.test", QUERY, sender=elsewhere) == (
                "550 5.7.1 answers go to mailboxes of this server only, and the sender has none"
            )
    ((*_, account_id, is_proved, _, _),) = jobs(mail)
    assert (account_id, is_proved) == (mail.accounts["bob"], False)


@pytest.mark.parametrize(
    "field",
    [b"Auto-Submitted: auto-replied", b"Precedence: bulk", b"Precedence: junk", b"Precedence: list",
     b"List-Id: <a.example.test>"],
)  # fmt: skip
def test_what_no_person_sent_is_taken_and_never_answered_and_changes_no_page(
    mail: Mail, serve: Serve, field: bytes
) -> None:
    octets = field + b"\r\n" + QUERY
    with client_of(serve(SUBMISSION), "bob") as client:
        assert said(client, "bob@example.test", "search@example.test", octets).endswith("such mail is not answered")
        assert said(client, "bob@example.test", "wiki+Page@example.test", octets).startswith("550 5.7.1 automatic")
        assert said(client, "bob@example.test", "alice@example.test", octets).startswith("250 ")
    assert jobs(mail) == []


def test_bounces_and_robots_are_never_answered_and_a_person_who_says_no_is(mail: Mail, serve: Serve) -> None:
    with client_of(serve(RELAY)) as client:
        assert said(client, "", "search@example.test", QUERY).endswith("such mail is not answered")
    add_address(mail.transaction, find_account(mail.transaction, "bob"), "search@example.test")
    mail.transaction.commit()
    mail.resolver.forget()
    with client_of(serve(RELAY)) as client:  # a robot's address that a mailbox has: it is the mailbox's
        client.sendmail("alice@example.test", ["search@example.test"], QUERY)
    assert len(mail.inbox("bob")) == 1
    assert jobs(mail) == []
    with client_of(serve(SUBMISSION), "bob") as client:
        octets = b"Auto-Submitted: no\r\n" + QUERY
        client.sendmail("bob@example.test", ["wiki+Page@example.test"], octets)
    assert len(jobs(mail)) == 1


def test_a_mailbox_of_that_name_and_a_room_go_before_a_robot(mail: Mail, serve: Serve) -> None:
    room = mail.make_room("local.search")  # has search@ as its short address
    add_address(mail.transaction, find_account(mail.transaction, "alice"), "wiki@example.test")
    mail.transaction.commit()
    with client_of(serve(SUBMISSION), "bob") as client:
        client.sendmail("bob@example.test", ["search@example.test", "wiki+Page@example.test"], QUERY)
    assert (len(mail.articles(room)), len(mail.inbox("alice")), jobs(mail)) == (1, 1, [])


def test_a_robot_beside_mailboxes_and_rooms_is_one_transaction_also_when_it_is_repeated(
    mail: Mail, serve: Serve
) -> None:
    room = mail.make_room("local.tea")
    everyone = [f"{name}@example.test" for name in ("search", "local.tea", "alice", "wiki+Page")]
    with client_of(serve(SUBMISSION), "bob") as client:
        for _ in range(2):
            client.sendmail("bob@example.test", everyone, QUERY)
    assert [robot for robot, *_ in jobs(mail)] == ["search", "wiki"]
    assert (len(mail.articles(room)), len(mail.inbox("alice"))) == (1, 2)


def test_mail_to_the_weblog_is_a_post_to_its_room_which_is_made(mail: Mail, serve: Serve) -> None:
    with client_of(serve(RELAY)) as client:
        assert refused(client, "blog@example.test", QUERY).startswith("550 5.7.1 sign in to write")
    with client_of(serve(SUBMISSION), "bob") as client:
        client.sendmail("bob@example.test", ["blog@example.test"], QUERY)
        client.sendmail("bob@example.test", ["blog@example.test"], QUERY.replace(b"<1@", b"<2@"))
    room = find_room(mail.transaction, "agora.blog")
    mail.transaction.commit()
    assert [each.endswith(b"\r\n\r\nbody\r\n") for each in mail.articles(room)] == [True, True]
    assert jobs(mail) == []


def test_the_22nd_query_is_taken_and_not_kept_and_too_many_pages_wait_at_their_sender(mail: Mail, serve: Serve) -> None:
    row = "INSERT INTO robot_job (account_id, is_proved, is_notice, robot, detail, address, sender, digest, octets)"
    many = f"{row} SELECT %s, true, false, %s, '', '', '', (%s || n)::bytea, '' FROM generate_series(1, %s) AS n"
    for robot, number in (("search", 21), ("wiki", ROBOTS["wiki"].most_an_hour)):
        mail.transaction.execute(many, (mail.accounts["bob"], robot, robot, number))
    mail.transaction.commit()
    with client_of(serve(SUBMISSION), "bob") as client:
        assert said(client, "bob@example.test", "search@example.test", QUERY).endswith(
            "too many within an hour, not answered"
        )
        assert said(client, "bob@example.test", "wiki+Page@example.test", QUERY).startswith("450 4.7.1 ")
    assert len(jobs(mail)) == 21 + ROBOTS["wiki"].most_an_hour


def test_octets_that_wait_for_one_sender_are_bounded(mail: Mail, serve: Serve) -> None:
    with client_of(serve(SUBMISSION), "bob") as client:
        client.sendmail("bob@example.test", ["wiki+Page@example.test"], QUERY)
        mail.transaction.execute(
            "UPDATE robot_job SET octets = convert_to(repeat('x', %s), 'UTF8')", (MOST_WAITING_OCTETS,)
        )
        mail.transaction.commit()
        again = QUERY.replace(b"<1@", b"<2@")
        assert said(client, "bob@example.test", "wiki+Page@example.test", again).startswith("450 4.7.1 ")
