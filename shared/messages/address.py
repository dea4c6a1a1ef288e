"""Address lists as ENVELOPE shows them: read leniently by RFC 5322 §3.4 and its obsolete forms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from shared.bounded_cache import remembers
from shared.messages.quote import nstring

# (display name, route, mailbox, host); a group opens with (None, None, its name, None) and closes with four None.
Address = tuple[bytes | None, bytes | None, bytes | None, bytes | None]

# A host that is NIL would mean a group (RFC 3501 §7.4.2), so that a missing one has a name: Dovecot's.
MISSING_MAILBOX = b"MISSING_MAILBOX"
MISSING_DOMAIN = b"MISSING_DOMAIN"
_GROUP_END = b"(NIL NIL NIL NIL)"

# The same correspondents come again and again. Long lists do not, and would fill the cache.
_OFTEN_SEEN_OCTETS = 200
# The cost of lists that are not ordinary is bounded for each message: a token takes about a microsecond, an address has
# ten tokens.
MOST_TOKENS = 8192


class AddressPatience:
    """The number of tokens that may still be read of one message's lists that are not ordinary."""

    tokens = MOST_TOKENS


_ATEXT = rb"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]++"
_HOST = rb"[A-Za-z0-9.-]++"
# One ordinary address and the comma after it: "Name" <local@host>, Name <local@host>, local@host; all ASCII.
_ORDINARY = re.compile(
    rb'[ \t]*+(?:(?:"([^"\\\x00-\x1f\x7f-\xff]++)"|(' + _ATEXT + rb"(?: " + _ATEXT + rb")*))? ?<"
    rb"(" + _ATEXT + rb")@(" + _HOST + rb")>|(" + _ATEXT + rb")@(" + _HOST + rb"))[ \t]*+(?:,|$)"
)
TOKEN = re.compile(
    rb"(?P<space>[ \t\r\n]++)|(?P<atom>[^\x00- \x7f()<>@,:;\"\\\[\]]++)|(?P<special>[<>@,:;])"
    rb'|(?P<quoted>"(?:[^"\\]++|\\.)*")|(?P<literal>\[(?:[^\[\]\\]++|\\.)*\])|(?P<comment>\()|(?P<other>\\.|.)',
    re.S,
)
_ESCAPED = re.compile(rb"\\(.)", re.S)
COMMENT_MARK = re.compile(rb"[^()\\]*+(?:\\.[^()\\]*+)*([()])", re.S)


def render_addresses(value: bytes | None, most_octets: int, patience: AddressPatience) -> bytes:
    """The address list of a field's value (repeated fields separated by LF) as ENVELOPE has it; NIL for none.

    Addresses are left out from the first for which the octets do not suffice; a value of up to 200 octets is always
    shown as a whole.
    """
    if not value:
        return b"NIL"
    if len(value) <= _OFTEN_SEEN_OCTETS:
        return _render_short(value)
    return _render(value, most_octets, patience)


@remembers(most=4096, longest_octets=_OFTEN_SEEN_OCTETS)
def _render_short(value: bytes) -> bytes:
    return _render(value, _OFTEN_SEEN_OCTETS * 16, AddressPatience())  # "a," is 2 octets, and shown as 31


def _render(value: bytes, most_octets: int, patience: AddressPatience) -> bytes:
    rendered: list[bytes] = []
    left = most_octets - len(b"()") - len(_GROUP_END)
    for line in value.split(b"\n"):
        for address in _each_rendered(line, patience):
            left -= len(address)
            if left < 0:
                return _cut_off(rendered)
            rendered.append(address)
    return b"(%b)" % b"".join(rendered) if rendered else b"NIL"


def _cut_off(rendered: list[bytes]) -> bytes:
    """The addresses for which the octets suffice; a group that was begun is closed."""
    mark = next((address for address in reversed(rendered) if address.endswith(b" NIL)")), _GROUP_END)
    if mark != _GROUP_END:
        rendered.append(_GROUP_END)
    return b"(%b)" % b"".join(rendered) if rendered else b"NIL"


