"""web@ where the operator has put it on: for members who have signed in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from services.smtp_ingest.policy import RELAY, SUBMISSION, Policy
from services.smtp_ingest.tests.conftest import Mail
from services.smtp_ingest.tests.test_robots import QUERY, jobs, said
from services.smtp_ingest.tests.test_rooms import client_of, refused

Serve = Callable[[Policy], int]
WEB = "web@example.test"


@pytest.fixture
def optional_robots() -> Sequence[str]:
    return ("web",)


def test_members_who_have_signed_in_are_answered_and_nobody_else(mail: Mail, serve: Serve) -> None:
    with client_of(serve(RELAY)) as client:
        assert refused(client, WEB, QUERY).startswith("550 5.7.1 sign in to write by mail")
    with client_of(serve(SUBMISSION), "bob") as client:
        assert said(client, "bob@example.test", WEB, QUERY).endswith(": web answers by mail")
        assert refused(client, "web+x@example.test", QUERY) == "550 5.1.1 no such mailbox here"
    ((robot, _, address, account, is_proved, is_notice, _),) = jobs(mail)
    assert (robot, address, account, is_proved, is_notice) == ("web", WEB, mail.accounts["bob"], True, False)


def test_mail_from_an_address_of_that_name_elsewhere_is_mail_of_a_person(mail: Mail, serve: Serve) -> None:
    with client_of(serve(SUBMISSION), "bob") as client:
        automatic = QUERY.replace(b"To: x", b"Auto-Submitted: auto-replied")
        assert said(client, "bob@example.test", WEB, automatic).endswith(": such mail is not answered")
    assert not jobs(mail)
