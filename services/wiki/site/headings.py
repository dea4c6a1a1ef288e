"""Headings of a text that is shown inside a page: they are below the page's own."""

from __future__ import annotations

import re

from markupsafe import Markup

LOWEST = 6  # HTML has h1 to h6
_TAG = re.compile(r"(?<=<)(/?)h([1-6])\b")


def beneath(html: Markup, level: int) -> Markup:
    """`html` with its headings moved down as far as it takes to have all of them below `h{level}`; none is moved up."""
    highest = next((number for number in range(1, level + 1) if f"<h{number}" in html), None)
    if highest is None:
        return html
    down = level + 1 - highest
    return Markup(_TAG.sub(lambda tag: f"{tag[1]}h{min(int(tag[2]) + down, LOWEST)}", html))
