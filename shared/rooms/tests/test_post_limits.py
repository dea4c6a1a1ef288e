"""Nobody posts more in an hour than an account, or a network of strangers, may."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from shared.accounts.account import Account, Role
from shared.rooms.errors import TooManyPosts
from shared.rooms.posts.post_limits import HOUR, PostLimits
from shared.rooms.reader import STRANGER, Reader

ALICE, BOB = (Reader(Account(number, name, Role.MEMBER, True, None)) for number, name in ((1, "alice"), (2, "bob")))


async def test_an_account_has_a_number_of_posts_an_hour_wherever_it_posts_from() -> None:
    clock = Clock()
    limits = PostLimits(clock, of_account=3, of_network=1)
    for host in ("192.0.2.1", "192.0.2.2", "127.0.0.1"):
        await limits.count(ALICE, host)
    with pytest.raises(TooManyPosts):
        await limits.count(ALICE, "192.0.2.1")
    await limits.count(BOB, "192.0.2.1")
    clock.advance(HOUR.total_seconds() + 1)
    await limits.count(ALICE, "192.0.2.1")


async def test_strangers_of_a_network_are_counted_together_and_this_machine_is_not() -> None:
    limits = PostLimits(Clock(), of_account=1, of_network=2)
    await limits.count(STRANGER, "2001:db8::1")
    await limits.count(STRANGER, "2001:db8::2")
    with pytest.raises(TooManyPosts):
        await limits.count(STRANGER, "2001:db8::3")
    await limits.count(STRANGER, "2001:db8:1::1")
    for _ in range(5):
        await limits.count(STRANGER, "127.0.0.1")
        await limits.count(STRANGER, "")
