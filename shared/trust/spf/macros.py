"""Macros in SPF records (RFC 7208 §7): `%{ir}.%{v}._spf.%{d2}` and the like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

_EXPANSION = re.compile(r"%(?:\{([slodipvh])([0-9]*)(r?)([-.+,/_=]*)\}|([%_-]))", re.IGNORECASE)
# Printable ASCII without a blank; a percent sign only where it begins a macro.
_LITERAL_OR_MACRO = re.compile(r"(?:[!-$&-~]|%\{[slodipvh](?:[1-9][0-9]*)?r?[-.+,/_=]*\}|%[%_-])*", re.IGNORECASE)
_ESCAPES = {"%": "%", "_": " ", "-": "%20"}
LONGEST_NAME = 253


class BadMacro(Exception):
    """Not by the grammar of §7.1."""


def check_macros(text: str) -> None:
    """Raises BadMacro."""
    if _LITERAL_OR_MACRO.fullmatch(text) is None:
        raise BadMacro


def has_validated_name(text: str) -> bool:
    """Whether the macro p is in it, whose value costs look-ups."""
    return "%{p" in text.lower()


def expand(text: str, values: Mapping[str, str]) -> str:
    """The name that `text` stands for; labels on its left go where it is too long (§7.3)."""

    def value(match: re.Match[str]) -> str:
        if match[5]:
            return _ESCAPES[match[5]]
        letter, digits, is_reversed, delimiters = match[1], match[2], match[3], match[4]
        parts = re.split(f"[{re.escape(delimiters or '.')}]", values[letter.lower()])
        if is_reversed:
            parts.reverse()
        if digits:
            parts = parts[-min(int(digits[:4]), len(parts)) :]
        expanded = ".".join(parts)
        return quote(expanded, safe="-._~") if letter.isupper() else expanded

    name = _EXPANSION.sub(value, text)
    if len(name) <= LONGEST_NAME:
        return name
    return name[name.find(".", len(name) - LONGEST_NAME - 1) + 1 :]  # as it is if there is no dot: then it is no name
