"""The access log: Squid's native format, hosts only, and nothing at all unless it is asked for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.http_proxy.access_log import AccessLog
from services.http_proxy.settings import ProxySettings
from services.http_proxy.tests.clients import Client
from services.http_proxy.tests.proxies import Running, proxy
from shared.runtime.gathered_log import GATHERED_CHARACTERS
from shared.runtime.log_file import LogFile
from shared.testing.eventually import eventually
from shared.testing.origins import always, origin
from shared.testing.reactor import running_reactor, wait_for

PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
# As the documentation of Squid has it: `%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt`.
NATIVE = re.compile(r"\d+\.\d{3} +\d+ \S+ [A-Z_]+/\d{3} \d+ [A-Z]+ \S+ \S+ [A-Z_]+/\S+ \S+")


def logging(running: Running, path: Path, *, paths: bool = False) -> AccessLog:
    log = AccessLog(LogFile(path, 0, 1), running_reactor(), {7: "alice"}.get, paths=paths)
    running.parts.gate.access_log = log
    return log


def lines(log: AccessLog, path: Path, count: int) -> list[str]:
    def written() -> list[str] | None:
        found = path.read_text().splitlines()
        return found if len(found) >= count else None

    found = eventually(written, f"{count} lines")
    assert all(NATIVE.fullmatch(line) for line in found)
    wait_for(log.close)
    return found


def test_line_has_the_host_and_neither_path_nor_query(tmp_path: Path) -> None:
    with origin(always(PAGE)) as web, proxy() as running:
        log = logging(running, tmp_path / "access.log")
        with Client(running.port) as client:
            client.get(f"http://{web.authority}/private/page?secret=1")
            assert client.answer().status == 200
        (line,) = lines(log, tmp_path / "access.log", 1)
    assert line.split()[2:] == [
        "127.0.0.1", "TCP_MISS/200", "5", "GET", f"http://{web.authority}/", "-", "HIER_DIRECT/127.0.0.1", "-",
    ]  # fmt: skip


def test_path_is_written_if_that_is_asked_for_and_the_query_never_is(tmp_path: Path) -> None:
    with origin(always(PAGE)) as web, proxy() as running:
        log = logging(running, tmp_path / "access.log", paths=True)
        with Client(running.port) as client:
            client.get(f"http://{web.authority}/private/page?secret=1")
            client.answer()
        (line,) = lines(log, tmp_path / "access.log", 1)
    assert line.split()[6] == f"http://{web.authority}/private/page?"


def test_tunnels_refusals_and_failures_have_their_results(tmp_path: Path) -> None:
    with origin(lambda web, visit: visit.send(visit.read(4))) as web, proxy() as running:
        log = logging(running, tmp_path / "access.log")
        with Client(running.port) as client:
            client.send(f"CONNECT {web.authority} HTTP/1.1\r\nHost: {web.authority}\r\n\r\n".encode())
            assert client.answer("CONNECT").status == 200
            client.send(b"ping")
            assert client.rest() == b"ping"
        with Client(running.port) as client:
            client.get("http://10.1.2.3/")
            assert client.answer().status == 403
            client.get("http://nowhere.invalid/")
            client.answer()
        found = lines(log, tmp_path / "access.log", 3)
    tunnel, refused, failed = (line.split() for line in sorted(found, key=lambda line: float(line.split()[0])))
    assert tunnel[3:8] == ["TCP_TUNNEL/200", "4", "CONNECT", web.authority, "-"]
    assert refused[3] == "TCP_DENIED/403"
    assert refused[8] == "HIER_NONE/-"
    assert failed[3].startswith("NONE/50")


def test_lines_are_gathered_and_bounded_while_they_wait(tmp_path: Path) -> None:
    with origin(always(PAGE)) as web, proxy() as running:
        log = logging(running, tmp_path / "access.log")
        with Client(running.port) as client:
            for _ in range(50):
                client.get(f"http://{web.authority}/")
                client.answer()
        assert log._characters < GATHERED_CHARACTERS
        assert len(lines(log, tmp_path / "access.log", 50)) == 50


def test_it_is_off_unless_a_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ProxySettings().http_proxy_access_log is None
    monkeypatch.setenv("AGORA_HTTP_PROXY_ACCESS_LOG", "off")
    assert ProxySettings().http_proxy_access_log is None
    monkeypatch.setenv("AGORA_HTTP_PROXY_ACCESS_LOG", str(tmp_path / "access.log"))
    monkeypatch.setenv("AGORA_HTTP_PROXY_ACCESS_LOG_PATHS", "on")
    settings = ProxySettings()
    assert settings.http_proxy_access_log == tmp_path / "access.log"
    assert settings.http_proxy_access_log_paths
    monkeypatch.setenv("AGORA_HTTP_PROXY_ACCESS_LOG", str(tmp_path / "nowhere" / "access.log"))
    with pytest.raises(ValidationError, match="directory that is not there"):
        ProxySettings()
