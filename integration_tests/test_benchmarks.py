"""The benchmarks find the jobs that are asked for, start servers anew where memory counts, and measure what happens."""

from __future__ import annotations

import socketserver
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from integration_tests.benchmarks.growth import Growth
from integration_tests.benchmarks.jobs.catalogue import GROUPS, JOBS, jobs_named
from integration_tests.benchmarks.peer import peer_server
from integration_tests.benchmarks.server import Server
from shared.testing.eventually import eventually

ROOT = Path(__file__).parents[1]
MB = 1_000_000
GROWING = f"""
import sys
import threading
print(flush=True)
sys.stdin.readline()
kept = b"x" * (50 * {MB})
print(flush=True)
sys.stdin.read()
"""


def _server(process: subprocess.Popen[bytes]) -> Server:
    return Server("grows", "127.0.0.1", 0, 0, 0, "localhost", "u%03d", "", roots=lambda: [process.pid])


def test_attacks_are_tried_only_when_they_are_asked_for() -> None:
    assert not [job.name for job in jobs_named([]) if job.group]
    assert {job.name for job in jobs_named(["abuse"])} == {name for name in JOBS if name.startswith("abuse-")}
    assert [job.name for job in jobs_named(["idle", "abuse-long-boundary"])] == ["idle", "abuse-long-boundary"]
    assert GROUPS == ("abuse",)


def test_the_help_needs_no_development_packages() -> None:
    """Those are installed for a run, not for its help (./agora)."""
    program = "import sys; sys.modules['asyncssh'] = None; import integration_tests.benchmarks.command"
    done = subprocess.run([sys.executable, "-c", program, "--help"], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr


def test_a_job_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        jobs_named(["teapot"])


def test_growth_is_what_the_process_takes_meanwhile() -> None:
    with subprocess.Popen([sys.executable, "-c", GROWING], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        with Growth(_server(process)) as growth:
            process.stdin.write(b"\n")
            process.stdin.flush()
            process.stdout.readline()
        process.stdin.close()
    assert growth.most is not None
    assert 50 * MB <= growth.most < 60 * MB


def test_a_peer_is_started_anew_by_the_command_that_does_it(tmp_path: Path) -> None:
    mark = tmp_path / "started"
    peer = peer_server("127.0.0.1:1,2,3", "u%03d@local.test", "pw", [], "peer", f"touch {mark}")
    peer.start_anew()
    eventually(mark.exists, "the command has run")


def test_a_peer_without_such_a_command_stays_as_it_is() -> None:
    assert peer_server("127.0.0.1:1,2,3", "u%03d@local.test", "pw", [], "peer").renew is None


class _NoTunnels(socketserver.StreamRequestHandler):
    """A proxy that answers as many octets as the path says, and refuses CONNECT with a page."""

    def handle(self) -> None:
        while request := self.rfile.readline():
            while self.rfile.readline() not in (b"\r\n", b""):
                pass
            method, target = request.split(b" ")[:2]
            if method == b"CONNECT":
                page = b"<html>" + b"no tunnels here. " * 100
                self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n%b" % (len(page), page))
                return
            octets = int(target.rpartition(b"/")[2])
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (octets, b"x" * octets))


def test_a_figure_that_a_peer_refuses_is_left_out_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _NoTunnels) as proxy:
        proxy.daemon_threads = True
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        peer = Server("peer", "127.0.0.1", 0, 0, 0, "localhost", "u%03d", "", proxy_port=proxy.server_address[1])
        figures = {figure.what for figure in JOBS["http-proxy"].run(peer, 0.01)}
        proxy.shutdown()
    assert {"1 KB", "100 KB", "10 MB"} <= figures
    assert not [what for what in figures if "CONNECT" in what or "tunnel" in what]
    assert capsys.readouterr().err.splitlines() == [
        "10 MB through CONNECT: peer does not answer: HTTP/1.1 403 Forbidden",
        "new tunnels: peer does not answer: HTTP/1.1 403 Forbidden",
    ]
