"""Lock-outs, seen and ended by administrators on the web."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from services.wiki.tests.web import Web
from shared.accounts.lockout_keys import LOCK, LockoutPlace
from shared.accounts.redis_tallies import RedisTallies
from shared.testing.reactor import wait_for
from shared.testing.until import until


@pytest.fixture
def locked(web: Web, patient_tallies: None) -> Web:
    """Alice is locked out from two networks."""
    redis, clock = web.parts.bus.redis, web.parts.database.clock
    assert redis is not None
    wait_for(partial(until, lambda: redis.is_connected))
    tallies = RedisTallies(redis, clock)
    ends_ms = int((clock.seconds() + 600) * 1000)
    for network in ("192.0.2.7", "2001:db8::/64"):
        key = LockoutPlace(network, "alice").key(LOCK)
        wait_for(partial(tallies.put, key, ends_ms, timedelta(minutes=10)))
    return web


def test_lock_outs_are_listed_and_ended(locked: Web) -> None:
    root = locked.browser("root")
    page = root.get("/admin/lockouts").text
    assert "192.0.2.7" in page
    assert "2001:db8::/64" in page
    form = {"csrf": root.csrf("/admin/lockouts"), "account": "alice", "network": "2001:db8::/64"}
    got = root.post("/admin/lockouts", form)
    assert got.fields["location"] == "/admin/lockouts?ended=1"
    page = root.get("/admin/lockouts?ended=1").text
    assert "1 lock-out ended." in page
    assert "2001:db8::/64" not in page
    assert "192.0.2.7" in page
    assert root.post("/admin/lockouts", {"csrf": form["csrf"]}).fields["location"] == "/admin/lockouts?ended=1"
    assert "Nobody is locked out." in root.get("/admin/lockouts").text
    assert locked.transaction.value("SELECT count(*) FROM command_audit WHERE command LIKE 'user unlock%%'") == 2


def test_ending_them_needs_the_sessions_token(locked: Web) -> None:
    assert locked.browser("root").post("/admin/lockouts", {}).status == 403
