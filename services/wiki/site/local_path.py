"""Where to go on: a path of this site, never another one, whatever a form or a link says."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

LONGEST = 2048
_SAFE = "/%:@!$&'()*+,;=~-._"


def local_path(text: str, otherwise: str = "/") -> str:
    """`text` as a path and query of this site, encoded; `otherwise` for what is none.

    Browsers take `//host`, `/\\host` and controls inside for more than a path.
    """
    if not text.startswith("/") or len(text) > LONGEST or any(ord(letter) <= 32 for letter in text):
        return otherwise
    if "\\" in text or text.startswith("//"):
        return otherwise
    try:
        parts = urlsplit(text)
    except ValueError:
        return otherwise
    if parts.scheme or parts.netloc:
        return otherwise
    path = quote(parts.path, safe=_SAFE)
    if path.startswith("//"):
        return otherwise
    return path + (f"?{quote(parts.query, safe=_SAFE + '?')}" if parts.query else "")
