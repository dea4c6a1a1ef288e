"""What an operator has allowed is taken though its checks fail, and the results say so; forged senders are not."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from services.smtp_ingest.policy import RELAY
from services.smtp_ingest.tests.conftest import ChangeRule, Mail
from services.smtp_ingest.tests.test_strangers import send
from shared.access.rules.rules import RuleKind
from shared.outbound.tests.dns_server import Records, serving_names_aside, txt
from shared.trust.settings import Unproved
from shared.trust.strangers import Strangers
from shared.trust.tests.signing import LETTER, key_record, signed
from shared.trust.tests.world import checks_by, names_at

Serve = Callable[..., int]
# The tests' client is 127.0.0.1: lists.test sends from there, x.test does not.
WORLD: Records = {
    "x.test": [txt("v=spf1 -all")],
    "_dmarc.x.test": [txt("v=DMARC1; p=reject; aspf=s")],
    "guest.x.test": [txt("v=spf1 ip4:127.0.0.1 -all")],
    "soft.test": [txt("v=spf1 -all")],
    "_dmarc.soft.test": [txt("v=DMARC1; p=quarantine")],
    "lists.test": [txt("v=spf1 ip4:127.0.0.1 -all")],
    "signer.test": [txt("v=spf1 -all")],
    "s._domainkey.signer.test": [txt(key_record())],
}
SOFT = LETTER.replace(b"alice@x.test", b"alice@soft.test")
BY_LIST = signed(LETTER, domain="signer.test")
MANY = LETTER.replace(b"Alice <alice@x.test>", b"alice@x.test, ann@lists.test")


@pytest.fixture
def strangers() -> Iterator[Strangers]:
    """The tests' own address is a stranger's, and what fails is refused where its domain asks for that."""
    with serving_names_aside(WORLD) as place:
        yield Strangers(checks_by(names_at(place)), Unproved.REFUSE, ())


@pytest.mark.parametrize(
    ("rule", "octets", "sender"),
    [
        ("127.0.0.0/8", LETTER, "alice@x.test"),
        ("127.0.0.1", SOFT, "alice@soft.test"),
        ("127.0.0.1", LETTER, ""),
        ("@lists.test", LETTER, "tea-bounces@lists.test"),
        ("tea@lists.test", LETTER, "tea+alice=x.test@lists.test"),
        ("@signer.test", BY_LIST, "tea@mail.signer.test"),
    ],
    ids=["network", "host", "null sender", "spf", "address", "dkim"],
)
def test_what_is_allowed_is_taken_and_the_results_say_that_it_failed(
    rule: str, octets: bytes, sender: str, mail: Mail, serve: Serve, change_rule: ChangeRule
) -> None:
    port = serve(RELAY)
    before = send(port, octets, sender)
    assert before.startswith("550 5.7.26 ") or len(mail.inbox("alice", "Junk")) == 1
    change_rule(rule, RuleKind.ALLOW)
    assert send(port, octets, sender).startswith("250 ")
    (kept,) = mail.inbox("alice")
    assert b"\tdmarc=fail (p=" in kept[: kept.index(b"\r\nReceived: ")]
    change_rule(rule, None)
    assert send(port, octets, sender)[:3] == before[:3]
    assert len(mail.inbox("alice")) == 1


@pytest.mark.parametrize(
    ("rule", "octets", "sender"),
    [
        ("@x.test", LETTER, "alice@x.test"),
        ("alice@x.test", LETTER, "alice@x.test"),
        ("alice@x.test", LETTER, "alice@lists.test"),
        ("@x.test", LETTER, "alice@guest.x.test"),
        ("@signer.test", LETTER, "tea@signer.test"),
        ("@x.test", LETTER, ""),
        ("@lists.test", SOFT, "alice@soft.test"),
        ("@lists.test", MANY, "tea@lists.test"),
    ],
    ids=["domain", "address", "from", "guest", "unsigned", "null sender", "other", "two authors"],
)
def test_an_allowed_name_that_is_not_proved_opens_nothing(
    rule: str, octets: bytes, sender: str, mail: Mail, serve: Serve, change_rule: ChangeRule
) -> None:
    change_rule(rule, RuleKind.ALLOW)
    reply = send(serve(RELAY), octets, sender)
    assert mail.inbox("alice") == []
    assert reply.startswith("550 5.7.26 ") or len(mail.inbox("alice", "Junk")) == 1


def test_the_longest_rule_decides(mail: Mail, serve: Serve, change_rule: ChangeRule) -> None:
    change_rule("127.0.0.0/8", RuleKind.ALLOW)
    change_rule("127.0.0.1")
    change_rule("@lists.test", RuleKind.ALLOW)
    assert send(serve(RELAY), LETTER, "tea@lists.test").startswith("250 ")
    change_rule("ads@lists.test")
    change_rule("127.0.0.1", RuleKind.ALLOW)
    change_rule("127.0.0.0/8")
    assert send(serve(RELAY), LETTER, "ads@lists.test").startswith("250 ")


def test_rooms_take_what_is_allowed(mail: Mail, serve: Serve, change_rule: ChangeRule) -> None:
    room = mail.make_room("local.tea")
    change_rule("@lists.test", RuleKind.ALLOW)
    assert send(serve(RELAY), LETTER, "tea@lists.test", "local.tea@example.test").startswith("250 ")
    assert len(mail.articles(room)) == 1
