"""The paths and parameters of MAIL and RCPT: octets in, values out (RFC 5321 §4.1.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.bounded_cache import remembers

MAILBOX_OCTETS = 254  # RFC 5321 §4.5.3.1.3 allows a path of 256 with its angle brackets
LOCAL_PART_OCTETS = 64  # RFC 5321 §4.5.3.1.1
MOST_REMEMBERED = 1000  # arguments as they came: the same people write and are written to again

_ATEXT = rb"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\xff-]+"
_DOT_STRING = _ATEXT + rb"(?:\." + _ATEXT + rb")*"
_QUOTED_STRING = rb'"(?:[\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\x20-\x7e])*"'
_LABEL = rb"[A-Za-z0-9_\x80-\xff](?:[A-Za-z0-9_\x80-\xff-]*[A-Za-z0-9_\x80-\xff])?"
_DOMAIN = _LABEL + rb"(?:\." + _LABEL + rb")*\.?"
_LITERAL = rb"\[[\x21-\x5a\x5e-\x7e]+\]"
_ROUTE = (
    rb"(?:@" + _DOMAIN + rb"(?:,@" + _DOMAIN + rb")*:)?"
)  # obsolete, read and ignored (RFC 5321 §4.1.2, appendix C)
_PATH = re.compile(
    rb"<" + _ROUTE + rb"(" + _DOT_STRING + rb"|" + _QUOTED_STRING + rb")"
    rb"(?:@(" + _DOMAIN + rb"|" + _LITERAL + rb"))?>(?=[ \t]|\Z)"
)
_PARAMETER = re.compile(rb"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([\x21-\x3c\x3e-\x7e\x80-\xff]+))?")
_QUOTED_PAIR = re.compile(r"\\(.)")
_TO_BE_ESCAPED = re.compile(r'(["\\])')
_DOT_ATOM = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+)*"
)


class MalformedPath(ValueError):
    """These octets are no path."""


@dataclass(frozen=True, slots=True)
class Path:
    """A mailbox as the wire names it; `domain` is "" where none was given (only `postmaster` may come so)."""

    local_part: str
    domain: str
    _text: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        local = self.local_part
        if local and not _DOT_ATOM.fullmatch(local):
            local = '"' + _TO_BE_ESCAPED.sub(r"\\\1", local) + '"'
        object.__setattr__(self, "_text", f"{local}@{self.domain}" if self.domain else local)

    def __str__(self) -> str:
        """As it stands between angle brackets, quoted where it must be: `"a@b"@c` is not `a@b@c`."""
        return self._text


NULL_PATH = Path("", "")


@dataclass(frozen=True, slots=True)
class PathArgument:
    """What followed FROM: or TO:; parameter keywords are in upper case."""

    path: Path
    parameters: Mapping[str, str | None] = field(default_factory=dict)


@remembers(MOST_REMEMBERED)
def parse_path_argument(octets: bytes) -> PathArgument:
    """Read `<path> [KEY[=VALUE] …]`. Raises MalformedPath."""
    octets = octets.lstrip(b" \t")  # Outlook and others put a blank behind the colon
    if octets[:3].rstrip(b" \t") == b"<>":
        return PathArgument(NULL_PATH, _parameters(octets[2:]))
    match = _PATH.match(octets)
    if match is None:
        raise MalformedPath(octets)
    return PathArgument(_path(match), _parameters(octets[match.end() :]))


def _path(match: re.Match[bytes]) -> Path:
    local, domain = match.group(1), match.group(2) or b""
    if len(local) > LOCAL_PART_OCTETS or len(local) + len(domain) + 1 > MAILBOX_OCTETS:
        raise MalformedPath("too long")
    try:
        local_part, host = local.decode("utf-8"), domain.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedPath("not UTF-8") from error
    if local_part.startswith('"'):
        local_part = _QUOTED_PAIR.sub(r"\1", local_part[1:-1])
    return Path(local_part, host.rstrip("."))


def _parameters(octets: bytes) -> dict[str, str | None]:
    parameters: dict[str, str | None] = {}
    for word in octets.split():
        match = _PARAMETER.fullmatch(word)
        if match is None:
            raise MalformedPath(word)
        keyword, value = match.groups()
        parameters[keyword.decode("ascii").upper()] = None if value is None else value.decode("utf-8", "replace")
    return parameters
