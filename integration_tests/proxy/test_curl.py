"""curl goes out: plain, through a tunnel, over TLS to the proxy; and is told why when it may not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from integration_tests.clients.program import Program
from integration_tests.proxy.conftest import LARGE
from integration_tests.proxy.site import Site
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from shared.testing.eventually import eventually


@pytest.fixture
def curl(program: Callable[[str], Program]) -> Program:
    return program("curl")


def status_of(curl: Program, *arguments: str) -> str:
    return curl.run("--silent", "--output", "/dev/null", "--write-out", "%{http_code}", *arguments).output.decode()


def test_pages_come_as_they_are(curl: Program, plain: Site, way_out: str) -> None:
    both = curl.succeed("--silent", "--proxy", way_out, plain.url("/large"), plain.url("/"))
    assert both == LARGE + plain.pages["/"].body
    assert [seen.headers.get("Proxy-Authorization") for seen in plain.seen] == [None, None]
    assert all("agora" in seen.headers["Via"].lower() or seen.headers["Via"].startswith("1.1 ") for seen in plain.seen)


def test_what_is_sent_arrives_as_it_is(curl: Program, plain: Site, way_out: str) -> None:
    file = curl.write("large", LARGE)
    curl.succeed("--silent", "--proxy", way_out, "--data-binary", f"@{file}", plain.url("/"))
    assert (plain.seen[-1].method, plain.seen[-1].body) == ("POST", LARGE)


def test_through_a_tunnel_to_a_site_with_tls(curl: Program, secure: Site, way_out: str) -> None:
    assert secure.ca_file is not None
    found = curl.succeed("--silent", "--proxy", way_out, "--cacert", secure.ca_file, secure.url("/large"))
    assert found == LARGE


def test_over_tls_to_the_proxy(curl: Program, plain: Site, stack: Stack, member: Member) -> None:
    host, port = stack.http_proxy_tls
    page = curl.succeed(
        *("--silent", "--proxy", f"https://{host}:{port}", "--proxy-cacert", stack.ca_file),
        *("--proxy-user", f"{member.name}:{member.password}", plain.url("/")),
    )
    assert page == plain.pages["/"].body


def test_strangers_are_asked_to_sign_in(curl: Program, plain: Site, stack: Stack, member: Member) -> None:
    host, port = stack.http_proxy
    assert status_of(curl, "--proxy", f"http://{host}:{port}", plain.url("/")) == "407"
    wrong = f"http://{member.name}:wrong@{host}:{port}"
    assert status_of(curl, "--proxy", wrong, plain.url("/")) == "407"
    assert not plain.seen


@pytest.mark.parametrize("address", ["169.254.169.254", "[fd00:ec2::254]", "0.0.0.0", "[::]", "224.0.0.1"])
def test_what_is_not_out_there_is_not_reached(curl: Program, way_out: str, address: str) -> None:
    assert status_of(curl, "--proxy", way_out, f"http://{address}/") == "403"


def test_tunnels_lead_to_listed_ports_only(curl: Program, plain: Site, way_out: str) -> None:
    finished = curl.run("--silent", "--show-error", "--proxytunnel", "--proxy", way_out, plain.url("/"))
    assert (finished.status, b"403" in finished.errors) == (56, True), finished.text
    assert not plain.seen


def test_a_rule_holds_as_soon_as_the_proxy_has_read_it(curl: Program, plain: Site, way_out: str, stack: Stack) -> None:
    assert status_of(curl, "--proxy", way_out, plain.url("/")) == "200"
    made = stack.agora("proxy", "rules", "block", stack.here)
    assert made.returncode == 0, made.stderr
    try:
        eventually(lambda: status_of(curl, "--proxy", way_out, plain.url("/")) == "403", "the rule holds")
    finally:
        stack.agora("proxy", "rules", "remove", stack.here)
    eventually(lambda: status_of(curl, "--proxy", way_out, plain.url("/")) == "200", "the rule is gone")


def test_requests_in_a_row_share_one_connection(curl: Program, plain: Site, way_out: str) -> None:
    urls = [plain.url(f"/?{number}") for number in range(20)]
    finished = curl.succeed("--silent", "--proxy", way_out, "--write-out", "\n%{num_connects}\n", *urls)
    assert finished.count(b"Tea at four") == 20
    assert [int(line) for line in finished.split(b"\n") if line.isdigit()] == [1] + [0] * 19
