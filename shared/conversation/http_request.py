"""The request line of HTTP, which ends a conversation that it begins.

A page on the web can have a browser send a form to any port of the browser's own machine. The lines of its body would
be obeyed as commands of a client on this machine (Postfix: smtpd_forbidden_commands).
"""

from __future__ import annotations

import re

_METHOD = re.compile(rb"[A-Z]{3,} ")
_VERSION = re.compile(rb" HTTP/\d(\.\d)?\Z")


def is_http_request(first: bytes, last: bytes) -> bool:
    """Whether a line that begins and ends so is `METHOD target HTTP/version` (RFC 9112 §3)."""
    return _METHOD.match(first) is not None and _VERSION.search(last) is not None
