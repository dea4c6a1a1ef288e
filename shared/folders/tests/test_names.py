"""The names that folders may have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.folders.errors import BadFolderName
from shared.folders.name import MOST_LEVELS, MOST_NAME_OCTETS, folder_name, superiors


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Lists", "Lists"),
        ("inbox", "INBOX"),
        ("Inbox/tea", "INBOX/tea"),
        ("Lists/inbox", "Lists/inbox"),
        ("Cafe\u0301", "Café"),  # decomposed, as macOS writes it
        ("日本語/メール", "日本語/メール"),
        ("a b%*", "a b%*"),
        ("👩‍👧", "👩‍👧"),  # a zero-width joiner is part of it
    ],
)
def test_a_name_has_one_spelling(text: str, name: str) -> None:
    assert folder_name(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "/a",
        "a/",
        "a//b",
        "a\0",
        "a\nb",
        "a\x7f",
        "a\u2028b",
        "\ud800",
        "x" * 256,
        "/".join("a" * 33),
        "é" * 250 + "/" + "é" * 255,
    ],
)
def test_names_that_no_folder_can_have(text: str) -> None:
    with pytest.raises(BadFolderName):
        folder_name(text)


@given(st.text(max_size=300))
def test_a_name_is_stable_or_refused(text: str) -> None:
    try:
        name = folder_name(text)
    except BadFolderName:
        return
    assert folder_name(name) == name
    assert len(name.encode()) <= MOST_NAME_OCTETS
    assert len(superiors(name)) < MOST_LEVELS


def test_superiors_stand_topmost_first() -> None:
    assert superiors("a/b/c") == ["a", "a/b"]
    assert superiors("a") == []
