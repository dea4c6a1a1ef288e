"""An INBOX that holds the corpus and nothing else, as jobs need it before they begin."""

from __future__ import annotations

from integration_tests.benchmarks.messages import corpus
from integration_tests.benchmarks.server import Server
from integration_tests.benchmarks.wire.imap import Imap


def fill_inbox(server: Server, account: int, count: int) -> None:
    """Empty the account's INBOX and put the corpus there, unless just so many messages are there already."""
    with Imap(server.host, server.imap_port, server.account(account), server.password) as imap:
        there = imap.messages()
        if there == count:
            return
        if there:
            imap.command("SELECT INBOX")
            imap.count("STORE 1:* +FLAGS.SILENT (\\Deleted)", b"")
            imap.command("CLOSE")
        imap.fill("INBOX", corpus(count))