def _each_rendered(value: bytes, patience: AddressPatience) -> Iterator[bytes]:
    """The addresses of one field. From the first unusual one on they are read the slow way."""
    at, size = 0, len(value)
    match = _ORDINARY.match
    while at < size:
        ordinary = match(value, at)
        if ordinary is None:
            yield from _each_unusual(value[at:], patience)
            return
        quoted, name, mailbox, host, bare_mailbox, bare_host = ordinary.groups()
        if bare_host:
            yield b'(NIL NIL "%b" "%b")' % (bare_mailbox, bare_host)
        elif quoted or name:
            yield b'("%b" NIL "%b" "%b")' % ((quoted.strip() if quoted else name), mailbox, host)
        else:
            yield b'(NIL NIL "%b" "%b")' % (mailbox, host)
        at = ordinary.end()


def _each_unusual(value: bytes, patience: AddressPatience) -> Iterator[bytes]:
    for name, route, mailbox, host in read_addresses(value, patience):
        yield b"(%b %b %b %b)" % (nstring(name), nstring(route), nstring(mailbox), nstring(host))


def read_addresses(value: bytes, patience: AddressPatience | None = None) -> list[Address]:
    """The addresses of `value`, an unfolded field value; tokens beyond `patience` (8192) are not read.

    Never raises; takes time and memory by the number of tokens.
    """
    return _Reader(patience or AddressPatience()).read(value)


class _Token(NamedTuple):
    kind: str  # atom, quoted, literal, or special
    text: bytes  # without quotes and escapes
    spaced: bool  # was there white space or a comment before it


def _tokens(value: bytes, patience: AddressPatience) -> Iterator[_Token]:
    """The tokens of `value`; a comment's kind is "comment", an octet that fits no kind is left out."""
    at, size, spaced = 0, len(value), False
    while at < size and patience.tokens > 0:
        patience.tokens -= 1
        match = TOKEN.match(value, at)
        if match is None:  # not reached: the last alternative takes any octet
            return
        kind, text, at = match.lastgroup or "other", match[0], match.end()
        if kind == "comment":
            text, at = _comment(value, at, patience)
        elif kind == "quoted":
            text = _ESCAPED.sub(rb"\1", text[1:-1])
        if kind not in ("space", "other"):
            yield _Token(kind, text, spaced)
        spaced = kind in ("space", "comment")


def _comment(value: bytes, at: int, patience: AddressPatience) -> tuple[bytes, int]:
    """The comment whose "(" is just before `at`, and where it ends: the end of `value` if it is not closed."""
    start, depth = at, 1
    while patience.tokens > 0 and (mark := COMMENT_MARK.match(value, at)) is not None:
        patience.tokens -= 1
        at = mark.end()
        depth += 1 if mark[1] == b"(" else -1
        if depth == 0:
            return _ESCAPED.sub(rb"\1", value[start : at - 1]).strip(), at
    return value[start:].strip(), len(value)


