"""The histories of a DokuWiki's pages. `dokuwiki_data` is what DokuWiki (2022-07-31a) itself has written."""

from __future__ import annotations

import bz2
import gzip
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from shared.command_line.tests.conftest import Agora, read_json
from shared.command_line.wiki.dokuwiki_history import attic_of

DATA = Path(__file__).with_name("dokuwiki_data")
PUMP = "tools/pump"


@pytest.fixture
def wiki(run: Agora) -> Agora:
    """The command line, with an administrator, and with ann, who has an account at both wikis."""
    for name, role in (("root", "admin"), ("ann", "member")):
        run("user", "add", name, "--role", role, "--password-stdin", input="kept in a drawer\n")
    return run


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the folder that may be written to."""
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def brought(wiki: Agora, data: Path, *options: str) -> set[tuple[str, str]]:
    return {(row["page"], row["outcome"]) for row in read_json(wiki("wiki", "import", str(data), "--json", *options))}


def history(wiki: Agora, name: str) -> list[dict[str, Any]]:
    return list(reversed(read_json(wiki("page", "history", name, "--json"))))


def test_revisions_come_with_their_dates_authors_comments_and_minor_marks(wiki: Agora, data: Path) -> None:
    assert brought(wiki, data) == {
        ("WikiHome", "2 revisions saved"), (PUMP, "4 revisions saved"), ("tools/back", "2 revisions saved"),
        ("各种语言/你好", "2 revisions saved"), (PUMP, "tools-pump.png attached"),
    }  # fmt: skip
    assert [(line["author"], line["comment"], line["minor"]) for line in history(wiki, PUMP)] == [
        ("ann", "first words", False), ("bo", "how heavy", True), ("198.51.100.23", "", False),
        ("ann", "spam away", False),
    ]  # fmt: skip
    first = datetime.fromtimestamp(1795721401, UTC)
    assert datetime.fromisoformat(history(wiki, PUMP)[0]["saved_at"]) == first
    assert wiki("page", "show", PUMP, "--revision", "3").output == "# Pump\n\nbuy pills\n"
    assert wiki("page", "show", PUMP).output.endswith(
        "It is **old** and *heavy*.\n\n![tools-pump.png](<tools-pump.png>)\n"
    )
    assert [line["author"] for line in history(wiki, "WikiHome")] == ["ann", "ann"]
    assert [line["author"] for line in history(wiki, "各种语言/你好")] == ["li", "li"]
    assert read_json(wiki("page", "search", "heavy", "--json"))[0]["name"] == PUMP
    recent = read_json(wiki("page", "recent", "--json"))
    assert next(line["name"] for line in recent if line["kind"] != "attached") == "WikiHome"  # saved last, there


def test_a_second_import_brings_what_is_new_there_alone(wiki: Agora, data: Path) -> None:
    brought(wiki, data)
    assert brought(wiki, data) == set()
    go_on(data, 1795729999, "====== Pump ======\n\nNew. {{pump.png}}\n")
    assert brought(wiki, data) == {(PUMP, "1 revision saved")}
    assert [line["author"] for line in history(wiki, PUMP)][-1] == "bo"
    assert len(history(wiki, PUMP)) == 5


def test_a_page_that_was_changed_here_meanwhile_is_merged_and_its_history_stays(wiki: Agora, data: Path) -> None:
    brought(wiki, data)
    wiki(
        "page",
        "put",
        PUMP,
        input="# Pump\n\nIt is **old** and *heavy*.\n\n![tools-pump.png](<tools-pump.png>)\n\nHere.\n",
    )
    go_on(data, 1795729999, "====== Pumps ======\n\nIt is **old** and //heavy//.\n\n{{pump.png}}\n")
    assert brought(wiki, data) == {(PUMP, "merged")}
    assert wiki("page", "show", PUMP).output.startswith("# Pumps\n")
    assert wiki("page", "show", PUMP).output.endswith("Here.\n")


def test_an_import_in_the_name_of_one_account_has_no_authors_of_others(wiki: Agora, data: Path) -> None:
    assert (PUMP, "saved") in brought(wiki, data, "--as", "ann")
    assert [line["author"] for line in history(wiki, PUMP)] == ["ann"]


def test_texts_are_read_however_they_are_compressed_and_a_broken_one_is_left_out(wiki: Agora, data: Path) -> None:
    [first, second, third, fourth] = [each.file for each in attic_of(data, data / "pages/tools/pump.txt")]
    second.with_suffix(".bz2").write_bytes(bz2.compress(gzip.decompress(second.read_bytes())))
    second.unlink()
    third.with_suffix("").write_bytes(gzip.decompress(third.read_bytes()))
    third.unlink()
    first.write_bytes(first.read_bytes()[:20])
    assert brought(wiki, data) >= {
        (PUMP, "3 revisions saved"), (PUMP, f"{first.name} is left out: it cannot be read"),
    }  # fmt: skip
    assert [line["author"] for line in history(wiki, PUMP)] == ["bo", "198.51.100.23", "ann"]
    assert fourth.is_file()


def go_on(data: Path, seconds: int, text: str) -> None:
    """Bo saves the page of the pump at DokuWiki once more."""
    (data / "attic" / "tools" / f"pump.{seconds}.txt.gz").write_bytes(gzip.compress(text.encode()))
    (data / "pages" / "tools" / "pump.txt").write_text(text)
    with (data / "meta" / "tools" / "pump.changes").open("a") as log:
        log.write(f"{seconds}\t192.0.2.7\tE\ttools:pump\tbo\tmore\t\t5\n")
