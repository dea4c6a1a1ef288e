"""A mailbox as it is written, `local@domain`: one grammar and one set of limits for envelopes and for addresses.

It takes what RFC 5321 §4.1.2 allows, and what exists besides: dots at the ends of a local part and in a row,
underscores and hyphens anywhere in a domain, one dot at its end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from shared.mail.errors import BadAddress

# RFC 5321 §4.5.3.1.1 and .2: 64 and 255 octets are what must be taken at least. Forwarders and lists that write the
# first sender into the local part (SRS, VERP) exceed 64. With these a field that names a mailbox stays a line (998).
LOCAL_PART_OCTETS = 512
DOMAIN_OCTETS = 255

_ATEXT = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-"
_ATOMS = rf"[{_ATEXT}.]+"
_QUOTED_STRING = r'"(?:[\x20\x21\x23-\x5b\x5d-\x7e\x80-\U0010ffff]|\\[\x20-\x7e])*"'
DOMAIN = r"[A-Za-z0-9_\x80-\U0010ffff-]+(?:\.[A-Za-z0-9_\x80-\U0010ffff-]+)*\.?"
_LITERAL = r"\[[\x21-\x5a\x5e-\x7e]+\]"
MAILBOX = rf"(?:{_ATOMS}|{_QUOTED_STRING})(?:@(?:{DOMAIN}|{_LITERAL}))?"

_MAILBOX = re.compile(rf"({_ATOMS}|{_QUOTED_STRING})(?:@({DOMAIN}|{_LITERAL}))?")
_NEEDS_NO_QUOTES = re.compile(_ATOMS)
_QUOTED_PAIR = re.compile(r"\\(.)")
_TO_BE_ESCAPED = re.compile(r'(["\\])')


@dataclass(frozen=True, slots=True)
class Mailbox:
    """`local_part` without quotes, in its own case; `domain` is "" where none was given (`postmaster` may come so)."""

    local_part: str
    domain: str
    text: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        local = self.local_part
        if local and not _NEEDS_NO_QUOTES.fullmatch(local):
            local = '"' + _TO_BE_ESCAPED.sub(r"\\\1", local) + '"'
        object.__setattr__(self, "text", f"{local}@{self.domain}" if self.domain else local)

    def __str__(self) -> str:
        """As it stands between angle brackets, quoted where it must be: `"a@b"@c` is not `a@b@c`."""
        return self.text


def parse_mailbox(text: str) -> Mailbox:
    """Read `local@domain`, or a local part alone. Raises BadAddress."""
    match = _MAILBOX.fullmatch(text)
    if match is None:
        raise BadAddress("not a mailbox")
    local, domain = match.group(1), (match.group(2) or "").removesuffix(".")
    if local.startswith('"'):
        local = _QUOTED_PAIR.sub(r"\1", local[1:-1])
    check_mailbox(local, domain)
    return Mailbox(local, domain)


def check_mailbox(local_part: str, domain: str) -> None:
    """Check a mailbox that was not read by parse_mailbox(). Raises BadAddress if no mailbox may have its local part."""
    if not local_part.isprintable():
        raise BadAddress("controls in the local part")
    try:
        octets = len(local_part.encode()), len(domain.encode())
    except UnicodeEncodeError as error:
        raise BadAddress("not UTF-8") from error
    if not 0 < octets[0] <= LOCAL_PART_OCTETS or octets[1] > DOMAIN_OCTETS:
        raise BadAddress("empty or too long")
