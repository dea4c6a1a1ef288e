"""Fixtures of the proxy's tests: `plain` and `secure`, a site each, and `way_out`, the proxy as a member's URL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_tests.clients.conftest import home, program
from integration_tests.proxy.site import Page, Site, secure_site, site
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack

__all__ = ["home", "program"]  # programs of this machine, run as in clients/

LARGE = bytes(range(256)) * 40_000  # 10 MB
PAGES = {
    "/": Page(b"<!doctype html><title>A site</title><p>Tea at four"),
    "/large": Page(LARGE, "application/octet-stream"),
    "/moved": Page(b"", status=302, headers={"Location": "/"}),
    "/bye": Page(b"and off", "text/plain", headers={"Connection": "close"}),
}


@pytest.fixture
def plain(stack: Stack) -> Iterator[Site]:
    with site(stack.here, PAGES) as made:
        yield made


@pytest.fixture
def secure(stack: Stack, tmp_path: Path) -> Iterator[Site]:
    with secure_site(stack.here, PAGES, tmp_path) as made:
        yield made


@pytest.fixture
def way_out(stack: Stack, member: Member) -> str:
    """http://member:password@proxy:port, as programs want it."""
    host, port = stack.http_proxy
    return f"http://{member.name}:{member.password}@{host}:{port}"
