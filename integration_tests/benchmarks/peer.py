"""A peer: any server that speaks SMTP, IMAP and POP3 and has the accounts."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from integration_tests.benchmarks.server import ACCOUNTS, Server


class NotAPeer(ValueError):
    """The description of a peer cannot be understood."""


def peer_server(where: str, accounts: str, password: str, pid_files: Sequence[Path], name: str) -> Server:
    """`where` is HOST:SMTP,IMAP,POP3 (ports), `accounts` FORMAT@DOMAIN, as u%03d@local.test. Raises NotAPeer."""
    host, _, ports = where.rpartition(":")
    account_format, at, domain = accounts.partition("@")
    try:
        smtp, imap, pop3 = (int(port) for port in ports.split(","))
        names = {account_format % number for number in range(ACCOUNTS)}
    except (ValueError, TypeError) as error:
        raise NotAPeer(f"{where} with {accounts}: {error}") from error
    if not host or not at or len(names) < ACCOUNTS:
        raise NotAPeer(f"{where} with {accounts}: a host, a format with a number in it and a domain are needed")

    def roots() -> list[int]:
        found = []
        for file in pid_files:
            with contextlib.suppress(OSError, ValueError, IndexError):
                found.append(int(file.read_text().split()[0]))
        return found

    return Server(name, host, smtp, imap, pop3, domain, account_format, password, roots=roots)
