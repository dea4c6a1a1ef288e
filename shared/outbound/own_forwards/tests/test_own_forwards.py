"""Members' own forwards: nothing is sent on before its target has confirmed, and the owner hears of it all."""

from __future__ import annotations

import re

import pytest

from shared.accounts.account import Account, Role
from shared.accounts.change_account import disable_account
from shared.administration import audit, domains, own_forwards
from shared.administration.own_forwards import CameBy
from shared.database.transaction import Transaction
from shared.folders.errors import QuotaExceeded
from shared.mail.errors import BadAddress, ForwardExists, ForwardNotFound, ForwardsLeadThere, TargetIsLocal
from shared.mail.lookup import FolderTarget, ForwardTarget
from shared.mail.tests.test_lookup import ask as looked_up
from shared.outbound.errors import TooManyQuestions
from shared.outbound.own_forwards.errors import ForwardNotAsked, GuestHasNoMail, TooManyOwnForwards
from shared.outbound.own_forwards.letters import ForwardChange
from shared.outbound.own_forwards.own_forward import MOST_FORWARDS
from shared.outbound.questions import MOST_TO_ADDRESS
from shared.rooms.subscriptions.elsewhere.tests.build import in_queue
from shared.rooms.tests.build import NOW
from shared.testing.builders import a_member, an_account

CHANGE = ForwardChange("alice, on the web from 192.0.2.1", "example.org", NOW, "https://agora.example.org")
WEB = CameBy("web", "192.0.2.1")
ELSEWHERE = "Alice@Elsewhere.test"
CONFIRM = re.compile(rb"confirm\+([0-9a-f]{32})@example\.org")


@pytest.fixture
def alice(transaction: Transaction) -> Account:
    return a_member(transaction, "alice")


def asked(tx: Transaction, target: str = ELSEWHERE) -> str:
    """Ask for a forward; the token in the question."""
    own_forwards.add(tx, "alice", target, CHANGE, WEB)
    found = [CONFIRM.search(each.octets) for each in in_queue(tx)]
    return [each[1].decode() for each in found if each is not None][-1]


def confirmed(tx: Transaction, target: str = ELSEWHERE) -> None:
    own_forwards.confirm(tx, asked(tx, target), CHANGE, WEB)


def targets(tx: Transaction, address: str = "alice@example.org") -> list[object]:
    (found,) = looked_up(tx, address)
    assert isinstance(found, tuple)
    return [each.address if isinstance(each, ForwardTarget) else type(each) for each in found]


def inbox(tx: Transaction, name: str = "alice") -> list[str]:
    rows = tx.rows(
        "SELECT body.octets FROM body JOIN message ON message.id = message_id JOIN entry USING (message_id)"
        " JOIN folder ON folder.id = folder_id JOIN account ON account.id = account_id"
        " WHERE account.name = %s AND folder.name = 'INBOX' ORDER BY uid",
        (name,),
    )
    return [bytes(octets).decode() for (octets,) in rows]


def test_nothing_is_sent_on_before_the_address_confirms(transaction: Transaction, alice: Account) -> None:
    token = asked(transaction)
    assert targets(transaction) == [FolderTarget]
    (question,) = in_queue(transaction)
    assert (question.sender, question.address) == ("", "Alice@elsewhere.test")
    assert f"https://agora.example.org/account/forward/confirm/{token}\r\n".encode() in question.octets
    assert b"Auto-Submitted: auto-generated\r\n" in question.octets
    own_forwards.confirm(transaction, token, CHANGE, WEB)
    assert (
        targets(transaction) == targets(transaction, "alice+tea@example.org") == [FolderTarget, "Alice@elsewhere.test"]
    )
    with pytest.raises(ForwardNotAsked):
        own_forwards.confirm(transaction, token, CHANGE, WEB)


