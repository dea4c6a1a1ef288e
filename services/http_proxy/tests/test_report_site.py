"""The reports are read by administrators that sign in, and by nobody else."""

from __future__ import annotations

import base64
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from services.http_proxy.report_page import ReportPage
from services.http_proxy.report_site import AdminsOnly, report_site
from services.http_proxy.settings import ProxySettings
from shared.accounts.account import Role
from shared.accounts.lock_out import LockOutRules
from shared.accounts.sign_in import SignIn
from shared.database.database import Database
from shared.events.bus import Bus
from shared.testing.builders import an_account, verifiers_of
from shared.testing.reactor import running_reactor, wait_for
from shared.testing.serving import serving

PASSWORD = "tea at four o'clock"
LOCKED_AFTER = LockOutRules().failures_per_network


@pytest.fixture
def port(database: Database, bus: Bus) -> Iterator[int]:
    verifiers = verifiers_of(PASSWORD)
    wait_for(lambda: database.transact(an_account, "alice", verifiers=verifiers))
    wait_for(lambda: database.transact(an_account, "root", Role.ADMIN, verifiers=verifiers))
    sign_in = SignIn(database, bus.redis, running_reactor(), ProxySettings())
    site: Any = report_site(ReportPage(database, AdminsOnly(sign_in).check))
    with serving(site) as opened:
        yield opened


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def asked(port: int, path: str, authorization: str | None = None) -> tuple[int, Any]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}")
    if authorization is not None:
        request.add_header("Authorization", authorization)
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, response.headers
    except urllib.error.HTTPError as error:
        return error.code, error.headers


@pytest.mark.parametrize("path", ["/proxy/", "/proxy/usage.json", "/proxy/usage.csv", "/proxy/words.json", "/"])
def test_an_administrator_reads_every_report(port: int, path: str) -> None:
    assert asked(port, path, basic("root", PASSWORD))[0] == 200


@pytest.mark.parametrize("path", ["/proxy/", "/proxy/usage.json", "/proxy/usage.csv", "/proxy/words.json"])
def test_others_read_none(port: int, path: str) -> None:
    status, headers = asked(port, path)
    assert (status, headers["WWW-Authenticate"]) == (401, 'Basic realm="Agora reports", charset="UTF-8"')
    assert asked(port, path, basic("root", "wrong"))[0] == 401
    assert asked(port, path, basic("alice", PASSWORD))[0] == 403


@pytest.mark.parametrize("nonsense", ["", "Basic", "Basic é", "Basic " + "x" * 5000, "Bearer x", "Basic bm9jb2xvbg=="])
def test_a_request_without_credentials_is_asked_for_them_and_counts_as_no_guess(port: int, nonsense: str) -> None:
    for _ in range(3):
        assert asked(port, "/proxy/", nonsense)[0] == 401
    assert asked(port, "/proxy/", basic("root", PASSWORD))[0] == 200


def test_guessing_is_ended_by_the_lock_out(port: int) -> None:
    statuses = [asked(port, "/proxy/", basic(f"root{number}", "wrong"))[0] for number in range(LOCKED_AFTER)]
    assert statuses[0] == 401
    assert asked(port, "/proxy/", basic("root", PASSWORD))[0] == 429


def test_nothing_else_is_there(port: int) -> None:
    for path in ("/metrics", "/readyz", "/proxy/other", "/proxy/../etc/passwd"):
        assert asked(port, path, basic("root", PASSWORD))[0] == 404
