"""The development authority, and certificates that change while doors are open."""

from __future__ import annotations

import os
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from OpenSSL import SSL

from shared.runtime.certificates import Certificates
from shared.runtime.development_authority import ensure_certificate
from shared.runtime.tests.running import ROOT, EchoProcess


def renew(directory: Path) -> None:
    """A new key and certificate in the place of the old."""
    (directory / "server.pem").unlink()
    ensure_certificate(directory, "mail.example.org")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EchoProcess]:
    """One for all tests; each may renew its certificate."""
    directory = tmp_path_factory.mktemp("service")
    with EchoProcess(directory, settings={"AGORA_HOSTNAME": "mail.example.org"}).wait_until_open() as service:
        yield service


@pytest.fixture
def directory(service: EchoProcess) -> Path:
    return service.directory / "certificates"


@pytest.fixture
def context(directory: Path) -> ssl.SSLContext:
    """A client's that trusts the development authority."""
    return ssl.create_default_context(cafile=str(directory / "authority.pem"))


def test_certificate_is_good_for_the_host_and_this_machine(service: EchoProcess, context: ssl.SSLContext) -> None:
    for name in ("mail.example.org", "localhost", "127.0.0.1", "::1"):
        with context.wrap_socket(service.connect("tls"), server_hostname=name) as client:
            assert client.recv(100).startswith(b"pid ")
            assert client.version() == "TLSv1.3"


def test_tls_1_2_is_spoken_and_older_is_refused(service: EchoProcess, context: ssl.SSLContext) -> None:
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with context.wrap_socket(service.connect("tls"), server_hostname="localhost") as client:
        assert client.version() == "TLSv1.2"
    with pytest.deprecated_call():  # which is the point
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        context.wrap_socket(service.connect("tls"), server_hostname="localhost")


def test_session_is_resumed(service: EchoProcess, context: ssl.SSLContext) -> None:
    with context.wrap_socket(service.connect("tls"), server_hostname="localhost") as client:
        client.recv(100)
        session = client.session
    with context.wrap_socket(service.connect("tls"), server_hostname="localhost", session=session) as client:
        assert client.session_reused


def test_renewed_certificate_is_served_on_the_next_connection(service: EchoProcess, directory: Path) -> None:
    before = service.certificate(directory / "authority.pem")
    renew(directory)
    assert service.certificate(directory / "authority.pem") != before
    assert "new certificate in service" in service.output()


def test_broken_certificate_leaves_the_former_in_service_and_one_line(service: EchoProcess, directory: Path) -> None:
    before = service.certificate(directory / "authority.pem")
    (directory / "server.pem").write_text("half a certif")
    assert [service.certificate(directory / "authority.pem") for _ in range(3)] == [before] * 3
    assert service.output().count("cannot be used") == 1
    renew(directory)
    assert service.certificate(directory / "authority.pem") != before


def test_missing_file_leaves_the_former_in_service(tmp_path: Path) -> None:
    files = ensure_certificate(tmp_path, "localhost")
    certificates = Certificates(files.certificate, files.key)
    before = certificates.context()
    files.key.unlink()
    assert certificates.context() is before
    ensure_certificate(tmp_path, "localhost")
    assert certificates.context() is not before


def test_certificate_with_another_key_is_refused_at_the_start(tmp_path: Path) -> None:
    first = ensure_certificate(tmp_path / "first", "localhost")
    second = ensure_certificate(tmp_path / "second", "localhost")
    with pytest.raises(SSL.Error):
        Certificates(first.certificate, second.key)


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    code = (
        "import pathlib, sys; from shared.runtime.development_authority import ensure_certificate;"
        "files = ensure_certificate(pathlib.Path(sys.argv[1]), 'localhost');"
        "print(files.certificate.read_text() + files.key.read_text())"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "new")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    processes = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) for _ in range(4)]
    said = {process.communicate()[0] for process in processes}
    assert len(said) == 1
    assert b"PRIVATE KEY" in said.pop()


def test_keys_are_for_the_owner_only(tmp_path: Path) -> None:
    files = ensure_certificate(tmp_path, "localhost")
    assert {stat.S_IMODE(each.stat().st_mode) for each in (files.key, files.authority_key)} == {0o600}


def test_another_hostname_gets_another_certificate_of_the_same_authority(tmp_path: Path) -> None:
    before = ensure_certificate(tmp_path, "one.example")
    authority, certificate = before.authority.read_bytes(), before.certificate.read_bytes()
    after = ensure_certificate(tmp_path, "two.example")
    assert after.authority.read_bytes() == authority
    assert after.certificate.read_bytes() != certificate
    assert ensure_certificate(tmp_path, "two.example").certificate.read_bytes() == after.certificate.read_bytes()


def test_good_certificate_is_used_where_nothing_can_be_written(tmp_path: Path) -> None:
    ensure_certificate(tmp_path, "localhost")
    (tmp_path / ".lock").unlink()
    ensure_certificate(tmp_path, "localhost")
    assert not (tmp_path / ".lock").exists()
