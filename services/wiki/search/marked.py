"""A text with the words that were found marked."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape


def marked(text: str, marks: Sequence[tuple[int, int]]) -> Markup:
    """The text with `<mark>` where the marks are."""
    pieces: list[str] = []
    at = 0
    for begin, end in marks:
        pieces += [escape(text[at:begin]), "<mark>", escape(text[begin:end]), "</mark>"]
        at = end
    return Markup("".join([*pieces, escape(text[at:])]))
