"""The proxy while the store or Redis is away: it goes on with what it knows, and tells later what it counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from integration_tests.proxy.site import Page, Site, site
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from shared.testing.eventually import eventually

LARGE = bytes(range(256)) * 40_000  # 10 MB
PAGES = {"/": Page(b"<p>Tea at four", "text/html"), "/large": Page(LARGE, "application/octet-stream")}
COUNTED_WITHIN = timedelta(seconds=40)  # usage is written every 5 s


@pytest.fixture
def served(mortal: Stack) -> Iterator[Site]:
    with site(mortal.here, PAGES) as made:
        yield made


def going_out(member: Member) -> httpx.Client:
    host, port = member.stack.http_proxy
    return httpx.Client(proxy=f"http://{member.name}:{member.password}@{host}:{port}", trust_env=False, timeout=30)


def requests_of(member: Member) -> int:
    told = member.stack.agora("proxy", "report", "usage", "--json")
    assert told.returncode == 0, told.stderr
    return sum(row["requests"] for row in json.loads(told.stdout) if row["account"] == member.name)


def test_without_the_store_whoever_was_signed_in_goes_on(mortal: Stack, served: Site) -> None:
    known, unknown = mortal.new_member("known"), mortal.new_member("unknown")
    with going_out(known) as client:
        assert client.get(served.url("/")).status_code == 200
        with mortal.without("postgres"):
            for _ in range(20):
                assert client.get(served.url("/")).content == PAGES["/"].body
            with going_out(known) as another:
                assert another.get(served.url("/large")).content == LARGE
            with going_out(unknown) as stranger:
                refused = stranger.get(served.url("/"))
                assert (refused.status_code, refused.headers.get("Retry-After", "").isdigit()) == (503, True)
        assert client.get(served.url("/")).status_code == 200
    eventually(lambda: requests_of(known) == 23, "what was counted meanwhile is in the report", COUNTED_WITHIN)


def test_without_redis_nobody_notices(mortal: Stack, served: Site) -> None:
    member = mortal.new_member()
    with mortal.without("redis"), going_out(member) as client:
        assert client.get(served.url("/")).status_code == 200
        blocked = mortal.agora("proxy", "rules", "block", mortal.here)
        assert blocked.returncode == 0, blocked.stderr
        eventually(lambda: client.get(served.url("/")).status_code == 403, "the rule is known by the next poll")
        assert mortal.agora("proxy", "rules", "remove", mortal.here).returncode == 0
        eventually(lambda: client.get(served.url("/")).status_code == 200, "and that it is gone")
