"""The commands about pages of the wiki, on a store of the test's own."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.administration.pages import delete, rename
from shared.command_line.tests.conftest import Agora, read_json
from shared.command_line.wiki.page_file_names import page_file, page_of
from shared.command_line.wiki.page_folder import INDEX
from shared.database.blocking import BlockingDatabase
from shared.testing.overtaken import overtaken
from shared.wiki.errors import BadPageName
from shared.wiki.name import page_name


@pytest.fixture
def wiki(run: Agora) -> Agora:
    """The command line, with an administrator and a member."""
    run("user", "add", "root", "--role", "admin", "--password-stdin", input="kept in a drawer\n")
    run("user", "add", "alice", "--password-stdin", input="kept in a drawer\n")
    return run


def test_a_page_is_deleted_brought_back_renamed_and_searched(wiki: Agora) -> None:
    wiki("page", "put", "Tea", "--as", "alice", input="At four. SeeAlso OtherPage\n")
    assert wiki("page", "delete", "Tea").output == "Tea is deleted.\n"
    assert wiki("page", "show", "Tea", status=1).stderr == "agora: there is no page called Tea\n"
    assert wiki("page", "undelete", "Tea").output == "Tea is there: revision 1.\n"
    assert wiki("page", "rename", "Tea", "Tea_at_four").output == "Tea is Tea at four now.\n"
    taken = wiki("page", "rename", "Tea_at_four", "WikiHome", status=1)
    assert taken.stderr == "agora: another page, maybe a deleted one, has the name WikiHome\n"
    assert [hit["name"] for hit in read_json(wiki("page", "search", "four", "see", "--json"))] == ["Tea at four"]
    assert read_json(wiki("page", "needed", "--json")) == [
        {"name": "OtherPage", "wanted_by": 1},
        {"name": "SeeAlso", "wanted_by": 1},
    ]
    assert read_json(wiki("page", "orphans", "--json")) == [{"name": "Tea at four"}]
    kinds = [change["kind"] for change in read_json(wiki("page", "recent", "--json"))]
    assert kinds[:4] == ["renamed", "undeleted", "deleted", "created"]


def test_revisions_are_compared(wiki: Agora) -> None:
    for text in ("one\n", "two\n", "three\n"):
        wiki("page", "put", "Tea", input=text)
    assert wiki("page", "diff", "Tea").output.endswith("@@ -1 +1 @@\n-two\n+three\n")
    assert wiki("page", "diff", "Tea", "1", "2").output.endswith("-one\n+two\n")
    assert wiki("page", "diff", "Tea", "0", "1").output.endswith("+one\n")
    assert wiki("page", "diff", "Tea", "7", status=1).stderr == "agora: the page has no revision 7\n"


def test_a_page_is_written_by_those_who_may(wiki: Agora) -> None:
    wiki("page", "put", "Tea", "--as", "alice", input="x")
    assert wiki("page", "set", "Tea", "--write", "admins").output == "Tea is written by admins.\n"
    refused = wiki("page", "put", "Tea", "--as", "alice", input="y", status=1)
    assert refused.stderr == "agora: only admins write this page\n"
    assert wiki("page", "set", "Tea", "--write", "default", "--as", "alice", status=1)
    assert wiki("page", "set", "Tea", "--write", "default").output == "Tea is written as the other pages.\n"
    wiki("page", "put", "Tea", "--as", "alice", input="y")


def test_a_folder_goes_out_is_edited_and_comes_back(wiki: Agora, tmp_path: Path) -> None:
    folder = tmp_path / "wiki"
    names = ["Tea", "tea", "Recipes/Scones", "Recipes", "What: 50% <b>?", "日本語", "x" * 200, "\u00fc" * 200]
    for name in names:
        wiki("page", "put", name, input=f"one of {name[:20]}\ntwo\nthree\n")
    (tmp_path / "Tea%files").mkdir()
    (tmp_path / "Tea%files" / "plan.txt").write_bytes(b"a plan")
    assert read_json(wiki("page", "import", str(tmp_path), "--json")) == [
        {"page": "Tea", "outcome": "plan.txt attached"}
    ]
    assert wiki("page", "export", str(folder)).output == f"9 pages and 1 files are in {folder}.\n"
    assert (folder / "Recipes" / "Scones.md").read_text() == "one of Recipes/Scones\ntwo\nthree\n"
    assert (folder / "Tea%files" / "plan.txt").read_bytes() == b"a plan"
    assert read_json(wiki("page", "import", str(folder), "--json")) == []
    (folder / "Tea.md").write_text("ONE of Tea\ntwo\nthree\n")
    (folder / "Recipes.md").write_text("mine\n")
    (folder / "New Page.md").write_text("new\n")
    wiki("page", "put", "Tea", input="one of Tea\ntwo\nTHREE\n")
    wiki("page", "put", "Recipes", input="theirs\n")
    back = wiki("page", "import", str(folder), "--json", status=1)
    outcomes = {row["page"]: row["outcome"] for row in read_json(back)}
    assert (outcomes["Tea"], outcomes["New Page"]) == ("merged", "saved")
    assert "revision 2 has other words" in outcomes["Recipes"]
    assert len(outcomes) == 3
    assert wiki("page", "show", "Tea").output == "ONE of Tea\ntwo\nTHREE\n"
    assert wiki("page", "show", "Recipes").output == "theirs\n"
    assert wiki("page", "show", "What:_50%_<b>?").output == "one of What: 50% <b>?\ntwo\nthree\n"


@pytest.mark.parametrize("behind", [2, 3])  # once they are listed; between the text of one and its files
@pytest.mark.parametrize("change", [(delete,), (rename, "Coffee")], ids=["deleted", "renamed"])
def test_a_folder_has_the_pages_as_they_were_when_its_export_began(
    wiki: Agora, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, behind: int, change: Any
) -> None:
    def meanwhile() -> None:
        operation, *arguments = change
        BlockingDatabase(database_url, "tests").transact(operation, None, "Tea", *arguments)

    folder = tmp_path / "wiki"
    wiki("page", "put", "Tea", input="At four.\n")
    (tmp_path / "Tea%files").mkdir()
    (tmp_path / "Tea%files" / "plan.txt").write_bytes(b"a plan")
    wiki("page", "import", str(tmp_path))
    with monkeypatch.context() as patched:
        patched.setattr("shared.database.blocking.Transaction", overtaken(behind, meanwhile))
        assert wiki("page", "export", str(folder)).output == f"2 pages and 1 files are in {folder}.\n"
    wiki("page", "show", "Tea", status=1)
    assert (folder / "Tea.md").read_text() == "At four.\n"
    assert (folder / "Tea%files" / "plan.txt").read_bytes() == b"a plan"
    assert json.loads((folder / INDEX).read_text()) == {"Tea": 1, "WikiHome": 1}


def test_dokuwiki_s_folder_is_brought_here_and_again_with_changes_in_between(wiki: Agora, tmp_path: Path) -> None:
    pages, media = tmp_path / "data" / "pages", tmp_path / "data" / "media"
    (pages / "kitchen").mkdir(parents=True)
    (media / "kitchen").mkdir(parents=True)
    (pages / "start.txt").write_text("====== Hello ======\\n\\nSee [[kitchen:tea|Tea]].\\n".replace("\\n", "\n"))
    (pages / "kitchen" / "tea.txt").write_text("At **four**.\n\n{{pot.png|the pot}}\n")
    (pages / "kitchen" / "%C3%BCber.txt").write_text("x\n")
    (pages / "_template.txt").write_text("none")
    (pages / "blog.txt").write_text("a name of the site\n")
    (media / "kitchen" / "pot.png").write_bytes(b"png")
    (media / "unused.txt").write_bytes(b"x")
    outcomes = read_json(wiki("wiki", "import", str(tmp_path), "--json", status=1))
    assert {(row["page"], row["outcome"]) for row in outcomes} >= {
        ("WikiHome", "saved"), ("kitchen/tea", "saved"), ("kitchen/\u00fcber", "saved"),
        ("kitchen/tea", "kitchen-pot.png attached"), ("", "unused.txt is left out: no page uses it"),
    }  # fmt: skip
    assert "cannot be a page" in {row["page"]: row["outcome"] for row in outcomes}["blog"]
    assert wiki("page", "show", "WikiHome").output == "# Hello\n\nSee [[kitchen/tea|Tea]].\n"
    shown = wiki("page", "show", "kitchen/tea").output
    assert shown == "At **four**.\n\n![the pot](<kitchen-pot.png>)\n"
    wiki("page", "put", "kitchen/tea", input=shown + "\nWith scones.\n")
    (pages / "blog.txt").unlink()
    (pages / "kitchen" / "tea.txt").write_text("At **five**.\n\n{{pot.png|the pot}}\n")
    again = read_json(wiki("wiki", "import", str(tmp_path / "data"), "--json"))
    assert {(row["page"], row["outcome"]) for row in again} == {
        ("kitchen/tea", "merged"), ("", "unused.txt is left out: no page uses it"),
    }  # fmt: skip
    assert wiki("page", "show", "kitchen/tea").output.startswith("At **five**.")
    assert wiki("page", "show", "kitchen/tea").output.endswith("With scones.\n")


def test_a_folder_that_is_none_is_refused(wiki: Agora, tmp_path: Path) -> None:
    assert "there is no folder" in wiki("page", "import", str(tmp_path / "none"), status=1).stderr
    (tmp_path / "A.md").write_bytes(b"\xff")
    assert "is not UTF-8" in wiki("page", "import", str(tmp_path), status=1).stderr
    (tmp_path / ".agora-pages.json").write_text("[")
    assert "is not as" in wiki("page", "import", str(tmp_path), status=1).stderr


@given(
    st.lists(
        st.text(st.sampled_from("aAbß%/. _:\\é\u00c9\U0001f331"), min_size=1, max_size=250), unique=True, max_size=20
    )
)
@example(["A", "a"])
@example(["\u00c9" * 200, "\u00e9" * 200, "E" * 200, "e" * 200])
def test_every_page_has_a_file_of_its_own_and_finds_back(texts: list[str]) -> None:
    names = set()
    for text in texts:
        try:
            names.add(page_name(text))
        except BadPageName:
            continue
    taken: set[str] = set()
    files = {name: page_file(name, taken) for name in sorted(names)}
    assert len({str(file).casefold() for file in files.values()}) == len(names)
    for name, file in files.items():
        assert page_of(PurePosixPath(str(file))) == name
        assert all(len(part.encode()) < 256 - 6 and part not in ("", ".", "..") for part in file.parts)
        assert not str(file).startswith("/")
