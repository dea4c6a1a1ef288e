"""`agora connect` as a program, before real servers: line ends, ends of either side, TLS, ranges of ports."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.command_line.operators.connect_client.line_ends import LineEnds
from shared.testing.certificates import self_signed
from shared.testing.closed_port import closed_port
from shared.testing.eventually import eventually
from shared.testing.undisturbed import undisturbed

ROOT = Path(__file__).parents[3]
Connection = socket.socket
BIG = bytes(range(256)) * 40_000


ALONE = "127.0.0.78"  # where no other test's server is connected to by a look at many ports


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


@contextlib.contextmanager
def serving(
    handle: Callable[[Connection], None], tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[int]:
    """A server whose connections `handle` answers; its port."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                handle(self.request if tls is None else tls.wrap_socket(self.request, server_side=True))

    with _Server((host, 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def agora(*arguments: Any, input: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "shared.command_line", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, input=input, capture_output=True, timeout=60)


def lines_of(received: list[bytes]) -> Callable[[Connection], None]:
    """Reads all that comes, until the other side has closed; says nothing."""

    def handle(connection: Connection) -> None:
        while piece := connection.recv(65536):
            received.append(piece)

    return handle


def echo(connection: Connection) -> None:
    while piece := connection.recv(65536):
        connection.sendall(piece)


def echo_of(octets: int) -> Callable[[Connection], None]:
    """Says so many octets again, and closes."""

    def handle(connection: Connection) -> None:
        left = octets
        while left > 0 and (piece := connection.recv(65536)):
            connection.sendall(piece)
            left -= len(piece)

    return handle


@pytest.mark.parametrize(
    ("options", "sent"),
    [((), b"a\r\nb\r\n\r\nc"), (("--raw",), b"a\nb\r\n\nc")],
)
def test_lines_go_out_with_crlf_unless_raw(options: tuple[str, ...], sent: bytes) -> None:
    with serving(echo_of(len(sent))) as port:
        done = agora("connect", "127.0.0.1", port, "--wait", 20, *options, input=b"a\nb\r\n\nc")
    assert (done.returncode, done.stdout) == (0, sent)
    assert done.stderr == b"Connected to 127.0.0.1 (127.0.0.1).\n"


def test_what_comes_is_shown_octet_by_octet() -> None:
    with serving(lambda connection: connection.sendall(BIG)) as port:
        done = agora("connect", "127.0.0.1", port)
    assert (done.returncode, done.stdout) == (0, BIG)


def test_more_is_sent_than_buffers_hold() -> None:
    with serving(echo_of(len(BIG))) as port:
        done = agora("connect", "127.0.0.1", port, "--raw", "--wait", 20, input=BIG)
    assert done.stdout == BIG


def test_it_ends_when_the_server_closes_though_the_input_goes_on() -> None:
    with serving(lambda connection: connection.sendall(b"bye\r\n")) as port:
        command = [sys.executable, "-m", "shared.command_line", "connect", "127.0.0.1", str(port)]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
            assert program.stdout is not None
            assert program.stdout.read() == b"bye\r\n"
            assert program.wait(30) == 0


def test_a_silent_server_is_left_some_time_after_the_end_of_the_input() -> None:
    received: list[bytes] = []
    with serving(lines_of(received)) as port:
        done = agora("connect", "127.0.0.1", port, "--wait", 0.2, input=b"hello\n")
        eventually(lambda: b"".join(received) == b"hello\r\n", "the line has come")
    assert done.returncode == 0


def test_ctrl_c_ends_it_without_a_traceback() -> None:
    with serving(echo) as port:
        command = [sys.executable, "-m", "shared.command_line", "connect", "127.0.0.1", str(port)]
        with subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as program:
            assert program.stderr is not None
            assert program.stderr.readline().startswith(b"Connected to")
            program.send_signal(signal.SIGINT)
            assert program.wait(30) == 1
            assert b"Traceback" not in program.stderr.read()


def test_nobody_there_is_a_sentence() -> None:
    with closed_port() as port:
        done = agora("connect", "127.0.0.1", port)
    assert done.returncode == 1
    assert done.stderr == b"agora: 127.0.0.1:%d: Connection refused\n" % port


@undisturbed  # each port is given three seconds
def test_one_port_is_tested() -> None:
    with serving(echo) as port:
        done = agora("connect", "127.0.0.1", port, "--test")
    assert (done.returncode, done.stdout) == (0, b"Connected to port %d.\n" % port)
    with closed_port() as port:
        done = agora("connect", "127.0.0.1", port, "--test")
    assert (done.returncode, done.stdout) == (1, b"Error connecting to port %d: Connection refused\n" % port)


@undisturbed
def test_of_a_range_the_open_ports_are_shown_in_order() -> None:
    with serving(echo, host=ALONE) as one, serving(echo, host=ALONE) as other:
        first, last = sorted((one, other))
        span = f"{max(1, first - 150)}-{min(65535, max(first + 150, min(last, first + 1000)))}"
        done = agora("connect", ALONE, span, "--test")
        shown = [int(port) for port in re.findall(rb"Connected to port (\d+)\.", done.stdout)]
        assert first in shown
        assert shown == sorted(shown)
        assert done.returncode == 0
    assert agora("connect", "127.0.0.1", "5-3", "--test").returncode == 2
    assert agora("connect", "127.0.0.1", "20-25").returncode == 2


@undisturbed
def test_the_certificate_is_shown_and_checked(tmp_path: Path) -> None:
    pair = self_signed("127.0.0.1")
    for name, octets in (("c.pem", pair.certificate), ("k.pem", pair.key)):
        (tmp_path / name).write_bytes(octets)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "c.pem", tmp_path / "k.pem")

    def whisper(connection: Connection) -> None:
        assert isinstance(connection, ssl.SSLSocket)
        connection.sendall(b"in secret")
        connection.unwrap()

    with serving(whisper, context) as port:
        trusted = agora("connect", "127.0.0.1", port, "--ca", tmp_path / "c.pem")
        refused = agora("connect", "127.0.0.1", port, "--tls")
        unchecked = agora("connect", "127.0.0.1", port, "--test", "--insecure")
    assert (trusted.returncode, trusted.stdout) == (0, b"in secret")
    assert refused.returncode == 1
    assert refused.stderr.endswith(b"certificate verify failed\n")
    assert re.fullmatch(
        rb"Connected to port \d+\. Certificate of 127\.0\.0\.1, until \d{4}-\d\d-\d\d \d\d:\d\d UTC\.\n",
        unchecked.stdout,
    )


@given(st.lists(st.text("a\r\n", max_size=4)))
def test_line_ends_do_not_depend_on_pieces(pieces: list[str]) -> None:
    ends = LineEnds()
    whole = "".join(pieces).encode()
    assert b"".join(ends.as_crlf(piece.encode()) for piece in pieces) == re.sub(rb"(?<!\r)\n", b"\r\n", whole)


def test_streams_of_the_shell_stay_as_they_were() -> None:
    reading, writing = os.pipe()
    with serving(lambda connection: None) as port:
        command = [sys.executable, "-m", "shared.command_line", "connect", "127.0.0.1", str(port)]
        subprocess.run(command, cwd=ROOT, stdin=reading, capture_output=True, timeout=60)
    assert os.get_blocking(reading)
    os.close(reading)
    os.close(writing)
