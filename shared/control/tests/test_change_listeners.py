"""What may be stopped, and by whom."""

from __future__ import annotations

from uuid import uuid4

import pytest

from shared.control.change_listeners import change_listeners, list_stopped, start_listeners, stop_listeners
from shared.control.channel import ServicesChanged
from shared.control.errors import LastWayIn, ListenerHeld, ListenerNotFound, OwnListener, ServiceNotRunning
from shared.control.listener import Listener, parse_listeners
from shared.control.look_at_control import forget_process, look_at_control, report_process
from shared.control.process import DoorReport, ProcessReport, list_processes
from shared.control.restart_service import restart_service
from shared.database.transaction import Transaction

IMAP, SSH, WEB = Listener("mail_access", "imap"), Listener("ssh_admin", "ssh"), Listener("wiki", "web")


def report(service: str = "mail_access", **held: str | None) -> ProcessReport:
    return ProcessReport(
        uuid4(), service, "here", 7, True, {name: DoorReport("open", why) for name, why in held.items()}
    )


def test_names_of_listeners() -> None:
    assert parse_listeners("wiki/http") == parse_listeners("wiki/web") == [WEB]
    assert [each.name for each in parse_listeners("mail_access")] == ["imap", "imaps", "pop3", "pop3s"]
    for wrong in ("imap", "mail_access/", "mail_access/smtp", "", "/", "health"):
        with pytest.raises(ListenerNotFound):
            parse_listeners(wrong)


def test_the_row_says_who_stopped_it_and_a_second_stop_changes_nothing(transaction: Transaction) -> None:
    assert stop_listeners(transaction, [IMAP], "alice") == [IMAP]
    transaction.commit()
    before = list_stopped(transaction)
    assert before[IMAP].by == "alice"
    assert stop_listeners(transaction, [IMAP], "bob") == []
    assert list_stopped(transaction) == before
    assert transaction.events == []
    assert look_at_control(transaction, "mail_access").stopped == {"imap": before[IMAP]}
    assert start_listeners(transaction, [IMAP]) == [IMAP]
    assert transaction.events == [ServicesChanged()]
    assert list_stopped(transaction) == {}


def test_wiki_http_and_ssh_cannot_both_be_stopped(transaction: Transaction) -> None:
    stop_listeners(transaction, [SSH], "alice")
    with pytest.raises(LastWayIn):
        stop_listeners(transaction, [WEB], "alice")
    change_listeners(transaction, [SSH], [WEB], "alice")
    assert list(list_stopped(transaction)) == [WEB]
    with pytest.raises(LastWayIn):
        stop_listeners(transaction, [IMAP, SSH], "alice")
    stop_listeners(transaction, [IMAP], "alice")


def test_nobody_stops_the_listener_they_came_by(transaction: Transaction) -> None:
    with pytest.raises(OwnListener):
        stop_listeners(transaction, [IMAP, SSH], "alice", came_by=SSH)
    assert list_stopped(transaction) == {}
    stop_listeners(transaction, [IMAP], "alice", came_by=SSH)


def test_a_listener_that_one_copy_cannot_close_is_refused_until_that_copy_is_gone(transaction: Transaction) -> None:
    held = report(imap="systemd owns its socket")
    report_process(transaction, report(imap=None))
    report_process(transaction, held)
    with pytest.raises(ListenerHeld, match="mail_access/imap: systemd owns its socket"):
        stop_listeners(transaction, [IMAP], "alice")
    forget_process(transaction, held.id)
    assert stop_listeners(transaction, [IMAP], "alice") == [IMAP]


def test_a_process_that_is_not_seen_for_45_seconds_is_gone(transaction: Transaction) -> None:
    seen, gone = report(imap=None), report(imap=None)
    for each in (seen, gone):
        report_process(transaction, each)
    transaction.execute("UPDATE serving_process SET seen_at = now() - interval '46 s' WHERE id = %s", (str(gone.id),))
    assert [each.report for each in list_processes(transaction)] == [seen]
    report_process(transaction, seen)
    assert transaction.value("SELECT count(*) FROM serving_process") == 1


def test_a_restart_is_for_processes_that_are_older(transaction: Transaction) -> None:
    with pytest.raises(ServiceNotRunning):
        restart_service(transaction, "mail_access", "alice")
    old, new = report(), report()
    report_process(transaction, old)
    transaction.commit()
    restart_service(transaction, "mail_access", "alice")
    transaction.commit()
    report_process(transaction, new)
    assert look_at_control(transaction, "mail_access", old.id).restart
    assert not look_at_control(transaction, "mail_access", new.id).restart
    assert not look_at_control(transaction, "mail_access", uuid4()).restart
