"""A peer: any server that speaks SMTP, IMAP and POP3 and has the accounts, any proxy, any news server, DokuWiki."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Sequence
from pathlib import Path

from integration_tests.benchmarks.server import ACCOUNTS, Server

WIKI_ACCOUNT = "admin"  # of DokuWiki; it has the password of the others


class NotAPeer(ValueError):
    """The description of a peer cannot be understood."""


def peer_server(
    where: str,
    accounts: str,
    password: str,
    pid_files: Sequence[Path],
    name: str,
    restart: str = "",
    sink_port: int = 0,
) -> Server:
    """`where` is HOST:SMTP,IMAP,POP3, with ,PROXY,NNTP,WIKI behind that where it has them (ports, 0 for none).

    `accounts` is FORMAT@DOMAIN, as u%03d@local.test. `restart` is a command for the shell that returns when the peer's
    processes are new ones. Its mail for SINK_DOMAIN goes to `sink_port`, if it is not 0. Raises NotAPeer.
    """
    host, _, ports = where.rpartition(":")
    account_format, at, domain = accounts.partition("@")
    try:
        smtp, imap, pop3, proxy, nntp, wiki = (int(port) for port in f"{ports},0,0,0".split(",")[:6])
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

    def renew() -> None:
        subprocess.run(restart, shell=True, stdout=subprocess.DEVNULL, check=True)

    return Server(
        name,
        host,
        smtp,
        imap,
        pop3,
        domain,
        account_format,
        password,
        proxy_port=proxy,
        nntp_port=nntp,
        web_port=wiki,
        wiki_account=WIKI_ACCOUNT if wiki else "",
        sink_port=sink_port,
        renew=renew if restart else None,
        roots=roots,
    )
