"""The client `dokuwiki` from PyPI, which asks at /lib/exe/xmlrpc.php."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dokuwiki import DokuWiki, DokuWikiError

from services.wiki.calls.tests.fixtures import PASSWORD
from services.wiki.calls.tests.site import Opened


def client(opened: Opened) -> Any:
    return DokuWiki(opened.url(), "alice", PASSWORD)


def test_its_pages_methods_work(faces: Opened) -> None:
    wiki = client(faces)
    assert wiki.version == "Agora"
    assert wiki.xmlrpc_supported_version == 2
    assert wiki.title == "Agora"
    assert wiki.time > 1_700_000_000
    assert wiki.pages.set("Tea/Time", "At four. See TeaPot.", sum="made", minor=True) is True
    assert wiki.pages.append("Tea/Time", "\nOr five.\n", sum="later") is True
    assert wiki.pages.get("Tea/Time") == "At four. See TeaPot.\nOr five.\n"
    assert wiki.pages.get("Tea/Time", 1) == "At four. See TeaPot."
    assert "TeaPot" in wiki.pages.html("Tea/Time")
    assert wiki.pages.info("Tea/Time")["version"] == 2
    assert [each["sum"] for each in wiki.pages.versions("Tea/Time")] == ["later", "made"]
    assert [each["id"] for each in wiki.pages.list("Tea")] == ["Tea/Time"]
    assert {each["id"] for each in wiki.pages.list()} == {"Tea/Time", "WikiHome"}
    assert wiki.pages.backlinks("TeaPot") == ["Tea/Time"]
    assert "TeaPot" in {each["page"] for each in wiki.pages.links("Tea/Time")}
    assert [each["id"] for each in wiki.pages.search("five")] == ["Tea/Time"]
    assert "Tea/Time" in {each["name"] for each in wiki.pages.changes(0)}
    assert wiki.pages.delete("Tea/Time") is True
    with pytest.raises(DokuWikiError):
        wiki.pages.get("Tea/Time")


def test_its_media_methods_work(faces: Opened, tmp_path: Path) -> None:
    medias = client(faces).medias
    (tmp_path / "tea.png").write_bytes(bytes(range(256)))
    medias.add("WikiHome:tea.png", str(tmp_path / "tea.png"))
    medias.set("WikiHome:notes.txt", b"at four")
    assert {each["id"] for each in medias.list("WikiHome")} == {"WikiHome:tea.png", "WikiHome:notes.txt"}
    assert medias.get("WikiHome:tea.png") == bytes(range(256))
    medias.get("WikiHome:notes.txt", dirpath=str(tmp_path / "got"))
    assert (tmp_path / "got" / "notes.txt").read_bytes() == b"at four"
    assert medias.info("WikiHome:notes.txt")["size"] == 7
    medias.delete("WikiHome:notes.txt")
    with pytest.raises(DokuWikiError):
        medias.get("WikiHome:notes.txt")
