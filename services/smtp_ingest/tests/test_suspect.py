"""Suspect mail goes into Junk, and nowhere else: it is not sent on, not posted, not answered; its sender is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from services.smtp_ingest.policy import RELAY
from services.smtp_ingest.tests.conftest import DOMAIN, Mail
from services.smtp_ingest.tests.queued import forwarded
from services.smtp_ingest.tests.test_content import Judge, a_checker
from services.smtp_ingest.tests.test_own_forwards import forwarding
from services.smtp_ingest.tests.test_robots import jobs
from services.smtp_ingest.tests.test_strangers import send
from shared.administration import addresses
from shared.content_check.checker import ContentChecker
from shared.outbound.tests.dns_server import serving_names_aside, txt
from shared.rooms.subscriptions.list_subscriptions import list_subscriptions
from shared.trust.settings import Unproved
from shared.trust.strangers import Strangers
from shared.trust.tests.signing import LETTER
from shared.trust.tests.world import checks_by, names_at

Serve = Callable[..., int]
SALES, BOTH, TEAM = f"sales@{DOMAIN}", f"both@{DOMAIN}", f"team@{DOMAIN}"
FORGED = "forged"
SPAM = "spam"
NOT_SENT_ON = {
    FORGED: "550 5.7.1 mail that its author's domain does not vouch for is not sent on to another server",
    SPAM: "550 5.7.1 the message looks like spam, which is not sent on to another server",
}
NOT_TAKEN = {
    FORGED: "550 5.7.1 rooms and robots take no mail that its author's domain does not vouch for",
    SPAM: "550 5.7.1 the message looks like spam, which rooms and robots do not take",
}


@pytest.fixture(params=[FORGED, SPAM])
def suspicion(request: pytest.FixtureRequest) -> str:
    """What makes the mail suspect: the checks of its sender, or of its content."""
    found: str = request.param
    return found


@pytest.fixture
def strangers(suspicion: str) -> Iterator[Strangers | None]:
    if suspicion == SPAM:
        yield None
        return
    world = {"x.test": [txt("v=spf1 -all")], "_dmarc.x.test": [txt("v=DMARC1; p=quarantine")]}
    with serving_names_aside(world) as place:
        yield Strangers(checks_by(names_at(place)), Unproved.JUNK, ())


@pytest.fixture
def content_check(suspicion: str) -> Iterator[ContentChecker | None]:
    if suspicion == FORGED:
        yield None
        return
    judge = Judge()
    judge.says("add header")
    with a_checker(judge) as checker:
        yield checker


@pytest.fixture
def port(mail: Mail, serve: Serve) -> int:
    """sales@ leads elsewhere, both@ elsewhere and to alice, team@ to alice and bob."""
    for address, where in (
        (SALES, "jones@remote.test"),
        (BOTH, "jones@remote.test"),
        (BOTH, "alice"),
        (TEAM, "alice"),
        (TEAM, "bob"),
    ):
        addresses.add(mail.transaction, address, where)
    mail.transaction.commit()
    return serve(RELAY)


def test_it_is_kept_where_there_is_a_mailbox_and_not_sent_on(mail: Mail, port: int) -> None:
    assert send(port, LETTER, "alice@x.test", BOTH, f"bob@{DOMAIN}").startswith("250 ")
    assert (len(mail.inbox("alice", "Junk")), len(mail.inbox("bob", "Junk"))) == (1, 1)
    assert mail.inbox("alice") == []
    assert forwarded(mail) == []


@pytest.mark.parametrize("keeps_copy", [True, False], ids=["copy", "no-copy"])
def test_member_who_has_mail_sent_on_has_it_in_junk_here(mail: Mail, port: int, keeps_copy: bool) -> None:
    forwarding(mail, keeps_copy=keeps_copy)
    assert send(port, LETTER, "alice@x.test", f"alice@{DOMAIN}").startswith("250 ")
    assert len(mail.inbox("alice", "Junk")) == 1
    assert forwarded(mail) == []


def test_where_the_address_leads_elsewhere_alone_it_is_refused(mail: Mail, port: int, suspicion: str) -> None:
    assert send(port, LETTER, "alice@x.test", SALES) == NOT_SENT_ON[suspicion]
    assert send(port, LETTER, "alice@x.test", TEAM, SALES) == NOT_SENT_ON[suspicion]
    assert mail.inbox("alice", "Junk") == mail.inbox("bob", "Junk") == []
    assert forwarded(mail) == []


@pytest.mark.parametrize("suspicion", [FORGED])
def test_a_bounce_to_a_return_address_is_not_sent_on(mail: Mail, port: int, suspicion: str) -> None:
    clean = LETTER.replace(b"alice@x.test", b"ann@remote.test")
    assert send(port, clean, "ann@remote.test", SALES).startswith("250 ")
    ((_, _, own, _),) = forwarded(mail)
    assert send(port, LETTER, "", own) == NOT_SENT_ON[suspicion]
    assert len(forwarded(mail)) == 1


def test_rooms_and_robots_do_nothing_with_it(mail: Mail, port: int, suspicion: str) -> None:
    room = mail.make_room("local.tea")
    addresses.add(mail.transaction, "ann@example.test", "bob")
    mail.transaction.commit()
    for to in ("local.tea", "local.tea+subscribe", "search"):
        assert send(port, LETTER, "ann@example.test", f"{to}@{DOMAIN}") == NOT_TAKEN[suspicion], to
    assert send(port, LETTER, "alice@x.test", f"local.tea@{DOMAIN}", f"bob@{DOMAIN}") == NOT_TAKEN[suspicion]
    assert mail.articles(room) == mail.inbox("bob") == mail.inbox("bob", "Junk") == []
    assert jobs(mail) == []
    assert list_subscriptions(mail.transaction, room) == []
