"""A service that sees nothing but its own directory. Root alone can try it."""

from __future__ import annotations

import imaplib
import os
import pwd
from pathlib import Path

import pytest

from shared.database.blocking import BlockingDatabase
from shared.database.embedded import EmbeddedPostgres
from shared.database.migrate import migrate
from shared.runtime.tests.ordinary_user import open_directory
from shared.runtime.tests.running import EchoProcess
from shared.testing.builders import a_member, verifiers_of

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root can change its root directory")
LOOPBACK = "tcp:0:interface=127.0.0.1"
SETTINGS = {"AGORA_CERTIFICATE_DIRECTORY": "/certificates", "AGORA_PORTS_FILE": "/ports.json"}


def furnish(directory: Path) -> None:
    """What docs/how_to/chroot.md asks for."""
    for name in ("etc", "tmp", "dev", "certificates"):
        (directory / name).mkdir()
    (directory / "etc" / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    (directory / "etc" / "hosts").write_text("127.0.0.1 localhost\n")
    os.mknod(directory / "dev" / "null", 0o20666, os.makedev(1, 3))
    nobody = pwd.getpwnam("nobody")
    for path in (directory, directory / "certificates"):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)


def test_a_service_serves_from_its_own_directory_as_another_user() -> None:
    """It makes its certificate there, and its log goes on when it is opened again."""
    nobody = pwd.getpwnam("nobody")
    with open_directory() as directory:
        furnish(directory)
        flags = ("--user", "nobody", "--chroot", str(directory), "--logfile", "/log")
        with EchoProcess(directory, *flags, settings=SETTINGS) as service:
            service.wait_until_open()
            assert service.greeting()[b"uid"] == nobody.pw_uid
            assert Path(f"/proc/{service.process.pid}/root").readlink() == directory.resolve()
            assert service.certificate(directory / "certificates" / "authority.pem")
            log = directory / "log"
            assert "is user nobody" in log.read_text()
            assert service.health("/healthz")[0] == 200
            assert service.ask_to_leave() == 0


@pytest.mark.parametrize("gone", ["etc/resolv.conf", "dev/null"])
def test_what_is_missing_there_is_said_in_one_sentence(gone: str) -> None:
    with open_directory() as directory:
        furnish(directory)
        (directory / gone).unlink()
        with EchoProcess(directory, "--chroot", str(directory), settings=SETTINGS) as service:
            assert service.wait_until_ended() == 2
            assert service.output() == f"echo: --chroot: {directory} lacks {gone}.\n"


def test_workers_need_a_python_there() -> None:
    with open_directory() as directory:
        furnish(directory)
        settings = {**SETTINGS, "AGORA_WORKERS": "2"}
        with EchoProcess(directory, "--chroot", str(directory), settings=settings) as service:
            assert service.wait_until_ended() == 2
            assert "and all that it needs" in service.output()


def test_a_real_service_signs_in_keeps_and_reads_mail_there(session_dir: Path) -> None:
    """Its PostgreSQL is reached by a socket in the directory. It takes ten seconds: all modules are read first."""
    with open_directory() as directory:
        furnish(directory)
        directory.chmod(0o755)
        postgres = EmbeddedPostgres(directory / "pg", scratch=True)
        url = postgres.start()
        try:
            migrate(url)
            verifiers = verifiers_of("kept in a drawer")
            BlockingDatabase(url, "test").transact(lambda tx: a_member(tx, "alice", verifiers=verifiers))
            owner = (directory / "pg").stat().st_uid  # PostgreSQL lets nobody else into its socket's folder
            for path in (directory, directory / "certificates"):
                os.chown(path, owner, -1)
            settings = {
                **SETTINGS,
                "AGORA_DATABASE_URL": "postgresql://agora@/agora?host=/pg",
                "AGORA_STORE_DIRECTORY": "/pg",
                "AGORA_MAIL_DOMAIN": "example.org",
                **{
                    f"AGORA_{door}_ENDPOINTS": "tcp:0:interface=127.0.0.1"
                    for door in ("IMAP", "IMAPS", "POP3", "POP3S")
                },
            }
            flags = ("--user", str(owner), "--chroot", str(directory))
            with EchoProcess(directory, *flags, settings=settings, module="services.mail_access") as service:
                service.wait_until_open()
                with imaplib.IMAP4(*service.place("imap"), timeout=20) as session:
                    session.login("alice", "kept in a drawer")
                    session.append("INBOX", "", "", b"Subject: x\r\n\r\nhello\r\n")
                    session.select()
                    assert session.search(None, "TEXT", "hello") == ("OK", [b"1"])
                assert service.ask_to_leave() == 0
        finally:
            postgres.stop()
