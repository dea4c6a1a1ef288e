"""Code in colours: pygments' words as `<span>`s with classes, for code of a bounded size."""

from __future__ import annotations

import re
from html import escape

from pygments import lex
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES, Token
from pygments.util import ClassNotFound

# A lexer is some hundred regular expressions of many authors. 32 KiB take most of them 50 ms; longer code is shown
# without colours, as is all code of a page behind the first 256 KiB.
MOST_BLOCK_CHARACTERS = 32 << 10
MOST_PAGE_CHARACTERS = 256 << 10
CODE_CLASSES = frozenset(STANDARD_TYPES.values()) - {""}
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,30}")


class Highlighting:
    """The code of one page."""

    def __init__(self) -> None:
        self._left = MOST_PAGE_CHARACTERS

    def html(self, code: str, language: str) -> str:
        """The code as HTML; without colours where the language is not known, or the code too long."""
        if not _LANGUAGE.fullmatch(language) or len(code) > min(self._left, MOST_BLOCK_CHARACTERS):
            return escape(code, quote=False)
        try:
            lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
        except ClassNotFound:
            return escape(code, quote=False)
        self._left -= len(code)
        return "".join(_span(kind, text) for kind, text in lex(code, lexer))


def _span(kind: object, text: str) -> str:
    name = STANDARD_TYPES.get(kind, "")
    while not name and kind is not Token and getattr(kind, "parent", None) is not None:
        kind = kind.parent  # type: ignore[attr-defined]
        name = STANDARD_TYPES.get(kind, "")
    escaped = escape(text, quote=False)
    return f'<span class="{name}">{escaped}</span>' if name and text.strip() else escaped
