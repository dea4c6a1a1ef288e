"""The commands about accounts, addresses and domains, on a store of the test's own."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from click.testing import CliRunner

from shared.command_line.root import agora
from shared.command_line.tests.conftest import Agora, read_json


def test_the_first_migration_makes_an_admin_and_shows_the_password_once(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGORA_DATABASE_URL", database_url)
    first = read_json(CliRunner().invoke(agora, ["migrate", "--json"]))
    assert first["admin"]["name"] == "admin"
    assert len(first["admin"]["password"]) > 20
    assert read_json(CliRunner().invoke(agora, ["migrate", "--json"])) == {"applied": [], "admin": None}


def test_the_admins_password_may_come_from_a_file(
    database_url: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    monkeypatch.setenv("AGORA_DATABASE_URL", database_url)
    monkeypatch.setenv("AGORA_ADMIN_PASSWORD_FILE", str(tmp_path / "secret"))
    result = CliRunner().invoke(agora, ["migrate"])
    assert "The administrator's account is admin" in result.output
    assert "password" not in result.output


def test_a_new_account_has_folders_and_an_address(run: Agora) -> None:
    run("user", "add", "Alice", "--password-stdin", input="kept in a drawer\n")
    rows = {row["name"]: row for row in read_json(run("user", "list", "--json"))}
    assert rows["alice"] == {
        "name": "alice",
        "role": "member",
        "enabled": True,
        "used_octets": 0,
        "quota_octets": None,
        "full_name": None,
    }
    assert {"address": "alice@example.org", "account": "alice"} in read_json(run("address", "list", "--json"))


@pytest.mark.parametrize(
    ("password", "why"),
    [("tea", "fewer than 8 characters"), ("Football", "one of the most used"), ("1qaz2wsx", "one of the most used")],
)
def test_a_weak_password_is_refused_unless_that_is_wanted(run: Agora, password: str, why: str) -> None:
    for command in (["user", "add", "bob"], ["user", "set-password", "admin"]):
        refused = run(*command, "--password-stdin", input=f"{password}\n", status=1)
        assert refused.output.startswith("agora: this password is weak: ")
        assert why in refused.output
        run(*command, "--password-stdin", "--weak", input=f"{password}\n")


def test_members_change_their_password_by_the_one_they_have(run: Agora) -> None:
    run("user", "add", "bob", "--password-stdin", input="kept in a drawer\n")
    changed = run("passwd", "bob@example.org", "--password-stdin", input="kept in a drawer\nat the lighthouse\n")
    assert changed.output == "bob has a new password.\n"
    for name, old in (("bob", "kept in a drawer"), ("nobody", "at the lighthouse"), ("bob", "")):
        said = run("passwd", name, "--password-stdin", input=f"{old}\nin the harbour\n", status=1)
        assert said.output == "agora: this is not the password, or no account of this name may sign in\n"
    assert "weak" in run("passwd", "bob", "--password-stdin", input="at the lighthouse\ntea\n", status=1).output
    run("user", "disable", "bob")
    run("passwd", "bob", "--password-stdin", input="at the lighthouse\nin the harbour\n", status=1)


def test_an_app_password_does_not_change_the_password(run: Agora) -> None:
    secret = read_json(run("user", "app-password", "add", "admin", "phone", "--json"))["secret"]
    run("passwd", "admin", "--password-stdin", input=f"{secret}\nin the harbour\n", status=1)


def test_a_generated_password_is_shown(run: Agora) -> None:
    made = read_json(
        run("user", "add", "bob", "--generate-password", "--role", "moderator", "--quota", "1GiB", "--json")
    )
    assert (made["role"], made["quota_octets"], made["address"]) == ("moderator", 1 << 30, "bob@example.org")
    assert made["password"]


def test_a_name_is_taken_once(run: Agora) -> None:
    run("user", "add", "bob", "--generate-password")
    assert "already" in run("user", "add", "BOB", "--generate-password", status=1).output


@pytest.mark.parametrize("name", ["b b", "bob@example.org", "-x", "böb"])
def test_a_name_that_cannot_be_is_refused(run: Agora, name: str) -> None:
    assert "cannot be an account's name" in run("user", "add", "--generate-password", "--", name, status=1).output


def test_without_a_terminal_the_password_must_come_from_somewhere(run: Agora) -> None:
    assert "--password-stdin" in run("user", "add", "bob", status=1).output
    assert "no password" in run("user", "add", "bob", "--password-stdin", input="\n", status=1).output


def test_an_account_is_disabled_and_enabled(run: Agora) -> None:
    run("user", "add", "bob", "--generate-password")
    for verb, enabled in (("disable", False), ("enable", True)):
        run("user", verb, "bob")
        assert [row["enabled"] for row in read_json(run("user", "list", "--json")) if row["name"] == "bob"] == [enabled]


def test_role_and_quota_are_changed(run: Agora) -> None:
    run("user", "add", "bob", "--generate-password", "--quota", "1MiB")
    run("user", "set-role", "bob", "admin")
    run("user", "set-quota", "bob", "none")
    bob = next(row for row in read_json(run("user", "list", "--json")) if row["name"] == "bob")
    assert (bob["role"], bob["quota_octets"]) == ("admin", None)


def test_somebody_remains_admin(run: Agora) -> None:
    for change in (("disable", "admin"), ("delete", "admin", "--yes"), ("set-role", "admin", "member")):
        assert "no enabled admin" in run("user", *change, status=1).output


def test_a_deleted_account_is_gone_with_its_address(run: Agora) -> None:
    run("user", "add", "bob", "--generate-password")
    run("user", "delete", "bob", "--yes")
    assert "no account called bob" in run("user", "delete", "bob", "--yes", status=1).output
    assert read_json(run("address", "list", "--json")) == [{"address": "admin@example.org", "account": "admin"}]


def test_deleting_asks_first(run: Agora) -> None:
    run("user", "add", "bob", "--generate-password")
    assert "nothing is deleted" in run("user", "delete", "bob", input="n\n", status=1).output
    run("user", "set-password", "bob", "--password-stdin", input="another drawer\n")


def test_app_passwords_are_made_listed_and_taken_back(run: Agora) -> None:
    run("user", "add", "bob", "--generate-password")
    made = read_json(run("user", "app-password", "add", "bob", "phone", "--protocol", "imap", "--json"))
    listed = read_json(run("user", "app-password", "list", "bob", "--json"))
    assert [(each["id"], each["label"], each["protocols"]) for each in listed] == [(made["id"], "phone", ["imap"])]
    assert made["secret"] not in json.dumps(listed)
    run("user", "app-password", "delete", "bob", str(made["id"]))
    assert "no app password" in run("user", "app-password", "delete", "bob", str(made["id"]), status=1).output


def test_a_whole_address_is_a_name_as_it_is_when_signing_in(run: Agora) -> None:
    run("user", "add", "bob", "--generate-password")
    run("domain", "add", "example.net")
    for name in ("bob@example.org", "BOB@Example.NET"):
        run("user", "set-quota", name, "1MiB")
        run("address", "list", name)
        run("user", "app-password", "list", name)
        run("proxy", "report", "usage", "--account", name)
        run("user", "unlock", name)
    assert "no account called bob@example.com" in run("user", "disable", "bob@example.com", status=1).output


def test_who_does_not_exist_is_not_asked_about(run: Agora) -> None:
    said = run("user", "delete", "nobody", status=1).output
    assert said == "agora: there is no account called nobody\n"
    said = run("user", "set-password", "nobody", "--password-stdin", status=1).output
    assert said == "agora: there is no account called nobody\n"
    said = run("user", "add", "admin", "--password-stdin", status=1).output
    assert said == "agora: there is an account called admin already\n"


def test_times_are_shown_in_seconds(run: Agora) -> None:
    run("user", "app-password", "add", "admin", "phone")
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", run("user", "app-password", "list", "admin").output)
    (listed,) = read_json(run("user", "app-password", "list", "admin", "--json"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", listed["created_at"])


def test_addresses_lead_to_several_accounts(run: Agora) -> None:
    run("user", "add", "bob", "--generate-password")
    run("address", "add", "tea@example.org", "bob")
    run("address", "add", "tea@example.org", "admin")
    assert "already" in run("address", "add", "tea@example.org", "bob", status=1).output
    run("address", "delete", "tea@example.org", "bob")
    lines = read_json(run("address", "list", "--json"))
    assert [line["account"] for line in lines if line["address"] == "tea@example.org"] == ["admin"]
    run("address", "delete", "tea@example.org")
    assert "no such address" in run("address", "delete", "tea@example.org", status=1).output


def test_mail_is_kept_for_the_domains_that_were_added(run: Agora) -> None:
    assert "not kept here" in run("address", "add", "tea@example.net", "admin", status=1).output
    run("domain", "add", "Example.NET.")
    run("address", "add", "tea@example.net", "admin")
    assert "delete them first" in run("domain", "delete", "example.net", status=1).output
    run("address", "delete", "tea@example.net")
    run("domain", "delete", "example.net")
    assert read_json(run("domain", "list", "--json")) == [{"domain": "example.org"}]


def test_nobody_is_locked_out_at_first(run: Agora) -> None:
    assert read_json(run("user", "lockouts", "--json")) == []
    assert read_json(run("user", "unlock", "--json")) == {"ended": 0}


def test_accounts_are_changed_while_redis_is_away(run: Agora, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_REDIS_URL", "redis://127.0.0.1:1/0")
    run("user", "add", "bob", "--generate-password")
    assert "Redis, which does not answer" in run("user", "lockouts", status=1).output


def test_a_store_that_is_away_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_DATABASE_URL", "postgresql://agora@127.0.0.1:1/agora")
    result = CliRunner().invoke(agora, ["user", "list"])
    assert result.exit_code == 1
    assert result.output.startswith("agora: PostgreSQL does not answer")


def test_without_a_stack_and_settings_the_command_says_what_to_do(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AGORA_DATABASE_URL", raising=False)
    result = CliRunner().invoke(agora, ["user", "list", "--state", str(tmp_path)])
    assert result.exit_code == 1
    assert "agora up" in result.output


def test_accounts_get_an_address_where_mail_is_kept_now(run: Agora, monkeypatch: pytest.MonkeyPatch) -> None:
    run("user", "add", "Alice", "--password-stdin", input="correct horse battery\n")
    monkeypatch.setenv("AGORA_MAIL_DOMAIN", "example.net")
    assert run("address", "add", "--all").output == "Addresses added in example.net: 2\n"
    assert run("address", "add", "--all").output == "Addresses added in example.net: 0\n"
    addresses = [row["address"] for row in read_json(run("address", "list", "alice", "--json"))]
    assert addresses == ["alice@example.net", "alice@example.org"]
    run("address", "add", "--all", "alice@example.net", status=2)
    run("address", "add", "alice@example.net", status=2)


def test_a_star_is_said_to_be_everybodys_address(run: Agora) -> None:
    said = run("address", "add", "*@example.org", "admin").output
    assert said == "Mail for every address of example.org that leads nowhere else reaches admin.\n"
    run("address", "delete", "*@example.org")


def test_accounts_are_imported_line_by_line(run: Agora) -> None:
    lines = "alice:kept in a drawer\n# a note\n\nbob@example.com:kept: in another\nno name:x\ncarol:\ndave:short\n"
    said = run("user", "import", "-", input=lines, status=1).output.splitlines()
    assert said == [
        "line 1: alice: made, with the address alice@example.org",
        "line 4: bob@example.com: made, with the address bob@example.com",
        said[2],
        "line 6: carol: not imported: there is no password behind a colon",
        said[4],
    ]
    assert said[2].startswith("line 5: no name: not imported: no name cannot be an account's name")
    assert said[4].startswith("line 7: dave: not imported: this password is weak")
    again = run("user", "import", "-", input="alice:another in a drawer\n").output
    assert again == "line 1: alice: there already, and left as it is\n"
    replaced = run("user", "import", "-", "--replace", input="alice:another in a drawer\n").output
    assert replaced == "line 1: alice: there already; its password is that of the line now\n"
