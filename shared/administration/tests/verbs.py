"""The verbs of the command line as operations: one story, in which each is done to what earlier ones made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from shared.access.rules.rules import Mode, RuleKind
from shared.access.usage.report_usage import UsageBy
from shared.accounts.account import Role
from shared.accounts.ssh_keys.public_key import parse_public_key
from shared.administration import (
    accounts,
    addresses,
    app_passwords,
    audit,
    domains,
    feeds,
    find_traced,
    first_admin,
    host_keys,
    newest,
    own_forwards,
    own_password,
    pages,
    proxy_limits,
    proxy_rules,
    queue,
    readiness,
    reports,
    room_marks,
    rooms,
    senders,
    services,
    sessions,
    ssh_keys,
    status,
    store_condition,
    trace,
    undelete,
)
from shared.control.look_at_control import report_process
from shared.control.process import ProcessReport
from shared.control.sessions.questions import answer_question
from shared.database.transaction import Transaction
from shared.doors import DOORS, LOOPBACK
from shared.feeds.opml import Outline
from shared.outbound.departure import Departure, RemoteRecipient
from shared.outbound.enqueue import enqueue
from shared.outbound.own_forwards.letters import ForwardChange
from shared.rooms.posts.hold import hold_post
from shared.rooms.subscriptions.subscription import SubscriptionKind
from shared.rooms.tests.build import NOW, a_post
from shared.runtime.stack_key import StackKey
from shared.testing.builders import verifiers_of
from shared.wiki.policy import Writers

# Processes, files and terminals of the machine that a command runs on, and clients of its servers.
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ9vmwTp6ZNUHOTxFjZtQYJ8mDmo4Lq0PDsqYKQ0DtQU alice@laptop"
FINGERPRINT = parse_public_key(KEY).fingerprint
PORTS = {door.name: door.port for door in DOORS}
VERIFIERS = verifiers_of("kept in a drawer")
FORWARD = ForwardChange("alice", "example.org", NOW)

Run = Callable[[Transaction], Any]
# In this order one story. Each with what it returns, None where that is looked at by a later one.
VERBS: Mapping[str, Run] = {
    "check": lambda tx: (store_condition.server(tx).is_too_old, store_condition.accounts(tx, "example.org")),
    "migrate": lambda tx: (
        store_condition.schema(tx),
        first_admin.prepare_store(tx, "example.org"),
        first_admin.create_first_admin(tx, VERIFIERS, "example.org"),
        host_keys.keep(tx, host_keys.make(host_keys.missing(tx)[:1], StackKey(b"a secret of this stack"))),
    ),
    "status": lambda tx: readiness.ask((LOOPBACK, 1)).ready,
    "domain add": lambda tx: domains.add(tx, "example.com"),
    "domain list": lambda tx: domains.list_domains(tx),
    "domain dns": lambda tx: [each.kind for each in domains.dns(tx, "example.com", "mail.example.com", PORTS)][:4],
    "domain delete": lambda tx: domains.delete(tx, "example.com"),
    "user add": lambda tx: accounts.create_member(tx, "alice", VERIFIERS, "example.org"),
    "user import": lambda tx: accounts.set_password(tx, "alice", VERIFIERS),
    "undelete": lambda tx: undelete.bring_back(tx, "alice", None, NOW),
    "user list": lambda tx: [(each.account.name, each.used_octets) for each in accounts.list_members(tx)],
    "user set-password": lambda tx: accounts.set_password(tx, "alice", VERIFIERS),
    "user set-role": lambda tx: accounts.set_role(tx, "alice", Role.MODERATOR),
    "user set": lambda tx: accounts.set_news_marks(tx, "alice", False),
    "user set-quota": lambda tx: accounts.set_quota(tx, "alice", 4096),
    "user set-name": lambda tx: accounts.set_full_name(tx, "alice", "Alice Fern"),
    "user disable": lambda tx: accounts.disable(tx, "alice"),
    "user enable": lambda tx: accounts.enable(tx, "alice"),
    "user app-password add": lambda tx: app_passwords.add(tx, "alice", "phone", ["imap"]),
    "user app-password list": lambda tx: [each.label for each in app_passwords.list_all(tx, "alice")],
    "user app-password delete": lambda tx: app_passwords.delete(tx, "alice", app_passwords.list_all(tx, "alice")[0].id),
    "user ssh-key add": lambda tx: ssh_keys.add(tx, "alice", KEY).fingerprint,
    "user ssh-key list": lambda tx: [each.comment for each in ssh_keys.list_all(tx, "alice")],
    "user ssh-key delete": lambda tx: ssh_keys.delete(tx, "alice", FINGERPRINT),
    "ssh-keys": lambda tx: [each.kind for each in host_keys.list_all(tx)],
    "audit list": lambda tx: _audited(tx),
    "passwd": lambda tx: own_password.change(tx, _known(tx), VERIFIERS),
    "address add": lambda tx: addresses.add(tx, "sales@example.org", "alice"),
    "address list": lambda tx: [each.address for each in addresses.list_all(tx, "alice")],
    "address delete": lambda tx: addresses.delete(tx, "sales@example.org"),
    "sender block": lambda tx: senders.add(tx, "@X.test", RuleKind.BLOCK),
    "sender allow": lambda tx: senders.add(tx, "192.0.2.7", RuleKind.ALLOW).name,
    "sender list": lambda tx: [(line.name, line.kind) for line in senders.list_all(tx)],
    "sender remove": lambda tx: senders.remove(tx, "@x.test").before,
    "queue list": lambda tx: [each.recipients for each in _queued(tx)],
    "queue show": lambda tx: queue.show_queued(tx, "q1")[1][0].address,
    "queue retry": lambda tx: queue.retry_queued(tx),
    "queue hold": lambda tx: queue.hold_queued(tx, "q1"),
    "queue release": lambda tx: queue.release_queued(tx, "q1"),
    "queue drop": lambda tx: queue.drop_queued(tx, "q1"),
    "user forward add": lambda tx: own_forwards.add(tx, "alice", "me@away.test", FORWARD).confirmed_at,
    "user forward list": lambda tx: [each.target for each in own_forwards.list_all(tx, "alice").forwards],
    "user forward copy": lambda tx: own_forwards.keep_copy(tx, "alice", FORWARD, keeps_copy=False),
    "user forward delete": lambda tx: own_forwards.delete(tx, "alice", "me@away.test", FORWARD),
    "proxy rules block": lambda tx: proxy_rules.add(tx, "example.net", RuleKind.BLOCK),
    "proxy rules allow": lambda tx: proxy_rules.add(tx, ".example.net", RuleKind.ALLOW, "alice").name,
    "proxy rules import": lambda tx: proxy_rules.import_list(
        tx, proxy_rules.read_file(["0.0.0.0 ads.example"]).names, RuleKind.BLOCK, "ads"
    ),
    "proxy rules list": lambda tx: tuple(map(len, proxy_rules.list_all(tx))),
    "proxy rules remove": lambda tx: (proxy_rules.remove(tx, "example.net"), proxy_rules.remove_list(tx, "ads")),
    "proxy rules mode": lambda tx: proxy_rules.choose_mode(tx, Mode.LISTED),
    "proxy limits set": lambda tx: proxy_limits.change(tx, "alice", {"connections": 5}).after.connections,
    "proxy limits list": lambda tx: [line.account for line in proxy_limits.list_limits(tx)],
    "proxy limits clear": lambda tx: proxy_limits.clear(tx, "alice").after.connections,
    "proxy report usage": lambda tx: reports.usage(tx, UsageBy.HOST, reports.last_days(30), "alice"),
    "proxy report words": lambda tx: reports.words(tx, reports.last_days(30)),
    "proxy status": lambda tx: status.proxy_today(tx).mode,
    "room add": lambda tx: rooms.add(tx, "local.knitting", ["wool@example.org"]).addresses,
    "room list": lambda tx: [each.room.name for each in rooms.list_all(tx)],
    "room set": lambda tx: rooms.change(tx, "local.knitting", {"moderated": True}).room.moderated,
    "room members": lambda tx: rooms.change_moderators(tx, "local.knitting", ["alice"]),
    "room show": lambda tx: rooms.show(tx, "local.knitting").moderators,
    "room held": lambda tx: len(_hold_two(tx)),
    "room approve": lambda tx: rooms.approve(tx, rooms.held(tx)[0].token, "localhost", "example.org").numbers,
    "room reject": lambda tx: rooms.reject(tx, rooms.held(tx)[0].token, "no", "example.org").outcome,
    "room marks": lambda tx: room_marks.change(
        tx, "local.knitting", "alice", [room_marks.SpansMarked("seen", [(1, 9)], put=True)]
    ).marks["seen"],
    "room cancel": lambda tx: len(rooms.cancel(tx, "local.knitting:1").numbers),
    "room undo": lambda tx: len(rooms.undo(tx, "local.knitting:1").numbers),
    "room subscribe": lambda tx: rooms.subscribe(tx, "local.knitting", "alice@example.org", SubscriptionKind.DIGEST),
    "room subscribers": lambda tx: [(each.account, each.kind) for each in rooms.subscribers(tx, "local.knitting")[0]],
    "room unsubscribe": lambda tx: rooms.unsubscribe(tx, "local.knitting", "alice"),
    "room delete": lambda tx: rooms.delete(tx, "local.knitting"),
    "feed add": lambda tx: feeds.add(tx, "https://example.net/feed", title="Wool").room,
    "feed list": lambda tx: [each.room for each in feeds.list_all(tx)],
    "feed set": lambda tx: feeds.change(tx, "rss.wool", every=timedelta(hours=3)).feed.every,
    "feed refresh": lambda tx: len(feeds.refresh(tx)),
    "feed export": lambda tx: [(each.feed.url, each.feed.title) for each in feeds.list_all(tx)],
    "feed remove": lambda tx: feeds.remove(tx, "https://example.net/feed").room,
    "feed import": lambda tx: [
        type(each.outcome) for each in feeds.add_all(tx, [Outline("ftp://x", "", ""), Outline("http://x/", "X", "")])
    ],
    "page put": lambda tx: pages.put(tx, "alice", "Tea", "At four.").created,
    "page edit": lambda tx: pages.put(tx, None, "Tea", "At five.", base=1).revision,
    "page show": lambda tx: pages.show(tx, None, "Tea").source,
    "page list": lambda tx: [page.name for page in pages.list_all(tx, None, "T")],
    "page history": lambda tx: [(line.revision, line.author) for line in pages.history(tx, None, "Tea")],
    "page revert": lambda tx: pages.revert(tx, "alice", "Tea", 1).revision,
    "watch": lambda tx: newest.new_since(tx, 10_000, 10_000),
    "trace": lambda tx: trace.trace(tx, "nobody@example.org", find_traced.newest_message(tx), None),
    "page diff": lambda tx: pages.diff(tx, None, "Tea", 2).splitlines()[-4::2],
    "page delete": lambda tx: pages.delete(tx, None, "Tea"),
    "page undelete": lambda tx: pages.undelete(tx, None, "Tea"),
    "page rename": lambda tx: pages.rename(tx, "alice", "Tea", "Tea_Time"),
    "page set": lambda tx: pages.change_writers(tx, None, "Tea Time", Writers.MEMBERS),
    "page import": lambda tx: (
        pages.put_file(tx, "alice", "Tea Time", "a.txt", "text/plain", b"a") is not None,
        [type(each) for each in pages.put_all(tx, None, [("SeeAlso", "TeaTime", None), ("save", "", None)])],
    ),
    "page export": lambda tx: _exported(tx),
    "page needed": lambda tx: [each.name for each in pages.needed(tx, None)],
    "page orphans": lambda tx: pages.without_links(tx, None),
    "page recent": lambda tx: [each.kind for each in pages.recent(tx, None, 2)],
    "page search": lambda tx: [hit.name for hit in pages.search(tx, None, "four")],
    "service list": lambda tx: [str(each.listener) for each in services.list_all(tx, "ssh_admin")],
    "service stop": lambda tx: [each.name for each in services.stop(tx, "mail_access/imap", "alice", "ssh")],
    "service start": lambda tx: [each.name for each in services.start(tx, "mail_access")],
    "service restart": lambda tx: _restarted(tx),
    "session list": lambda tx: _asked(tx, sessions.ask_for_all(tx, "alice")),
    "session end": lambda tx: sessions.ask_to_end(tx, "0-1", "alice"),
    "session watch": lambda tx: sessions.ask_to_watch(tx, "0-1", timedelta(minutes=5)),
    "user delete": lambda tx: accounts.delete(tx, "alice"),
}


def _exported(tx: Transaction) -> Any:
    exported: list[Any] = []
    pages.export(tx, None, lambda page, files: exported.append((page.name, files)))
    return exported


def _hold_two(tx: Transaction) -> Any:
    room = rooms.find_room(tx, "local.knitting")
    for _ in range(2):
        hold_post(tx, a_post(room), "example.org", NOW)
    tx.commit()
    return rooms.held(tx)


def _queued(tx: Transaction) -> Any:
    to = RemoteRecipient("jones@remote.test", "remote.test")
    enqueue(tx, [(1, 1, Departure("q1", None, "alice@example.org", [to], False, False))])
    tx.commit()
    return queue.list_queue(tx, domain="remote.test")


def _audited(tx: Transaction) -> Any:
    begun = audit.begin(tx, accounts.find_account(tx, "alice").id, "ssh", LOOPBACK, "whoami")
    audit.end(tx, begun.number, 0)
    assert audit.drop_old(tx) == 0
    return [(line.account, line.role, line.command, line.status) for line in audit.list_lines(tx, "alice")]


def _asked(tx: Transaction, question: int) -> Any:
    tx.commit()
    answer_question(tx, question, uuid4(), {"sessions": [{"id": "0-1", "since": "2026"}], "total": 2})
    told = sessions.answers(tx, question)
    sessions.end(tx, question)
    return [[each["id"] for each in told.sessions], told.left_out, list(told.missing)]


def _restarted(tx: Transaction) -> Any:
    report_process(tx, ProcessReport(uuid4(), "wiki", "here", 1, True, {}))
    return services.restart(tx, "wiki", "alice")


def _known(tx: Transaction) -> Any:
    known = own_password.credentials_of(tx, "alice")
    assert known is not None
    return known
