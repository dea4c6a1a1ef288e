"""`agora user forward`, as it is typed."""

from __future__ import annotations

from shared.command_line.tests.conftest import Agora, read_json


def test_a_forward_waits_for_its_address_and_is_deleted(run_with_a_room: Agora) -> None:
    run = run_with_a_room
    assert run("user", "forward", "list", "alice").output == "Mail of alice is not sent on.\n"
    said = run("user", "forward", "add", "alice", "me@Elsewhere.example").output
    assert said.startswith(
        "me@elsewhere.example is asked by mail. Nothing is sent on before it confirms, within three days.\n"
    )
    (row,) = read_json(run("user", "forward", "list", "alice", "--json"))
    assert (row["address"], row["state"], row["copy"]) == ("me@elsewhere.example", "waiting for confirmation", True)
    assert "waiting for confirmation" in run("user", "forward", "list", "alice").output
    told = run("user", "forward", "copy", "alice", "off").output
    assert told == "What is sent on for alice is not kept here.\n"
    (row,) = read_json(run("user", "forward", "list", "alice", "--json"))
    assert row["copy"] is False
    deleted = run("user", "forward", "delete", "alice", "me@elsewhere.example").output
    assert deleted == "Mail of alice is not sent on to me@elsewhere.example any more.\n"
    refused = run("user", "forward", "delete", "alice", "me@elsewhere.example", status=1)
    assert refused.stderr == "agora: the address does not lead there\n"


def test_addresses_here_and_accounts_that_are_not_there_are_refused(run_with_a_room: Agora) -> None:
    run = run_with_a_room
    refused = run("user", "forward", "add", "alice", "alice@example.org", status=1)
    assert refused.stderr.startswith("agora: mail for alice@example.org is kept here")
    assert run("user", "forward", "add", "nobody", "me@elsewhere.example", status=1).stderr == (
        "agora: there is no account called nobody\n"
    )