def test_token_is_good_for_three_days(transaction: Transaction, alice: Account) -> None:
    token = asked(transaction)
    assert [type(each).__name__ for each in looked_up(transaction, f"confirm+{token}@example.org")[0]] == [  # type: ignore[union-attr]
        "OwnForwardTarget"
    ]
    transaction.execute("UPDATE own_forward SET asked_at = now() - interval '73 hours'")
    with pytest.raises(ForwardNotAsked):
        own_forwards.confirm(transaction, token, CHANGE, WEB)
    assert not isinstance(looked_up(transaction, f"confirm+{token}@example.org")[0], tuple)
    assert own_forwards.list_all(transaction, "alice").forwards == []
    for wrong in ("", "0" * 32, "\0", token.upper()):
        with pytest.raises(ForwardNotAsked):
            own_forwards.confirm(transaction, wrong, CHANGE, WEB)


def test_copy_is_kept_or_not(transaction: Transaction, alice: Account) -> None:
    own_forwards.keep_copy(transaction, "alice", CHANGE, keeps_copy=False)
    (found,) = looked_up(transaction, "alice@example.org")
    assert isinstance(found, tuple)
    assert isinstance(found[0], FolderTarget)
    assert not found[0].is_sent_on  # nothing is, yet
    confirmed(transaction)
    (found,) = looked_up(transaction, "alice@example.org")
    assert isinstance(found, tuple)
    assert isinstance(found[0], FolderTarget)
    assert found[0].is_sent_on
    own_forwards.keep_copy(transaction, "alice", CHANGE, keeps_copy=True)
    (found,) = looked_up(transaction, "alice@example.org")
    assert isinstance(found, tuple)
    assert isinstance(found[0], FolderTarget)
    assert not found[0].is_sent_on


def test_own_addresses_and_what_is_none_are_refused(transaction: Transaction, alice: Account) -> None:
    a_member(transaction, "bob")
    domains.add(transaction, "example.com")
    for target, error in (
        ("alice@example.org", TargetIsLocal),
        ("bob@EXAMPLE.org", TargetIsLocal),
        ("nobody@example.com", TargetIsLocal),
        ("alice", BadAddress),
        ("me@[192.0.2.1]", BadAddress),
        ("me@elsewhere.test\r\nBcc: x@y.test", BadAddress),
        ("me@elsewhere.test, you@elsewhere.test", BadAddress),
    ):
        with pytest.raises(error):
            own_forwards.add(transaction, "alice", target, CHANGE)
    an_account(transaction, "gus", role=Role.GUEST)
    with pytest.raises(GuestHasNoMail):
        own_forwards.add(transaction, "gus", ELSEWHERE, CHANGE)
    assert not in_queue(transaction)


def test_domain_that_mail_is_sent_on_to_is_not_kept_here(transaction: Transaction, alice: Account) -> None:
    token = asked(transaction, "me@other.test")
    domains.add(transaction, "other.test")
    with pytest.raises(ForwardNotAsked):
        own_forwards.confirm(transaction, token, CHANGE, WEB)
    confirmed(transaction)
    with pytest.raises(ForwardsLeadThere, match="alice"):
        domains.add(transaction, "elsewhere.test")


def test_forwards_of_one_account_are_bounded_those_that_wait_too(transaction: Transaction, alice: Account) -> None:
    for number in range(MOST_FORWARDS):
        asked(transaction, f"me{number}@elsewhere.test")
    with pytest.raises(TooManyOwnForwards, match=str(MOST_FORWARDS)):
        asked(transaction, "one@elsewhere.test")
    transaction.execute("UPDATE own_forward SET asked_at = now() - interval '4 days'")
    asked(transaction, "one@elsewhere.test")
    assert transaction.value("SELECT count(*) FROM own_forward") == 1


def test_address_is_asked_once_an_hour_and_three_times_a_day(transaction: Transaction, alice: Account) -> None:
    first = asked(transaction)
    assert asked(transaction, "ALICE@elsewhere.test") == first
    assert len(in_queue(transaction)) == 1
    for _ in range(MOST_TO_ADDRESS - 1):
        own_forwards.delete(transaction, "alice", ELSEWHERE, CHANGE)
        asked(transaction)
    own_forwards.delete(transaction, "alice", ELSEWHERE, CHANGE)
    with pytest.raises(TooManyQuestions):
        asked(transaction)
    with pytest.raises(ForwardNotAsked):
        own_forwards.confirm(transaction, first, CHANGE, WEB)


