"""HTML as plain text, for the text part of an item's message: paragraphs, list marks, no tags."""

from __future__ import annotations

import re
from html.parser import HTMLParser

MOST_CHARACTERS = 256 << 10  # of HTML that is read; a longer item is cut in its text part only

_HIDDEN = frozenset({"head", "script", "style", "template", "noscript"})
_PARAGRAPHS = frozenset({"p", "blockquote", "pre", "ul", "ol", "dl", "table", "h1", "h2", "h3", "h4", "h5", "h6"})
_LINES = frozenset({"br", "div", "tr", "dt", "dd", "hr", "section", "article", "header", "footer", "figure"})
_BLANKS = re.compile(r"[^\S\n]+")
_LINE_ENDS = re.compile(r" ?\n ?")
_EMPTY_LINES = re.compile(r"\n{3,}")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        self._break(tag)
        if tag == "li":
            self.pieces.append("\n- ")
        elif tag in ("td", "th"):
            self.pieces.append(" ")
        elif tag == "img":
            alternative = dict(attrs).get("alt")
            if alternative:
                self.pieces.append(f"[{alternative}]")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN and self._hidden:
            self._hidden -= 1
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data.replace("\n", " "))

    def _break(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self.pieces.append("\n\n")
        elif tag in _LINES:
            self.pieces.append("\n")


def html_to_text(html: str) -> str:
    """The text of `html`, its lines ended by "\\n"; never raises.

    It is HTML that was made harmless (feedparser, nh3). Tags that are never closed, which these leave none of, would
    take time by the square of their length.
    """
    reader = _Reader()
    try:
        reader.feed(html[:MOST_CHARACTERS])
        reader.close()
    except (AssertionError, ValueError):  # of declarations that html.parser does not understand
        pass
    text = _LINE_ENDS.sub("\n", _BLANKS.sub(" ", "".join(reader.pieces)))
    return _EMPTY_LINES.sub("\n\n", text).strip()
