"""The service as it runs: its doors, its settings, TLS to itself, and who stands behind a load balancer."""

from __future__ import annotations

import base64
import json
import os
import signal
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from services.http_proxy.own_addresses import OwnAddresses
from services.http_proxy.pac import proxy_script
from services.http_proxy.settings import ProxySettings
from services.http_proxy.tests.clients import Client
from services.http_proxy.tests.proxies import proxy
from services.http_proxy.via import passed_through, pseudonym_of
from shared.database.database import Database
from shared.runtime.tests.running import START
from shared.testing.builders import an_account, verifiers_of
from shared.testing.certificates import server_options
from shared.testing.eventually import eventually
from shared.testing.origins import OK, always, origin
from shared.testing.reactor import call_in_reactor, wait_for

ROOT = Path(__file__).parents[3]


def over_tls(client: Client) -> None:
    """Shake hands, on the connection that there is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    client.socket = context.wrap_socket(client.socket)


def test_tls_to_the_proxy_itself() -> None:
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + b"x" * 3_000_000
    with origin(always(body)) as web, proxy(tls_options=server_options()) as running, Client(running.port) as client:
        over_tls(client)
        for _ in range(2):
            client.get(f"http://{web.authority}/")
            assert len(client.answer().body) == 3_000_000
        client.send(f"CONNECT {web.authority} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert client.answer("CONNECT").status == 200
        client.send(b"GET / HTTP/1.1\r\n\r\n")
        assert len(client.answer().body) == 3_000_000


@pytest.mark.parametrize("tls", [False, True])
def test_a_trusted_proxy_tells_who_it_is(tls: bool) -> None:
    options = server_options() if tls else None
    running_proxy = proxy(trusted_proxies=["127.0.0.0/8"], tls_options=options)
    with origin(always(OK)) as web, running_proxy as running, Client(running.port) as client:
        client.send(b"PROXY TCP4 127.0.0.9 192.0.2.2 1 3128\r\n")
        if tls:
            over_tls(client)
        client.get(f"http://{web.authority}/")
        assert client.answer().status == 200
        assert call_in_reactor(lambda: [each.peer.host for each in running.factory.conversations()]) == ["127.0.0.9"]


def test_who_is_not_trusted_cannot_say_who_it_is() -> None:
    with proxy() as running, Client(running.port) as client:
        client.send(b"PROXY TCP4 127.0.0.9 192.0.2.2 1 3128\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.answer().status == 400


def test_garbage_instead_of_a_proxy_header_is_cut_off() -> None:
    with proxy(trusted_proxies=["127.0.0.0/8"]) as running, Client(running.port) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            client.more()


@contextmanager
def service(directory: Path, **settings: str) -> Iterator[dict[str, int]]:
    """The service as a process of its own; its ports by door."""
    ports_file = directory / "ports.json"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AGORA_")} | {
        "AGORA_PORTS_FILE": str(ports_file),
        "AGORA_CERTIFICATE_DIRECTORY": str(directory / "certificates"),
        "AGORA_HTTP_PROXY_ENDPOINTS": "tcp:0:interface=127.0.0.1",
        "AGORA_HTTP_PROXY_TLS_ENDPOINTS": "tcp:0:interface=127.0.0.1",
        "AGORA_HTTP_PROXY_REPORT_ENDPOINTS": "tcp:0:interface=127.0.0.1",
        "AGORA_HTTP_PROXY_ALLOWED_NETWORKS": "127.0.0.0/8",
        **settings,
    }
    process = subprocess.Popen([sys.executable, "-m", "services.http_proxy"], cwd=ROOT, env=environment)
    try:
        eventually(lambda: ports_file.exists() or process.poll() is not None, "the service started", START)
        yield {name: port_of(places[0]) for name, places in json.loads(ports_file.read_text())["doors"].items()}
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()


def port_of(place: str) -> int:
    """The port in an entry of the ports file."""
    return int(place.rpartition(":")[2])


def test_the_service_serves(tmp_path: Path, database: Database, database_url: str, redis_url: str) -> None:
    verifiers = verifiers_of("tea at four")
    account = wait_for(lambda: database.transact(an_account, "alice", verifiers=verifiers))
    access_log = tmp_path / "access.log"
    stack = {
        "AGORA_DATABASE_URL": database_url,
        "AGORA_REDIS_URL": redis_url,
        "AGORA_HTTP_PROXY_ACCESS_LOG": str(access_log),
    }
    credentials = base64.b64encode(b"alice:tea at four").decode()
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 22\r\n\r\n<p>marmalade marmalade"
    with origin(always(page)) as web, service(tmp_path, **stack) as doors:
        for name in ("http_proxy", "http_proxy_tls"):
            with Client(doors[name]) as client:
                if name == "http_proxy_tls":
                    over_tls(client)
                client.get(f"http://{web.authority}/")
                assert client.answer().status == 407
                client.get(f"http://{web.authority}/", f"Proxy-Authorization: Basic {credentials}")
                assert client.answer().body.startswith(b"<p>")
                client.get("http://10.0.0.1/", f"Proxy-Authorization: Basic {credentials}")
                assert client.answer().status == 403
        for door, status in (("health", 404), ("http_proxy_report", 401)):
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(f"http://127.0.0.1:{doors[door]}/proxy/usage.csv")
            assert refused.value.code == status
        strange = urllib.request.Request(f"http://127.0.0.1:{doors['health']}/metrics", headers={"Host": "a.example"})
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(strange)
        with urllib.request.urlopen(f"http://127.0.0.1:{doors['health']}/metrics") as metrics:
            numbers = metrics.read()
        assert b'agora_proxy_requests_total{status="2xx"} 2.0' in numbers
        assert b'agora_proxy_bytes_total{direction="out"}' in numbers
        assert b'agora_commands_total{door="http_proxy"}' not in numbers  # requests are no command lines

    taken = [line.split()[3:8] for line in access_log.read_text().splitlines() if "TCP_MISS" in line]
    assert taken == [["TCP_MISS/200", "22", "GET", f"http://{web.authority}/", "alice"]] * 2

    hosts = "SELECT host, sum(requests)::int FROM usage WHERE account_id = %s GROUP BY host"
    rows: Any = wait_for(lambda: database.read(lambda tx: tx.rows(hosts, (account.id,))))
    assert dict(rows) == {"10.0.0.1": 2, "127.0.0.1": 2}  # written when the service ended
    sums = "SELECT word, sum(times)::int FROM word GROUP BY word"
    words: Any = wait_for(lambda: database.read(lambda tx: tx.rows(sums)))
    assert words == [("marmalade", 4)]


def test_ports_of_the_stack_are_no_destinations(tmp_path: Path, database_url: str, redis_url: str) -> None:
    """Not even where loopback is allowed: the private port shows who went where."""
    stack = {"AGORA_DATABASE_URL": database_url, "AGORA_REDIS_URL": redis_url}
    stack |= {"AGORA_HTTP_PROXY_OPEN_NETWORKS": "127.0.0.0/8", "AGORA_HEALTH_ENDPOINTS": "tcp:0:interface=127.0.0.1"}
    with service(tmp_path, **stack) as doors:
        (tmp_path / "other").mkdir()
        with service(tmp_path / "other", **stack) as others, Client(others["http_proxy"]) as client:
            for port in others.values():
                client.get(f"http://127.0.0.1:{port}/proxy/usage.json")
                assert client.answer().status == 508
            for page in ("proxy/usage.json", "proxy/", "metrics", "readyz", "healthz"):
                client.get(f"http://127.0.0.1:{doors['health']}/{page}")  # of another process, by a plain request
                answer = client.answer()
                assert (answer.status, b"through a proxy" in answer.body) == (403, True)


def test_without_store_nobody_is_let_through(tmp_path: Path) -> None:
    away = {"AGORA_DATABASE_URL": "postgresql://agora@127.0.0.1:1/agora", "AGORA_REDIS_URL": "redis://127.0.0.1:1/0"}
    away["AGORA_HTTP_PROXY_OPEN_NETWORKS"] = "127.0.0.0/8"
    with origin(always(OK)) as web, service(tmp_path, **away) as doors:
        with Client(doors["http_proxy"]) as client:
            client.get(f"http://{web.authority}/")
            assert client.answer().status == 503
        assert web.heads == []


def test_settings_that_cannot_be_are_named() -> None:
    assert list(ProxySettings().connect_ports) == [443, 563, 8443]
    for wrong in ("https", "0", "65536", "-1"):
        with pytest.raises(ValueError, match="port numbers"):
            ProxySettings(http_proxy_connect_ports=(wrong,))


def test_our_own_addresses_are_known() -> None:
    addresses = OwnAddresses(
        ["tcp:3128:interface=127.0.0.1", "tcp:3129", "tcp6:3130:interface=\\:\\:1", "tcp:0", "unix:/x"]
    )
    assert addresses.is_own("127.0.0.1", 3128)
    assert not addresses.is_own("127.0.0.2", 3128)
    assert addresses.is_own("127.0.0.2", 3129)
    assert not addresses.is_own("192.0.2.1", 3129)
    assert addresses.is_own("::1", 3130)
    assert not addresses.is_own("127.0.0.1", 80)


def test_a_pseudonym_is_the_stacks_own() -> None:
    assert pseudonym_of("a", "b") == pseudonym_of("a", "b") != pseudonym_of("ab", "")
    assert passed_through([b"1.0 x, 1.1 agora-1 (c)"], b"agora-1")
    assert not passed_through([b"1.1 x (agora-1)", b"agora-1", b"1.1 agora-12"], b"agora-1")


def test_the_script_knows_who_is_reached_directly() -> None:
    script = proxy_script("proxy:3129", ["example.org"], secure=True).decode()
    assert 'host === "example.org" || dnsDomainIs(host, ".example.org")' in script
    assert 'return "HTTPS proxy:3129";' in script