def test_owner_is_told_of_every_change_where_the_mail_is_read(transaction: Transaction, alice: Account) -> None:
    """Also where no copy is kept here."""
    confirmed(transaction)
    own_forwards.keep_copy(transaction, "alice", CHANGE, keeps_copy=False)
    own_forwards.keep_copy(transaction, "alice", CHANGE, keeps_copy=False)
    thief = asked(transaction, "thief@far.test")
    own_forwards.delete(transaction, "alice", ELSEWHERE, CHANGE)
    news = inbox(transaction)
    sentences = [each.partition("\r\n\r\n")[2].splitlines()[:2] for each in news]
    assert sentences == [
        ["Alice@elsewhere.test is asked whether your mail may be sent on to it. Nothing is sent before it confirms.",
         "Your mail is sent on to nobody."],
        ["Alice@elsewhere.test has confirmed: your mail is sent on to it.",
         "Your mail is sent on to Alice@elsewhere.test, and is kept here, too."],
        ["What is sent on is not kept here.", "Your mail is sent on to Alice@elsewhere.test, and is not kept here."],
        ["thief@far.test is asked whether your mail may be sent on to it. Nothing is sent before it confirms.",
         "Your mail is sent on to Alice@elsewhere.test, and is not kept here."],
        ["Your mail is not sent on to Alice@elsewhere.test any more.", "Your mail is sent on to nobody."],
    ]  # fmt: skip
    assert all("Changed by alice, on the web from 192.0.2.1." in each for each in news)
    told = [each.address for each in in_queue(transaction) if b"has changed" in each.octets]
    assert told == ["Alice@elsewhere.test"] * 4
    own_forwards.confirm(transaction, thief, CHANGE, WEB)


def test_whose_mailbox_can_take_no_news_has_no_forward_but_ends_one(transaction: Transaction, alice: Account) -> None:
    confirmed(transaction)
    transaction.execute("UPDATE account SET quota_octets = 1")
    transaction.commit()
    with pytest.raises(QuotaExceeded):
        asked(transaction, "thief@far.test")
    transaction.rollback()
    own_forwards.delete(transaction, "alice", ELSEWHERE, CHANGE)
    assert own_forwards.list_all(transaction, "alice").forwards == []


def test_every_change_is_in_the_audit(transaction: Transaction, alice: Account) -> None:
    confirmed(transaction)
    own_forwards.keep_copy(transaction, "alice", CHANGE, WEB, keeps_copy=False)
    own_forwards.delete(transaction, "alice", ELSEWHERE, CHANGE, WEB)
    lines = [(each.account, each.door, each.peer, each.status, each.command) for each in audit.list_lines(transaction)]
    assert lines == [
        ("alice", "web", "192.0.2.1", 0, f"user forward {words}")
        for words in (
            f"delete alice {ELSEWHERE}",
            "copy alice off",
            "confirm alice Alice@elsewhere.test",
            "add alice Alice@elsewhere.test",
        )
    ]


def test_confirmed_forward_is_not_asked_again_and_ends(transaction: Transaction, alice: Account) -> None:
    confirmed(transaction)
    with pytest.raises(ForwardExists):
        own_forwards.add(transaction, "alice", "alice@ELSEWHERE.test", CHANGE)
    own_forwards.delete(transaction, "alice", "alice@elsewhere.test", CHANGE)
    with pytest.raises(ForwardNotFound):
        own_forwards.delete(transaction, "alice", ELSEWHERE, CHANGE)
    assert targets(transaction) == [FolderTarget]


def test_disabled_account_has_nothing_sent_on(transaction: Transaction, alice: Account) -> None:
    confirmed(transaction)
    disable_account(transaction, alice.id)
    assert not isinstance(looked_up(transaction, "alice@example.org")[0], tuple)
