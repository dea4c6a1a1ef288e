"""Accounts made and changed by administrators on the web."""

from __future__ import annotations

import re

import pytest

from services.wiki.tests.web import PASSWORD, Browser, Web


def made_password(page: str) -> str:
    """The generated password on a page."""
    found = re.search(r"shown only now:</strong> <code>([a-z0-9-]{23})</code>", page)
    assert found is not None
    return found[1]


def form_of(root: Browser, **fields: str) -> dict[str, str]:
    return {"csrf": root.csrf("/admin/"), "own_password": PASSWORD, **fields}


def test_an_account_is_made_with_a_generated_password_that_is_shown_once_and_signs_in(web: Web) -> None:
    root = web.browser("root")
    got = root.post("/admin/new-user", form_of(root, name="Carol", role="member", full_name="", password=""))
    assert got.status == 200
    assert got.fields["cache-control"] == "no-store"
    password = made_password(got.text)
    assert password not in root.get("/admin/users/carol").text
    assert web.browser().sign_in("carol", password).status == 200  # asked for the full name
    carol = web.transaction.row("SELECT role, full_name FROM account WHERE name = 'carol'")
    assert carol == ("member", None)
    assert web.transaction.value("SELECT count(*) FROM address WHERE local_part = 'carol'") == 1


def test_a_typed_password_is_not_shown(web: Web) -> None:
    root = web.browser("root")
    form = form_of(root, name="carol", role="moderator", full_name="Carol Reed", password="staple battery tree")
    got = root.post("/admin/new-user", form)
    assert (got.status, got.fields["location"]) == (303, "/admin/users/carol?done=made")
    assert web.browser().sign_in("carol", "staple battery tree").status == 303


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"name": "alice"}, "There is an account of that name."),
        ({"name": "a b"}, "An account cannot have that name."),
        ({"name": "carol", "password": "short"}, "The password is too short"),
        ({"name": "carol", "full_name": "a\x07b"}, "control"),
    ],
    ids=["taken", "unusable", "weak", "full name"],
)
def test_what_cannot_be_made_is_said_and_stays_in_the_form(web: Web, fields: dict[str, str], why: str) -> None:
    root = web.browser("root")
    got = root.post("/admin/new-user", form_of(root, **{"role": "guest", "password": "", **fields}))
    assert got.status == 422
    assert why in got.text
    assert f'value="{fields["name"]}"' in got.text
    assert '<option value="guest" selected>' in got.text
    assert web.transaction.value("SELECT count(*) FROM account") == 5


def test_role_name_quota_and_password_are_changed(web: Web) -> None:
    root = web.browser("root")
    for fields in (
        {"change": "role", "role": "moderator"},
        {"change": "full-name", "full_name": "Alice Tree"},
        {"change": "quota", "quota": "100"},
    ):
        got = root.post("/admin/users/alice", form_of(root, **fields))
        assert (got.status, got.fields["location"]) == (303, f"/admin/users/alice?done={fields['change']}")
    row = web.transaction.row("SELECT role, full_name, quota_octets FROM account WHERE name = 'alice'")
    assert row == ("moderator", "Alice Tree", 100 << 20)
    web.transaction.commit()
    assert 'value="100"' in root.get("/admin/users/alice").text
    root.post("/admin/users/alice", form_of(root, change="quota", quota=""))
    assert web.transaction.value("SELECT quota_octets FROM account WHERE name = 'alice'") is None


def test_a_new_password_ends_the_sessions_of_browsers(web: Web) -> None:
    alice, root = web.browser("alice"), web.browser("root")
    password = made_password(root.post("/admin/users/alice", form_of(root, change="password", password="")).text)
    assert web.transaction.value("SELECT count(*) FROM web_session WHERE account_id = %s",
                                 (web.accounts["alice"].id,)) == 0  # fmt: skip
    web.transaction.commit()
    assert alice.get("/account").status == 303
    assert web.browser().sign_in("alice", PASSWORD).status == 403
    assert web.browser().sign_in("alice", password).status == 303


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"change": "role", "role": "king"}, 400),
        ({"change": "quota", "quota": "-1"}, 400),
        ({"change": "quota", "quota": "9" * 30}, 400),
        ({"change": "full-name", "full_name": " "}, 422),
        ({"change": "password", "password": "short"}, 422),
        ({"change": "role"}, 400),
        ({}, 400),
    ],
    ids=["role", "negative", "large", "name", "weak", "no role", "nothing"],
)
def test_what_cannot_be_changed_is_refused(web: Web, fields: dict[str, str], status: int) -> None:
    root = web.browser("root")
    assert root.post("/admin/users/alice", form_of(root, **fields)).status == status


def test_the_last_administrator_stays_one_and_the_page_says_so(web: Web) -> None:
    root = web.browser("root")
    got = root.post("/admin/users/root", form_of(root, change="role", role="member"))
    assert got.status == 409
    assert "An administrator must be left." in got.text


def test_every_change_is_in_the_audit_without_secrets(web: Web) -> None:
    root = web.browser("root")
    root.post("/admin/users/alice", form_of(root, change="password", password="staple battery tree"))
    root.post("/admin/users/root", form_of(root, change="disable"))
    rows = web.transaction.rows("SELECT account, door, status, command FROM command_audit ORDER BY id")
    assert [tuple(row) for row in rows] == [
        ("root", "web", 0, "user set-password alice"), ("root", "web", 1, "user disable root"),
    ]  # fmt: skip
    web.transaction.commit()
    page = root.get("/admin/audit").text
    assert "user set-password alice" in page
    assert "refused, 1" in page
    assert "staple" not in page
    assert "user set-password" not in root.get("/admin/audit?account=alice").text


def test_who_is_no_administrator_any_more_changes_nothing(web: Web) -> None:
    """The session's account may be seconds old: the change itself asks the store."""
    root = web.browser("root")
    form = form_of(root, change="disable")
    web.transaction.execute("UPDATE account SET role = 'member' WHERE name = 'root'")
    web.transaction.commit()
    assert root.post("/admin/users/alice", form).status == 403
    assert web.transaction.value("SELECT enabled FROM account WHERE name = 'alice'")