class _Reader:
    """Takes the tokens of one list; what it holds besides the addresses read is the address begun."""

    def __init__(self, patience: AddressPatience) -> None:
        self._patience = patience
        self._addresses: list[Address] = []
        self._in_group = False
        self._begin()

    def _begin(self) -> None:
        self._outside: list[_Token] = []
        self._inside: list[_Token] | None = None  # between "<" and ">"
        self._in_angle = False
        self._in_route = False  # of "<@one,@two:local@host>", before the colon
        self._comment: bytes | None = None

    def read(self, value: bytes) -> list[Address]:
        for token in _tokens(value, self._patience):
            if token.kind == "comment":
                if self._outside and self._inside is None:  # only what follows a bare address is its name
                    self._comment = token.text or self._comment
            elif token.kind == "special" and self._take_special(token.text):
                continue
            elif self._in_angle and self._inside is not None:
                self._inside.append(token)
            elif self._inside is None:
                self._outside.append(token)
        self._finish()
        self._close_group()
        return self._addresses

    def _take_special(self, text: bytes) -> bool:
        """Act on a special character; false if it belongs to the address: "@", and ",:" of a route."""
        if self._in_angle:
            if text == b"@" or (self._in_route and text in (b",", b":")):
                self._in_route = (self._in_route or not self._inside) and text != b":"
                return False
            if text in (b">", b":", b"<"):
                self._in_angle = text != b">"
                return True
        if text == b"@":
            return False
        if text == b"<":
            self._in_angle = True
            self._inside = [] if self._inside is None else self._inside
        elif text == b":":
            self._open_group()
        elif text in (b",", b";"):
            self._finish()
            if text == b";":
                self._close_group()
        return True

    def _open_group(self) -> None:
        """Begin a group, whose name is what came so far (RFC 5322 §3.4); elsewhere a colon means nothing."""
        if not self._in_group and self._inside is None and all(token.text != b"@" for token in self._outside):
            self._addresses.append((None, None, _phrase(self._outside), None))
            self._in_group = True
            self._begin()

    def _close_group(self) -> None:
        if self._in_group:
            self._addresses.append((None, None, None, None))
            self._in_group = False

    def _finish(self) -> None:
        """Add the address begun, if there is any, and begin the next."""
        if self._inside is not None:
            self._addresses.append((_phrase(self._outside) or None, *_route_address(self._inside)))
        elif self._outside:
            self._addresses.append(_bare_address(self._outside, self._comment))
        self._begin()


def _phrase(tokens: Sequence[_Token]) -> bytes:
    """Words with a blank between them; an "@" among them (people write addresses as names) takes none."""
    return b" ".join(token.text for token in tokens).replace(b" @ ", b"@").strip()


def _bare_address(tokens: Sequence[_Token], comment: bytes | None) -> Address:
    """An address without angle brackets; words that come before its local part are taken for the name."""
    sign = next((i for i, token in enumerate(tokens) if token.kind == "special"), None)
    if sign is None:
        if len(tokens) > 1 or tokens[0].kind == "quoted":
            return _phrase(tokens) or comment, None, MISSING_MAILBOX, MISSING_DOMAIN
        return comment, None, tokens[0].text, MISSING_DOMAIN
    first = sign - 1
    while first > 0 and (tokens[first].text[:1] == b"." or tokens[first - 1].text[-1:] == b"."):
        first -= 1
    name = _phrase(tokens[: max(first, 0)]) or comment
    mailbox = b"".join(token.text for token in tokens[max(first, 0) : sign])
    return name, None, mailbox if sign > 0 else MISSING_MAILBOX, _host(tokens[sign + 1 :])


def _route_address(tokens: Sequence[_Token]) -> tuple[bytes | None, bytes, bytes]:
    """(route, mailbox, host) of what stood in angle brackets (RFC 5322 §4.4 has the route)."""
    route = None
    colon = next((i for i, token in enumerate(tokens) if token.text == b":" and token.kind == "special"), None)
    if colon is not None:
        route = b"".join(token.text for token in tokens[:colon])
        tokens = tokens[colon + 1 :]
    signs = [i for i, token in enumerate(tokens) if token.text == b"@" and token.kind == "special"]
    local = tokens[: signs[0]] if signs else tokens
    mailbox = _phrase(local) if any(token.spaced for token in local) else b"".join(token.text for token in local)
    return route, mailbox if local else MISSING_MAILBOX, _host(tokens[signs[0] + 1 :]) if signs else MISSING_DOMAIN


def _host(tokens: Sequence[_Token]) -> bytes:
    """The domain at the beginning of `tokens`: pieces joined by dots, with or without white space."""
    host = b""
    for token in tokens:
        joined = host[-1:] in (b".", b"") or token.text[:1] == b"."
        if token.kind not in ("atom", "literal") or not joined:
            break
        host += token.text
    return host or MISSING_DOMAIN
