"""The page of listeners: what is checked is started, what is not is stopped, and what must stay on stays."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

from services.wiki.tests.web import Web
from shared.administration import audit
from shared.control.change_listeners import list_stopped, stop_listeners
from shared.control.listener import Listener
from shared.control.look_at_control import report_process
from shared.control.process import DoorReport, ProcessReport
from shared.database.transaction import Transaction

IMAP, POP3 = "mail_access/imap", "mail_access/pop3"
PAGE = "/admin/services"


def report(tx: Transaction, service: str, doors: Mapping[str, str | None], state: str = "open") -> None:
    """One copy that reports its doors; the values: why they are held."""
    told = {name: DoorReport(state, held) for name, held in doors.items()}
    report_process(tx, ProcessReport(uuid4(), service, f"host{uuid4().hex[:4]}", 7, True, told))
    tx.commit()


def stopped(web: Web) -> list[str]:
    web.transaction.commit()
    return [str(each) for each in list_stopped(web.transaction)]


def test_each_listener_has_a_check_box_and_its_state_at_each_copy(web: Web) -> None:
    report(web.transaction, "mail_access", {"imap": None, "pop3": "systemd owns its socket"})
    report(web.transaction, "mail_access", {"imap": None}, state="stopped")
    report(web.transaction, "wiki", {"web": None})
    page = web.browser("root").get(PAGE).text
    assert f'name="started" value="{IMAP}" checked> {IMAP}' in page
    assert page.count('<span class="tag warn">stopped</span>') == 1
    assert f'value="{POP3}" checked disabled> {POP3}' in page
    assert "started; systemd owns its socket" in page
    assert 'value="wiki/web" checked disabled> wiki/web' in page
    assert "started; you came by it" in page
    assert 'value="news_gateway/nntp" checked disabled> news_gateway/nntp' in page
    assert "no copy is seen" in page
    assert 'href="/admin/services"' in web.browser("root").get("/admin/").text


def test_what_is_not_checked_is_stopped_and_what_is_checked_is_started(web: Web) -> None:
    report(web.transaction, "mail_access", {"imap": None, "imaps": None, "pop3": None}, state="stopped")
    stop_listeners(web.transaction, [Listener("mail_access", "pop3")], "alice")
    web.transaction.commit()
    root = web.browser("root")
    form = {"shown": [IMAP, POP3], "started": [POP3]}
    assert root.post(PAGE, form).status == 403
    assert root.post(PAGE, {**form, "csrf": root.csrf(PAGE)}, Sec_Fetch_Site="cross-site").status == 403
    assert stopped(web) == [POP3]
    got = root.post(PAGE, {**form, "csrf": root.csrf(PAGE)})
    assert (got.status, got.fields["location"]) == (303, PAGE)
    assert stopped(web) == [IMAP], "and imaps, which the form did not show, is as it was"
    assert "stopped by root since 20" in root.get(PAGE).text
    lines = audit.list_lines(web.transaction, "root")
    assert {(line.command, line.door, line.status) for line in lines} == {
        (f"service stop {IMAP}", "web", 0), (f"service start {POP3}", "web", 0),
    }  # fmt: skip


def test_what_must_stay_on_stays(web: Web) -> None:
    report(web.transaction, "wiki", {"web": None, "web_tls": None})
    report(web.transaction, "mail_access", {"pop3": "systemd owns its socket"})
    root = web.browser("root")
    csrf = root.csrf(PAGE)
    for listener in ("wiki/web", POP3):
        assert root.post(PAGE, {"csrf": csrf, "shown": [listener]}).status == 409
    assert root.post(PAGE, {"csrf": csrf, "shown": ["wiki/nothing"]}).status == 404
    assert web.browser("alice").post(PAGE, {"shown": [IMAP]}).status in (401, 403)
    assert stopped(web) == []
    refused = {line.command: line.status for line in audit.list_lines(web.transaction, "root")}
    assert refused == {"service stop wiki/web": 1, f"service stop {POP3}": 1}
