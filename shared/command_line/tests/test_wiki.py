"""`agora wiki` by every protocol, on the faces of a test's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.wiki.calls.tests.fixtures import PASSWORD, People, _create
from services.wiki.calls.tests.site import Opened, open_faces
from shared.command_line.root import agora
from shared.database.database import Database
from shared.events.bus import Bus
from shared.testing.reactor import wait_for
from shared.wiki.policy import WikiPolicy

FACES = ("rest", "xmlrpc", "soap", "pb")
NAMES = {"rest": "ViaRest", "xmlrpc": "ViaRpcs", "soap": "ViaSoap", "pb": "ViaPers"}  # of one length, for tables
TEXTS = {"CRLF": "a\r\nb\r\n", "XML": "]]>&amp;<b>", "astral": "\U0001f600é", "blank": " \n\n"}


@pytest.fixture
def people(database: Database) -> People:
    return wait_for(lambda: database.transact(_create))


@pytest.fixture
def faces(database: Database, bus: Bus, people: People) -> Iterator[Opened]:
    with open_faces(database, bus, WikiPolicy()) as opened:
        yield opened


class Wiki:
    """Calls `agora wiki` as one account, by one protocol."""

    def __init__(self, opened: Opened, people: People, via: str, user: str, folder: Path) -> None:
        self._password = folder / f"{via}-{user}"
        self._password.write_text(people.pb[user] if via == "pb" else PASSWORD)
        url = f"pb://127.0.0.1:{opened.pb_port}" if via == "pb" else opened.url()
        self._options = ["--via", via, "--url", url, "--user", user, "--password-file", str(self._password)]

    def __call__(self, *words: str, input: bytes | str = "", status: int = 0) -> Result:
        result = CliRunner().invoke(agora, ["wiki", *words, *self._options], input=input, prog_name="agora")
        assert result.exit_code == status, result.output
        return result


def test_the_outputs_of_all_protocols_are_equal(faces: Opened, people: People, tmp_path: Path) -> None:
    outputs = []
    for via in FACES:
        admin = Wiki(faces, people, via, "admin", tmp_path)
        name = NAMES[via]
        said = [
            admin("put", name, input="A *text* with a WikiLink.\n").output,
            admin("get", name).output,
            admin("get", name, "--rendered").output,
            admin("list").output,
            admin("needed").output,
            admin("search", "text").output,
            admin("put", name, "--comment", "why é", "--json", input="A text.").output,
            admin("get", name).output,
            admin("get", name, "--revision", "1").output,
            "\n".join(line[:11] + line[30:] for line in admin("history", name).output.splitlines()[1:]),
            admin("delete", name).output,
            admin("get", name, status=4).output,
        ]
        outputs.append("\n".join(said).replace(name, "NAME"))
    assert "WikiLink" in outputs[0]
    for each in outputs[1:]:
        assert each == outputs[0]


@pytest.mark.parametrize("via", FACES)
def test_a_conflict_is_status_5_with_the_diff_on_stderr(
    faces: Opened, people: People, tmp_path: Path, via: str
) -> None:
    alice = Wiki(faces, people, via, "alice", tmp_path)
    alice("put", "Shared", input="one\ntwo\n")
    alice("put", "Shared", input="ONE\ntwo\n")
    refused = alice("put", "Shared", "--base", "1", input="1\ntwo\n", status=5)
    assert "-ONE\n+1\n" in refused.stderr
    assert refused.stdout == ""
    merged = json.loads(alice("put", "Shared", "--base", "1", "--json", input="one\ntwo\nthree\n").stdout)
    assert (merged["merged"], merged["revision"]) == (True, 3)


@pytest.mark.parametrize("via", FACES)
def test_missing_pages_are_status_4_and_refused_sign_ins_3(
    faces: Opened, people: People, tmp_path: Path, via: str
) -> None:
    alice = Wiki(faces, people, via, "alice", tmp_path)
    for words in (["get", "Missing"], ["get", "Missing", "--rendered"], ["history", "Missing"]):
        assert alice(*words, status=4).stdout == ""
    alice._password.write_text("wrong")
    assert "Traceback" not in alice("put", "A", input="a", status=3).output


@pytest.mark.parametrize("via", FACES)
@pytest.mark.parametrize("text", TEXTS)
def test_sources_go_round_octet_by_octet(faces: Opened, people: People, tmp_path: Path, via: str, text: str) -> None:
    alice = Wiki(faces, people, via, "alice", tmp_path)
    octets = TEXTS[text].encode()
    alice("put", "Text", input=octets)
    assert alice("get", "Text").stdout_bytes == octets


def test_a_password_never_goes_to_another_host_in_the_clear(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("secret")
    words = ["wiki", "list", "--url", "http://example.org", "--user", "alice", "--password-file", str(password)]
    refused = CliRunner().invoke(agora, words)
    assert (refused.exit_code, "https://" in refused.output) == (2, True)


@pytest.mark.parametrize("via", FACES)
def test_a_server_that_is_not_there_is_one_sentence(via: str) -> None:
    url = "pb://127.0.0.1:1" if via == "pb" else "http://127.0.0.1:1"
    refused = CliRunner().invoke(agora, ["wiki", "list", "--via", via, "--url", url, "--anonymous"])
    assert refused.exit_code == 1
    assert "does not answer" in refused.output
