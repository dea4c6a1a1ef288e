"""Return addresses of what is forwarded: they come back as the first sender, and nobody else can make them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.mail.errors import ReturnAddressExpired, ReturnAddressForged
from shared.mail.mailbox import Mailbox, parse_mailbox
from shared.mail.srs import GOOD_FOR_DAYS, first_sender, return_address

NOW = datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC)
SECRET = b"a secret of this installation...."
SENDERS = ("ann@x.test", "Ann.Lee+tea=4@x.test", '"ann lee"@x.test', "jürgen@x.test", "ann@[192.0.2.1]", "a=b=c@x.test")


def made(sender: str, now: datetime = NOW, domain: str = "here.test") -> Mailbox:
    return return_address(parse_mailbox(sender), domain, SECRET, now)


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("days", [0, 1, GOOD_FOR_DAYS])
def test_return_address_leads_to_the_first_sender(sender: str, days: int) -> None:
    address = parse_mailbox(made(sender).text)
    assert address.domain == "here.test"
    assert first_sender(address.local_part, SECRET, NOW + timedelta(days=days)) == parse_mailbox(sender)


@pytest.mark.parametrize("days", [GOOD_FOR_DAYS + 1, 500, -1])
def test_old_return_address_leads_nowhere(days: int) -> None:
    with pytest.raises(ReturnAddressExpired):
        first_sender(made("ann@x.test").local_part, SECRET, NOW + timedelta(days=days))


def test_case_may_change_on_the_way() -> None:
    address = made("ann@x.test").local_part
    for spelling in (address.lower(), address.upper()):
        assert first_sender(spelling, SECRET, NOW).text.lower() == "ann@x.test"


def test_what_another_server_has_forwarded_grows_once() -> None:
    first = made("ann@x.test", domain="one.test")
    second = return_address(first, "two.test", SECRET, NOW)
    third = return_address(second, "three.test", b"another", NOW)
    assert second.local_part.startswith("SRS1=")
    assert len(third.local_part) == len(second.local_part)
    assert first_sender(second.local_part, SECRET, NOW) == first
    assert first_sender(third.local_part, b"another", NOW) == first  # past the second one


@pytest.mark.parametrize(
    "local_part",
    [
        "SRS0=AAAAAAAA=AA=x.test=ann",
        "SRS0=x.test=ann",
        "SRS0=",
        "SRS0====",
        "SRS0=A=A0=x.test=ann",
        "SRS1=AAAAAAAA=one.test==AAAAAAAA=AA=x.test=ann",
        "SRS1=one.test=",
        "SRS2=AAAAAAAA=AA=x.test=ann",
        "SRS0=" + "A" * 500,
    ],
    ids=lambda text: text[:16],
)
def test_forged_return_address_is_told(local_part: str) -> None:
    with pytest.raises(ReturnAddressForged):
        first_sender(local_part, SECRET, NOW)


@pytest.mark.parametrize("old", ["x.test", "=ann", "SRS0"])
def test_changed_return_address_is_forged(old: str) -> None:
    new = {"x.test": "y.test", "=ann": "=ben", "SRS0": "SRS1"}[old]
    changed = made("ann@x.test").local_part.replace(old, new)
    with pytest.raises(ReturnAddressForged):
        first_sender(changed, SECRET, NOW)


def test_sender_whose_return_address_is_too_long_has_none() -> None:
    assert made("a" * 500 + "@x.test") == Mailbox("", "")
