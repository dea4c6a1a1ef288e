"""The paths and parameters of MAIL and RCPT: octets in, values out (RFC 5321 §4.1.2).

As Postfix does, it also takes what some servers and scripts write: a mailbox without angle brackets, or a name before
them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.bounded_cache import remembers
from shared.mail.errors import BadAddress
from shared.mail.mailbox import DOMAIN, MAILBOX, Mailbox, parse_mailbox

MOST_REMEMBERED = 1000  # arguments as they came: the same addresses come again and again

_ROUTE = rf"(?:@{DOMAIN}(?:,@{DOMAIN})*:)?"  # obsolete, read and ignored (RFC 5321 §4.1.2, appendix C)
# One of these words cannot be the mailbox or a parameter that was meant: it has no "@" and no "=".
_NAME = r'(?:(?:"[^"\\<>]*"|[^\s"<>@=]+)[ \t]+)*'
_PATH = re.compile(rf"(?:{_NAME}<(?:{_ROUTE}({MAILBOX}))?>|({MAILBOX}))(?=[ \t]|\Z)")
_WORD = re.compile(r"[^ \t]+")
_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([\x21-\x3c\x3e-\x7e\x80-\U0010ffff]+))?")


class MalformedParameter(ValueError):
    """A word behind the path is no parameter."""


NULL_PATH = Mailbox("", "")


@dataclass(frozen=True, slots=True)
class PathArgument:
    """What followed FROM: or TO:; parameter keywords are in upper case."""

    path: Mailbox
    parameters: Mapping[str, str | None] = field(default_factory=dict)


@remembers(MOST_REMEMBERED)
def parse_path_argument(octets: bytes) -> PathArgument:
    """Read `<path> [KEY[=VALUE] …]`. Raises BadAddress, MalformedParameter."""
    try:
        text = octets.decode("utf-8").lstrip(" \t")  # Outlook and others put a blank behind the colon
    except UnicodeDecodeError as error:
        raise BadAddress("not UTF-8") from error
    match = _PATH.match(text)
    if match is None:
        raise BadAddress("no path")
    mailbox = match.group(1) or match.group(2)
    return PathArgument(parse_mailbox(mailbox) if mailbox else NULL_PATH, _parameters(text[match.end() :]))


def _parameters(text: str) -> dict[str, str | None]:
    parameters: dict[str, str | None] = {}
    for word in _WORD.findall(text):
        match = _PARAMETER.fullmatch(word)
        if match is None:
            raise MalformedParameter(word)
        parameters[match.group(1).upper()] = match.group(2)
    return parameters
