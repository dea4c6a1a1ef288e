"""Every verb of the command line that is about the server, not this machine, run without the command line."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import timedelta

import pytest
from twisted.internet.task import Clock

from shared.access.channel import AccessChanged
from shared.access.rules.rules import Mode, RuleKind
from shared.accounts.channel import AccountChanged, DomainsChanged
from shared.accounts.tallies import MemoryTallies
from shared.administration import backup, feeds, lockouts, queue
from shared.administration.tests.verbs import FINGERPRINT, VERBS
from shared.command_line.changes import CHANGING, READING
from shared.command_line.state_directory import ROOT
from shared.control.channel import ServicesChanged
from shared.control.sessions.channel import SessionsAsked
from shared.database.backup.errors import BackupUnderWay
from shared.database.backup.restore_backup import check_backup
from shared.database.transaction import Transaction
from shared.feeds.channel import FeedWanted
from shared.feeds.errors import BadFeedAddress
from shared.folders.channel import FolderChanged
from shared.outbound.channel import QueueChanged
from shared.rooms.channel import MarksChanged, RoomsChanged
from shared.rooms.subscriptions.channel import SubscribersChanged
from shared.rooms.subscriptions.subscription import SubscriptionKind
from shared.senders.channel import SenderRulesChanged
from shared.wiki.channel import PageChanged
from shared.wiki.errors import ReservedPageName
from shared.wiki.save_page import Saved

# Processes, files and terminals of the machine that a command runs on, and clients of its servers.
OF_THE_MACHINE = {
    "bench",
    "completion",
    "connect",
    "down",
    "export maildir",
    "export mbox",
    "fetch",
    "import imap",
    "import maildir",
    "import mbox",
    "logs",
    "mail folders",
    "mail get",
    "mail mx",
    "mail pop",
    "mail send",
    "news get",
    "news groups",
    "news post",
    "restart",
    "restore",
    "ssh",
    "store dump",
    "store load",
    "store up",
    "test",
    "tour",
    "up",
    "wiki delete",
    "wiki export",
    "wiki get",
    "wiki history",
    "wiki import",
    "wiki list",
    "wiki needed",
    "wiki put",
    "wiki search",
}
RETURNED = {
    "check": (False, (0, 0)),
    "status": False,
    "domain add": "example.com",
    "domain dns": ["MX", "TXT", "TXT", "SRV"],
    "domain list": ["example.com", "example.org"],
    "undelete": {},
    "user list": [("admin", 0), ("alice", 0)],
    "user app-password list": ["phone"],
    "user ssh-key add": FINGERPRINT,
    "user ssh-key list": ["alice@laptop"],
    "user forward add": None,
    "user forward list": ["me@away.test"],
    "ssh-keys": ["ed25519"],
    "audit list": [("alice", "moderator", "whoami", 0)],
    "address list": ["alice@example.org", "sales@example.org"],
    "sender block": ("@x.test", None),
    "sender allow": "192.0.2.7/32",
    "sender list": [("192.0.2.7/32", RuleKind.ALLOW), ("@x.test", RuleKind.BLOCK)],
    "sender remove": RuleKind.BLOCK,
    "queue list": [1],
    "queue show": "jones@remote.test",
    "queue retry": 1,
    "queue hold": 1,
    "queue release": queue.Released(1, False),
    "proxy rules allow": "example.net",
    "proxy rules import": [],
    "proxy rules list": (2, 1),
    "proxy rules mode": Mode.OPEN,
    "proxy limits set": 5,
    "proxy limits list": [None, "alice"],
    "proxy limits clear": None,
    "proxy report usage": [],
    "proxy report words": ([], {}),
    "proxy status": Mode.LISTED,
    "room add": ["local.knitting@example.org", "knitting@example.org", "wool@example.org"],
    "room list": ["local.knitting"],
    "room set": True,
    "room members": ["alice"],
    "room show": ["alice"],
    "feed add": "rss.wool",
    "feed list": ["rss.wool"],
    "feed set": timedelta(hours=3),
    "feed refresh": 1,
    "feed export": [("https://example.net/feed", "Wool")],
    "feed remove": "rss.wool",
    "feed import": [BadFeedAddress, feeds.FeedLine],
    "room held": 2,
    "room approve": [1],
    "room reject": "rejected",
    "room subscribers": [("alice", SubscriptionKind.DIGEST)],
    "room marks": [(1, 1)],
    "room cancel": 1,
    "room undo": 1,
    "page put": True,
    "page edit": 2,
    "page show": "At five.",
    "page list": ["Tea"],
    "page history": [(2, "admin"), (1, "alice")],
    "page revert": 3,
    "trace": ([], None),
    "watch": ([], []),
    "page diff": ["-At five.", "+At four."],
    "page delete": "Tea",
    "page undelete": 3,
    "page rename": "Tea Time",
    "page set": "Tea Time",
    "page import": (True, [Saved, ReservedPageName]),
    "page export": [("SeeAlso", {}), ("Tea Time", {"a.txt": b"a"}), ("WikiHome", {})],
    "page needed": ["TeaTime"],
    "page orphans": ["SeeAlso", "Tea Time"],
    "page recent": ["created", "attached"],
    "page search": ["Tea Time"],
    "service list": ["ssh_admin/ssh"],
    "service stop": ["imap"],
    "session list": [["0-1"], 1, ["here:1"]],
    "service start": ["imap", "imaps", "pop3", "pop3s"],
}
ANNOUNCED = {"domain": {DomainsChanged}, "migrate": {AccountChanged, DomainsChanged}, "proxy": {AccessChanged}} | {
    "room add": {RoomsChanged, DomainsChanged},
    "room delete": {RoomsChanged, DomainsChanged, FolderChanged},
    "room approve": {FolderChanged},
    "room reject": set(),
    "user forward add": {QueueChanged, FolderChanged},
    "user forward copy": {AccountChanged, FolderChanged},
    "user forward delete": {AccountChanged, FolderChanged},
    "undelete": set(),  # nothing was expunged
    "room marks": {MarksChanged},
    "room cancel": {FolderChanged},
    "room undo": {FolderChanged},
    "room subscribe": {SubscribersChanged},
    "room unsubscribe": {SubscribersChanged},
    "room": {RoomsChanged},
    "page": {PageChanged},
    "queue": {QueueChanged},
    "sender": {SenderRulesChanged},
    "feed add": {RoomsChanged, DomainsChanged, FeedWanted},
    "feed import": {RoomsChanged, DomainsChanged, FeedWanted},
    "feed remove": set(),
    "feed": {FeedWanted},
    "service": {ServicesChanged},
    "session": {SessionsAsked},
}
IN_REDIS = {"user lockouts", "user unlock"}
BY_A_CONNECTION_OF_ITS_OWN = {"backup"}


def test_every_verb_of_the_command_line_is_here() -> None:
    assert VERBS.keys() | IN_REDIS | BY_A_CONNECTION_OF_ITS_OWN | OF_THE_MACHINE == CHANGING | READING


def test_every_verb_is_an_operation_and_each_change_is_announced(transaction: Transaction) -> None:
    for verb, run in VERBS.items():
        transaction.commit()
        returned = run(transaction)
        if verb in RETURNED:
            assert (verb, returned) == (verb, RETURNED[verb])
        kinds = {type(event) for event in transaction.events}
        if verb in CHANGING:
            of_the_noun = ANNOUNCED.get(verb.partition(" ")[0], {AccountChanged})
            assert kinds == ANNOUNCED.get(verb, of_the_noun), verb
        else:
            assert kinds == set(), verb


async def test_lock_outs_are_in_redis() -> None:
    clock = Clock()
    assert await lockouts.list_lockouts(MemoryTallies(clock), clock) == []
    assert await lockouts.unlock(MemoryTallies(clock)) == 0


def test_one_backup_is_written_at_a_time(database_url: str) -> None:
    refused = []

    def another(octets: int, total: int) -> None:
        with pytest.raises(BackupUnderWay):
            write()
        refused.append(total)

    def write() -> bytes:
        file, ends = io.BytesIO(), list[object]()
        backup.back_up(database_url, file, "0.1.0", another, ends.append)
        assert len(ends) == 1
        return file.getvalue()

    for _ in range(2):  # the next one runs when the one before has ended
        assert check_backup(io.BytesIO(write()), lambda octets, total: None).messages == 0
    assert len(refused) >= 2


def test_no_operation_knows_of_a_terminal() -> None:
    modules = ", ".join(
        f"shared.administration.{file.stem}" for file in (ROOT / "shared" / "administration").glob("[a-z]*.py")
    )
    program = f"import sys, {modules}; print(sorted({{'click', 'rich'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
