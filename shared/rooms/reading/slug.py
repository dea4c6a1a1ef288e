"""The words of a title as a part of an address: letters and digits of every script, with hyphens between words."""

from __future__ import annotations

import re
import unicodedata

MOST_CHARACTERS = 60
_BETWEEN = re.compile(r"[\W_]+")


def slug_of(title: str) -> str:
    """`a-summer-without-the-pump`, in lower case and NFC; `post` where nothing is left of the title."""
    text = unicodedata.normalize("NFKC", title).lower()
    text = unicodedata.normalize("NFC", _BETWEEN.sub("-", text).strip("-"))
    if len(text) > MOST_CHARACTERS:
        text = text[: MOST_CHARACTERS + 1].rpartition("-")[0] or text[:MOST_CHARACTERS]
    return text.strip("-") or "post"
