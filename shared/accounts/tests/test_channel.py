"""The octets that accounts' news travel as."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.accounts.channel import ACCOUNTS, NO_ACCOUNT, AccountChanged, DomainsChanged


@given(st.lists(st.integers(1, 2**62), min_size=1))
def test_each_account_arrives_once(accounts: list[int]) -> None:
    message = ACCOUNTS.write(map(AccountChanged, accounts))
    assert [account_id for _, account_id in ACCOUNTS.read(message)] == sorted(set(accounts))


@given(st.binary())
def test_any_message_can_be_read(message: bytes) -> None:
    list(ACCOUNTS.read(message))


def test_the_octets_are_those_of_other_releases() -> None:
    assert ACCOUNTS.write([AccountChanged(12), DomainsChanged(), AccountChanged(7)]) == b"0,7,12"
    assert [account_id for _, account_id in ACCOUNTS.read(b"1,,x,0")] == [1, NO_ACCOUNT]
