"""A program that speaks rspamd's protocol judges what strangers send: taken, into Junk, deferred, refused."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site

from services.smtp_ingest.policy import LMTP, RELAY, SUBMISSION
from services.smtp_ingest.tests.conftest import Mail
from services.smtp_ingest.tests.queued import forwarded
from services.smtp_ingest.tests.test_stored_messages import Serve
from shared.administration import addresses
from shared.content_check.checker import ContentChecker
from shared.content_check.settings import Unchecked
from shared.outbound.tests.dns_server import serving_names_aside, txt
from shared.testing.reactor import running_reactor
from shared.testing.serving import serving
from shared.trust.settings import Unproved
from shared.trust.strangers import Strangers
from shared.trust.tests.world import checks_by, names_at

MESSAGE = b"Subject: tea\r\nX-Old: 1\r\nX-Old: 2\r\nX-Spam: No\r\n\r\nAt four?\r\n"


@dataclass
class Judge(Resource):
    """The program: `answer` is what it says, None that it says nothing."""

    answer: Any = None
    status: int = 200
    asked: list[tuple[Any, bytes]] = field(default_factory=list)
    isLeaf = True

    def __post_init__(self) -> None:
        super().__init__()

    def render_POST(self, request: Any) -> Any:
        self.asked.append((request.requestHeaders, request.content.read()))
        if self.answer is None:
            request.notifyFinish().addErrback(lambda _: None)
            return NOT_DONE_YET
        request.setResponseCode(self.status)
        return json.dumps(self.answer).encode()

    def says(self, action: str, **more: Any) -> None:
        self.answer = {"action": action, "score": 1.0, "symbols": {}, **more}


@pytest.fixture
def judge() -> Judge:
    return Judge()


@pytest.fixture
def unchecked() -> Unchecked:
    """What becomes of messages without a verdict."""
    return Unchecked.ACCEPT


@pytest.fixture
def patience() -> timedelta:
    """How long an answer is waited for."""
    return timedelta(seconds=30)


@pytest.fixture
def content_check(judge: Judge, unchecked: Unchecked, patience: timedelta) -> Iterator[ContentChecker]:
    with a_checker(judge, time_limit=patience, failure=unchecked) as checker:
        yield checker


@contextmanager
def a_checker(judge: Judge, **options: Any) -> Iterator[ContentChecker]:
    """It asks `judge`."""
    site: Any = Site(judge)
    options = {"time_limit": timedelta(seconds=30), "failure": Unchecked.ACCEPT, **options}
    with serving(site) as port:
        yield ContentChecker(
            running_reactor(),
            f"http://127.0.0.1:{port}/checkv2",
            octets=4096,
            at_once=2,
            hostname="mail.example.test",
            **options,
        )


def send(serve: Serve, *recipients: str, message: bytes = MESSAGE) -> tuple[int, bytes]:
    """The reply to the message."""
    with smtplib.SMTP("127.0.0.1", serve(RELAY), timeout=30) as client:
        client.ehlo("client.test")
        client.mail("spam@x.test")
        for each in recipients or ("bob@example.test",):
            assert client.rcpt(each)[0] == 250
        return client.data(message)


def test_what_is_asked_has_the_message_as_it_came_and_its_envelope(serve: Serve, mail: Mail, judge: Judge) -> None:
    judge.says("no action")
    code, said = send(serve, "alice@example.test", "bob@example.test")
    assert code == 250
    ((headers, body),) = judge.asked
    assert body == MESSAGE
    told = {name: headers.getRawHeaders(name) for name in ("From", "Rcpt", "IP", "Helo", "Queue-Id", "MTA-Name")}
    assert told == {
        "From": ["spam@x.test"],
        "Rcpt": ["alice@example.test", "bob@example.test"],
        "IP": ["127.0.0.1"],
        "Helo": ["client.test"],
        "Queue-Id": [said.decode().rpartition(" ")[2]],
        "MTA-Name": ["mail.example.test"],
    }
    assert mail.inbox("bob")[0].endswith(MESSAGE)


def test_fields_are_added_and_taken_out(serve: Serve, mail: Mail, judge: Judge) -> None:
    judge.says("no action", milter={"add_headers": {"X-New": "3"}, "remove_headers": {"X-Old": 1}})
    assert send(serve)[0] == 250
    (stored,) = mail.inbox("bob")
    assert stored.startswith(b"Return-Path: <spam@x.test>\r\n")
    assert stored.endswith(b"\r\nX-New: 3\r\nSubject: tea\r\nX-Old: 2\r\nX-Spam: No\r\n\r\nAt four?\r\n")


def test_spam_goes_into_junk_with_a_field_that_says_so(serve: Serve, mail: Mail, judge: Judge) -> None:
    judge.says("add header")
    assert send(serve, "alice@example.test", "bob+work@example.test")[0] == 250
    for name in ("alice", "bob"):
        assert mail.inbox(name) == []
        (stored,) = mail.inbox(name, "Junk")
        assert stored.endswith(b"\r\nX-Spam: Yes\r\nSubject: tea\r\nX-Old: 1\r\nX-Old: 2\r\n\r\nAt four?\r\n")


def test_who_has_no_junk_has_spam_in_the_inbox(serve: Serve, mail: Mail, judge: Judge) -> None:
    mail.transaction.execute("DELETE FROM folder WHERE special_use = '\\Junk'")
    mail.transaction.commit()
    judge.says("rewrite subject", subject="*** tea")
    assert send(serve)[0] == 250
    (stored,) = mail.inbox("bob")
    assert stored.count(b"Subject: ") == 1
    assert b"\r\nSubject: *** tea\r\n" in stored


@pytest.mark.parametrize(
    ("action", "reply"),
    [
        ("reject", (550, b"5.7.1 the message is refused for its content")),
        ("soft reject", (451, b"4.7.1 the message is not taken now, try again later")),
    ],
)
def test_what_is_refused_or_deferred_is_not_kept(
    serve: Serve, mail: Mail, judge: Judge, action: str, reply: tuple[int, bytes]
) -> None:
    judge.says(action)
    assert send(serve) == reply
    judge.says(action, messages={"smtp_message": "Gtube pattern"})
    assert send(serve) == (reply[0], reply[1][:6] + b"Gtube pattern")
    assert mail.inbox("bob") == mail.inbox("bob", "Junk") == []


@pytest.mark.parametrize(
    ("answer", "status", "why"),
    [
        ({"no": "verdict"}, 200, b"the answer has no action that is known"),
        ({"action": "reject"}, 500, b"the answer has status 500"),
    ],
    ids=["nonsense", "500"],
)
def test_without_a_verdict_the_message_is_taken_and_marked(
    serve: Serve, mail: Mail, judge: Judge, answer: Any, status: int, why: bytes
) -> None:
    judge.answer, judge.status = answer, status
    assert send(serve)[0] == 250
    assert b"\r\nX-Content-Check: not done, " + why + b"\r\n" in mail.inbox("bob")[0]


HASTY = timedelta(milliseconds=300)


@pytest.mark.parametrize("patience", [HASTY], ids=["hasty"])
def test_a_program_that_does_not_answer_keeps_no_message_waiting(serve: Serve, mail: Mail) -> None:
    assert send(serve)[0] == 250
    assert b"\r\nX-Content-Check: not done, there was no answer within 0.3 seconds\r\n" in mail.inbox("bob")[0]


@pytest.mark.parametrize("patience", [HASTY], ids=["hasty"])
@pytest.mark.parametrize("unchecked", [Unchecked.DEFER])
def test_without_a_verdict_the_sender_is_asked_to_come_again(serve: Serve, mail: Mail) -> None:
    assert send(serve) == (451, b"4.7.1 contents cannot be checked now, try again")
    assert mail.inbox("bob") == []


def test_a_large_message_is_not_sent_to_the_program(serve: Serve, mail: Mail, judge: Judge) -> None:
    judge.says("reject")
    assert send(serve, message=MESSAGE + b"x" * 70 + b"\r\n" + b"0123456789\r\n" * 400)[0] == 250
    assert judge.asked == []
    assert b"X-Content-Check: not done, the message is too large\r\n" in mail.inbox("bob")[0]


def test_who_has_signed_in_is_not_judged(serve: Serve, mail: Mail, judge: Judge) -> None:
    judge.says("reject")
    with smtplib.SMTP("127.0.0.1", serve(SUBMISSION), timeout=30) as client:
        client.login("bob", "correct horse")
        client.sendmail("bob@example.test", ["alice@example.test"], b"From: bob@example.test\r\n\r\n")
    assert judge.asked == []
    assert len(mail.inbox("alice")) == 1


def test_each_recipient_is_answered_by_lmtp(serve: Serve, judge: Judge) -> None:
    judge.says("reject")
    with smtplib.LMTP("127.0.0.1", serve(LMTP), timeout=30) as client:
        client.ehlo()
        client.mail("spam@x.test")
        for name in ("alice", "bob"):
            client.rcpt(f"{name}@example.test")
        assert client.data(MESSAGE)[0] == 550
        assert client.getreply()[0] == 550


@pytest.fixture
def strangers(request: pytest.FixtureRequest) -> Iterator[Strangers | None]:
    """The checks of senders, where a test asks for them by this policy."""
    policy: Unproved | None = getattr(request, "param", None)
    if policy is None:
        yield None
        return
    with serving_names_aside({"x.test": [txt("v=spf1 -all")]}) as place:
        yield Strangers(checks_by(names_at(place)), policy, ())


@pytest.mark.parametrize(
    ("strangers", "code", "times"),
    [(Unproved.REFUSE, 550, 0), (Unproved.JUNK, 250, 1), (Unproved.MARK, 250, 1)],
    indirect=["strangers"],
    ids=["refuse", "junk", "mark"],
)
def test_what_is_refused_for_its_sender_is_not_judged(serve: Serve, judge: Judge, code: int, times: int) -> None:
    judge.says("no action")
    assert send(serve)[0] == code
    assert len(judge.asked) == times


def test_what_a_room_refuses_is_not_judged(serve: Serve, mail: Mail, judge: Judge) -> None:
    mail.make_room("local.tea")
    judge.says("no action")
    assert send(serve, "local.tea@example.test", message=b"Precedence: bulk\r\n" + MESSAGE)[0] == 550
    assert judge.asked == []


def test_by_lmtp_only_the_recipient_that_leads_elsewhere_is_refused_spam(
    serve: Serve, mail: Mail, judge: Judge
) -> None:
    room = mail.make_room("local.tea")
    addresses.add(mail.transaction, "sales@example.test", "jones@remote.test")
    mail.transaction.commit()
    judge.says("add header")
    with smtplib.LMTP("127.0.0.1", serve(LMTP), timeout=30) as client:
        client.ehlo()
        for names, codes in (
            (("sales", "alice", "bob"), [550, 250, 250]),
            (("alice", "local.tea", "sales", "bob"), [250, 550, 550, 250]),
            (("nearly", "sales", "alice"), [452, 550, 250]),
            (("sales", "local.tea"), [550, 550]),
        ):
            client.mail("spam@x.test")
            for name in names:
                client.rcpt(f"{name}@example.test")
            code, _ = client.data(MESSAGE + b"x" * 1900)
            assert [code, *(client.getreply()[0] for _ in names[1:])] == codes, names
    assert (len(mail.inbox("alice", "Junk")), len(mail.inbox("bob", "Junk"))) == (3, 2)
    assert mail.articles(room) == []
    assert forwarded(mail) == []
