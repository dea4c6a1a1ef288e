"""`agora fetch` as a program: before nginx, and before servers that break off, never end or lead astray."""

from __future__ import annotations

import base64
import contextlib
import gzip
import http.server
import os
import pty
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.command_line.stack.ports import free_ports
from shared.testing.eventually import eventually

ROOT = Path(__file__).parents[3]
FILE = bytes(range(256)) * 2000
SECRET = b"tea-at-four"
Agora = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def agora(tmp_path: Path) -> Agora:
    def call(*arguments: Any, input: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "shared.command_line", *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), **environment},
            input=input,
            capture_output=True,
            timeout=60,
        )

    return call


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """nginx's address, with the file `file`, the text `text`, and `secret/` behind Basic."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("nginx is not installed")
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    for name, octets in (("file", FILE), ("text.html", b"tea and scones\n" * 1000), ("secret", b"only for alice\n")):
        (folder / name).write_bytes(octets)
    (folder / "users").write_text(f"alice:{{PLAIN}}{SECRET.decode()}\n")
    (port,) = free_ports(1)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(f"""
        {user} daemon off; pid {folder}/pid; error_log {folder}/log; events {{}}
        http {{
            access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/p;
            fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
            gzip on; gzip_min_length 1;
            server {{
                listen 127.0.0.1:{port}; root {folder};
                location = /secret {{ auth_basic "tea"; auth_basic_user_file {folder}/users; }}
                location = /moved {{ return 302 /text.html; }}
            }}
        }}""")
    with subprocess.Popen([program, "-e", f"{folder}/log", "-c", folder / "nginx.conf"]) as server:
        address = f"http://127.0.0.1:{port}"
        with contextlib.closing(socket.socket()):
            eventually(lambda: _answers(port), "nginx answers")
        yield address
        server.terminate()


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


@contextlib.contextmanager
def scripted(*answers: bytes | Callable[[http.server.BaseHTTPRequestHandler], None]) -> Iterator[tuple[str, list[Any]]]:
    """A server that gives each of `answers` in turn, the last for ever: octets to be sent, or a function."""
    asked: list[Any] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("content-length", 0))
            asked.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
            answer = answers[min(len(asked), len(answers)) - 1]
            self.close_connection = True
            with contextlib.suppress(OSError):
                if callable(answer):
                    answer(self)
                else:
                    self.wfile.write(answer)

        do_POST = do_GET

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


def test_a_page_goes_to_the_standard_output(nginx: str, agora: Agora) -> None:
    done = agora("fetch", f"{nginx}/moved")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"tea and scones\n" * 1000, b"")


def test_a_file_is_there_when_all_of_it_is(nginx: str, agora: Agora, tmp_path: Path) -> None:
    assert agora("fetch", f"{nginx}/file", "-o", tmp_path / "f").returncode == 0
    assert (tmp_path / "f").read_bytes() == FILE
    assert not list(tmp_path.glob("*.part"))


def test_what_has_not_changed_is_not_fetched_again(nginx: str, agora: Agora) -> None:
    assert agora("fetch", f"{nginx}/file", "--if-changed").stdout == FILE
    again = agora("fetch", f"{nginx}/file", "--if-changed")
    assert (again.returncode, again.stdout, again.stderr) == (4, b"", b"unchanged (304)\n")
    assert agora("fetch", f"{nginx}/file").returncode == 0


def test_a_refusal_has_the_servers_words(nginx: str, agora: Agora) -> None:
    done = agora("fetch", f"{nginx}/nothing")
    assert (done.returncode, done.stdout) == (22, b"")
    assert done.stderr.startswith(b"404 Not Found\n<html>")


def test_credentials_are_sent_when_they_are_asked_for(nginx: str, agora: Agora) -> None:
    done = agora("fetch", f"{nginx}/secret", "--user", "alice", "--password-stdin", input=SECRET + b"\n")
    assert (done.returncode, done.stdout) == (0, b"only for alice\n")
    wrong = agora("fetch", f"{nginx}/secret", "--user", "alice", "--password-stdin", input=b"guess\n")
    assert wrong.returncode == 3
    assert wrong.stderr.endswith(b"the name or the password is wrong\n")
    nobody = agora("fetch", f"{nginx}/secret")
    assert nobody.returncode == 3
    assert nobody.stderr.endswith(b"the server asks for a name and a password\n")


def test_digest_is_preferred_and_the_password_stays_here(agora: Agora) -> None:
    challenge = (
        b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\n"
        b'WWW-Authenticate: Digest realm="x", nonce="abc", qop="auth", algorithm=SHA-256\r\nContent-Length: 0\r\n\r\n'
    )
    with scripted(challenge, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi") as (address, asked):
        done = agora("fetch", address, "--user", "alice", "--password-stdin", input=SECRET)
    assert done.stdout == b"hi"
    field = {name.lower(): value for name, value in asked[1][2].items()}["authorization"]
    assert field.startswith('Digest username="alice", realm="x", nonce="abc"')
    assert "authorization" not in {name.lower() for name in asked[0][2]}


def test_a_server_may_close_after_its_answer_without_a_word(agora: Agora) -> None:
    def asks_and_closes_later(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n")
        handler.connection.recv(1)  # the next request, if it comes here

    with scripted(asks_and_closes_later, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi") as (address, asked):
        done = agora("fetch", address, "--user", "alice", "--password-stdin", input=SECRET)
    assert (done.stdout, done.stderr, len(asked)) == (b"hi", b"", 2)


def test_a_person_is_asked_once(nginx: str, tmp_path: Path) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        command = [sys.executable, "-m", "shared.command_line", "fetch", f"{nginx}/secret", "-o", str(tmp_path / "f")]
        os.execve(sys.executable, command, {**os.environ, "XDG_CACHE_HOME": str(tmp_path)})
    shown = b""
    for prompt, typed in ((b"Name: ", b"alice\n"), (b"Password: ", SECRET + b"\n")):
        while prompt not in shown:
            shown += os.read(terminal, 4096)
        os.write(terminal, typed)
    with contextlib.suppress(OSError):
        while piece := os.read(terminal, 4096):
            shown += piece
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert SECRET not in shown
    assert (tmp_path / "f").read_bytes() == b"only for alice\n"


def test_a_download_that_was_cut_off_goes_on(agora: Agora, tmp_path: Path) -> None:
    head = b'HTTP/1.1 200 OK\r\nETag: "one"\r\nContent-Length: %d\r\n\r\n' % len(FILE)
    rest = b"HTTP/1.1 206 Partial\r\nContent-Range: bytes 1000-%d/%d\r\nContent-Length: %d\r\n\r\n" % (
        len(FILE) - 1,
        len(FILE),
        len(FILE) - 1000,
    )
    with scripted(head + FILE[:1000], rest + FILE[1000:]) as (address, asked):
        cut = agora("fetch", f"{address}/f", "-o", tmp_path / "f")
        assert cut.returncode == 1
        assert b"cut off" in cut.stderr
        assert (tmp_path / "f.part").read_bytes() == FILE[:1000]
        assert not (tmp_path / "f").exists()
        assert agora("fetch", f"{address}/f", "-o", tmp_path / "f", "--resume").returncode == 0
    assert (tmp_path / "f").read_bytes() == FILE
    fields = {name.lower(): value for name, value in asked[1][2].items()}
    assert (fields["range"], fields["if-range"]) == ("bytes=1000-", '"one"')


def test_another_version_meanwhile_is_fetched_from_its_beginning(nginx: str, agora: Agora, tmp_path: Path) -> None:
    cut_off = b'HTTP/1.1 200 OK\r\nETag: "old"\r\nContent-Length: 99999\r\n\r\nold'
    whole = b'HTTP/1.1 200 OK\r\nETag: "new"\r\nContent-Length: 3\r\n\r\nnew'
    with scripted(cut_off, whole) as (address, _):
        assert agora("fetch", address, "-o", tmp_path / "f").returncode == 1
        assert agora("fetch", address, "-o", tmp_path / "f", "--resume").returncode == 0
    assert (tmp_path / "f").read_bytes() == b"new"


def test_another_part_than_the_one_asked_for_is_refused(agora: Agora, tmp_path: Path) -> None:
    cut_off = b'HTTP/1.1 200 OK\r\nETag: "one"\r\nContent-Length: 10\r\n\r\n12345'
    other = b"HTTP/1.1 206 Partial\r\nContent-Range: bytes 3-9/10\r\nContent-Length: 7\r\n\r\n4567890"
    with scripted(cut_off, other) as (address, _):
        assert agora("fetch", address, "-o", tmp_path / "f").returncode == 1
        assert b"another part" in agora("fetch", address, "-o", tmp_path / "f", "--resume").stderr


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
        b"garbage\r\n\r\n",
        b"",
    ],
    ids=["chunked", "length", "gzip", "garbage", "nothing"],
)
def test_a_broken_answer_is_a_sentence(agora: Agora, answer: bytes) -> None:
    with scripted(answer) as (address, _):
        done = agora("fetch", address)
    assert done.returncode == 1
    assert done.stderr.startswith(b"agora: ")
    assert b"Traceback" not in done.stderr


def test_gzip_is_undone(agora: Agora) -> None:
    octets = gzip.compress(b"tea", mtime=0)
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(octets), octets)
    with scripted(answer) as (address, _):
        assert agora("fetch", address).stdout == b"tea"


def test_an_answer_without_end_stops_where_it_was_told_to(agora: Agora, tmp_path: Path) -> None:
    def endless(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            handler.wfile.write(b"x" * 65536)

    with scripted(endless) as (address, _):
        done = agora("fetch", address, "-o", tmp_path / "f", "--most", "1MiB")
    assert done.returncode == 1
    assert b"more than 1 MiB" in done.stderr
    assert not (tmp_path / "f").exists()


def test_redirects_end(agora: Agora) -> None:
    with scripted(b"HTTP/1.1 302 There\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n") as (address, asked):
        done = agora("fetch", address)
    assert done.returncode == 1
    assert b"more than 10 redirects" in done.stderr
    assert len(asked) == 11


def test_another_host_is_not_told_who_asks(agora: Agora) -> None:
    ask = b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n"
    with scripted(ask) as (other, other_asked):
        away = b"HTTP/1.1 302 There\r\nLocation: %b/\r\nContent-Length: 0\r\n\r\n" % other.encode()
        with scripted(away) as (address, _):
            done = agora("fetch", address, "--user", "alice", "--password-stdin", input=SECRET)
    assert done.returncode == 3
    assert [request[2].get("Authorization") for request in other_asked] == [None]


def test_forms_are_sent(agora: Agora, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("tea")
    with scripted(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as (address, asked):
        assert agora("fetch", address, "--data", "a=1 2", "--data", "a=&").returncode == 0
        assert agora("fetch", address, "--form", "k=v", "--form", f"f=@{tmp_path}/note.txt").returncode == 0
        assert agora("fetch", address, "--form", "f=@/no/such/file").returncode == 1
    assert asked[0][0] == "POST"
    assert asked[0][3] == b"a=1+2&a=%26"
    assert b'name="f"; filename="note.txt"\r\nContent-Type: text/plain\r\n\r\ntea\r\n' in asked[1][3]
    assert b'name="k"\r\n\r\nv\r\n' in asked[1][3]


def test_the_answer_is_shown_in_a_browser(agora: Agora, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {tmp_path}/shown\n')
    browser.chmod(0o755)
    with scripted(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\ntea") as (address, _):
        assert agora("fetch", address, "--open", BROWSER=f"{browser} %s", TMPDIR=str(tmp_path)).returncode == 0
    shown = Path((tmp_path / "shown").read_text().removeprefix("file://"))
    assert (shown.suffix, shown.read_bytes()) == (".html", b"tea")


def test_basic_is_what_nginx_is_sent(agora: Agora) -> None:
    ask = b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n"
    with scripted(ask, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as (address, asked):
        agora("fetch", address, "--user", "alice", "--password-stdin", input=SECRET)
    assert asked[1][2]["Authorization"] == f"Basic {base64.b64encode(b'alice:' + SECRET).decode()}"


@pytest.mark.parametrize("url", ["ftp://x/", "x", "http://", "http://[", "http://x:99999999/"])
def test_what_is_no_address_is_a_sentence(agora: Agora, url: str) -> None:
    done = agora("fetch", url)
    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 1
    assert b"Traceback" not in done.stderr
