"""Names of pages: one spelling each, and what cannot be one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.wiki.errors import BadPageName, ReservedPageName
from shared.wiki.name import RESERVED, check_new_name, page_name, page_path


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("WikiHome", "WikiHome"),
        ("Any_Title", "Any Title"),
        ("Any  Title", "Any Title"),
        ("Any\u00a0Title", "Any Title"),
        ("WikiHome/", "WikiHome"),
        ("Garden/Beans", "Garden/Beans"),
        ("Cafe\u0301", "Caf\u00e9"),  # NFD and NFC are one name
        ("日本語", "日本語"),
        ("\u0645\u06cc\u200c\u062e\u0648", "\u0645\u06cc\u200c\u062e\u0648"),
        ("x" * 200, "x" * 200),
        ("C# & C++ <100%>?", "C# & C++ <100%>?"),
    ],
)
def test_a_name_has_one_spelling(typed: str, name: str) -> None:
    assert page_name(typed) == name
    assert page_name(name) == name


@pytest.mark.parametrize(
    "typed",
    [
        "", " ", "_", "/", "//", " a", "a ", "_a", "a_", "a/ b", "a\x00b", "a\nb", "\x7f", "\x85", "\ud800", "a\u202eb",
        "a\u200bb", "\ufeffa", "a\u2028b", "a\ufffeb", "..", "../etc/passwd", "a/../b", "./a", "a//b", "/a", "x" * 201,
        "x" * 100_000, "e\u0301" * 201,
    ],
)  # fmt: skip
def test_what_cannot_be_a_name_is_refused(typed: str) -> None:
    with pytest.raises(BadPageName):
        page_name(typed)


def test_case_twins_are_two_names() -> None:
    assert page_name("Wikihome") != page_name("WikiHome")


@pytest.mark.parametrize("first", sorted(RESERVED))
def test_paths_of_the_site_are_no_new_pages(first: str) -> None:
    for name in (first, f"{first}/x", f"{first}/"):
        with pytest.raises(ReservedPageName, match="path of the site"):
            check_new_name(name)
    if first.islower() and first.isalpha():
        assert check_new_name(first.title()) == first.title()


def test_the_path_of_a_page_never_leads_to_another_host() -> None:
    assert page_path("Any Title") == "/Any%20Title"
    assert page_path("a/b") == "/a/b"
    assert page_path("50% <b>\"'?#") == "/50%25%20%3Cb%3E%22'%3F%23"


@given(st.text(max_size=220))
def test_any_text_is_refused_or_has_one_spelling(text: str) -> None:
    try:
        name = page_name(text)
    except BadPageName:
        return
    assert page_name(name) == name
    assert page_path(name).startswith("/")
    assert not page_path(name).startswith("//")
    name.encode()
