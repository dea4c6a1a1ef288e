"""Members' own forwards: a reply confirms one, and then mail is sent on, with a copy here or without."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator

import pytest

from services.smtp_ingest.policy import RELAY, SUBMISSION
from services.smtp_ingest.tests.conftest import DOMAIN, NOW, Mail
from services.smtp_ingest.tests.queued import forwarded
from services.smtp_ingest.tests.test_forwards import MESSAGE
from services.smtp_ingest.tests.test_stored_messages import Serve
from services.smtp_ingest.tests.test_subscribers_elsewhere import EMPTY, questions, says
from shared.administration import audit, own_forwards
from shared.outbound.own_forwards.letters import ForwardChange

ALICE, ELSEWHERE = f"alice@{DOMAIN}", "me@remote.test"
CHANGE = ForwardChange("alice, on the web from 192.0.2.1", DOMAIN, NOW)


@pytest.fixture
def client(mail: Mail, serve: Serve) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP("127.0.0.1", serve(RELAY), timeout=30) as one:
        one.ehlo()
        yield one


def asked(mail: Mail, target: str = ELSEWHERE) -> str:
    """The address that confirms the forward."""
    own_forwards.add(mail.transaction, "alice", target, CHANGE)
    mail.transaction.commit()
    return questions(mail)[-1]


def forwarding(mail: Mail, target: str = ELSEWHERE, *, keeps_copy: bool = True) -> int:
    """Alice's mail is sent on to `target`; how many messages her INBOX has before."""
    token = asked(mail, target).partition("+")[2].partition("@")[0]
    own_forwards.confirm(mail.transaction, token, CHANGE, own_forwards.CameBy("web", "192.0.2.1"))
    own_forwards.keep_copy(mail.transaction, "alice", CHANGE, keeps_copy=keeps_copy)
    mail.transaction.execute("DELETE FROM outbound_recipient; DELETE FROM outbound")
    mail.transaction.commit()
    mail.resolver.forget()
    return len(mail.inbox("alice"))


def test_reply_to_the_question_confirms(mail: Mail, client: smtplib.SMTP) -> None:
    confirm = asked(mail)
    assert says(client, "any@remote.test", confirm).endswith(f": mail for alice is sent on to {ELSEWHERE}")
    mail.resolver.forget()
    assert says(client, "any@remote.test", confirm) == "550 5.1.1 no such mailbox here"
    (line, *_) = audit.list_lines(mail.transaction)
    assert (line.account, line.door, line.peer) == ("alice", RELAY.name, "127.0.0.1")
    assert line.command == f"user forward confirm alice {ELSEWHERE}"
    mail.transaction.commit()
    assert b"Changed by a mail from any@remote.test (127.0.0.1)." in mail.inbox("alice")[-1]


def test_answer_that_a_program_wrote_confirms_nothing(mail: Mail, client: smtplib.SMTP) -> None:
    confirm = asked(mail)
    for sender, message in (("me@remote.test", b"Auto-Submitted: auto-replied\r\n" + EMPTY), ("", EMPTY)):
        assert says(client, sender, confirm, message).startswith("550 5.7.1 ")
    assert not own_forwards.list_all(mail.transaction, "alice").confirmed


@pytest.mark.parametrize("keeps_copy", [True, False], ids=["copy", "no-copy"])
def test_mail_is_sent_on_with_a_return_address_and_kept_or_not(
    mail: Mail, client: smtplib.SMTP, keeps_copy: bool
) -> None:
    before = forwarding(mail, keeps_copy=keeps_copy)
    client.sendmail("Ann@x.test", [ALICE, f"alice+tea@{DOMAIN}"], MESSAGE)
    assert len(mail.inbox("alice")) == before + keeps_copy
    sent = forwarded(mail)
    assert [each[1] for each in sent] == [ELSEWHERE] * 2
    sender, _, own, fields = sent[0]
    assert (sender, fields) == ("Ann@x.test", f"Delivered-To: {ALICE}\r\n")
    assert own.endswith(f"=x.test=Ann@{DOMAIN}")


@pytest.mark.parametrize("keeps_copy", [True, False], ids=["copy", "no-copy"])
def test_mail_that_goes_nowhere_is_kept_here(mail: Mail, client: smtplib.SMTP, keeps_copy: bool) -> None:
    """No mail goes to that domain from here, by the settings."""
    before = forwarding(mail, "me@elsewhere.test", keeps_copy=keeps_copy)
    client.sendmail("ann@x.test", [ALICE], MESSAGE)
    assert len(mail.inbox("alice")) == before + 1
    assert not forwarded(mail)


def test_what_comes_back_ends_here(mail: Mail, client: smtplib.SMTP) -> None:
    again = f"Delivered-To: {ALICE}\r\n".encode() + MESSAGE
    before = forwarding(mail, keeps_copy=False)
    client.sendmail("ann@x.test", [ALICE], again)
    assert len(mail.inbox("alice")) == before + 1
    own_forwards.keep_copy(mail.transaction, "alice", CHANGE, keeps_copy=True)
    mail.transaction.commit()
    mail.resolver.forget()
    with pytest.raises(smtplib.SMTPDataError, match=r"5\.4\.6"):
        client.sendmail("ann@x.test", [ALICE], again)
    assert not [each for each in forwarded(mail) if each[0]]


def test_success_is_reported_by_who_has_the_message_last(mail: Mail, client: smtplib.SMTP, serve: Serve) -> None:
    forwarding(mail, keeps_copy=False)
    with smtplib.SMTP("127.0.0.1", serve(SUBMISSION), timeout=30) as bob:
        bob.login("bob", "correct horse")
        bob.mail(f"bob@{DOMAIN}")
        bob.rcpt(ALICE, ["NOTIFY=SUCCESS"])
        assert bob.data(MESSAGE.replace(b"ann@x.test", f"bob@{DOMAIN}".encode()))[0] == 250
    assert mail.transaction.value("SELECT notify FROM outbound_recipient") == "SUCCESS"
    assert mail.inbox("bob") == []
