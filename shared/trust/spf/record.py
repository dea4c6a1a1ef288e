"""An SPF record, read: its mechanisms in order, and where it leads (RFC 7208 §12)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import NamedTuple

from shared.bounded_cache import ENTRY_OCTETS, BoundedCache
from shared.trust.spf.macros import BadMacro, check_macros
from shared.trust.verdict import FAIL, NEUTRAL, PASS, SOFTFAIL

_QUALIFIERS = {"+": PASS, "-": FAIL, "~": SOFTFAIL, "?": NEUTRAL}
_MODIFIER = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)", re.IGNORECASE | re.DOTALL)
_MECHANISM = re.compile(r"([+?~-]?)([a-z0-9]+)(?:([:/])(.*))?", re.IGNORECASE | re.DOTALL)
_LENGTHS = re.compile(r"(.*?)(?:/(0|[1-9][0-9]{0,2}))?(?://(0|[1-9][0-9]{0,2}))?", re.DOTALL)
_VERSION = re.compile(rb"v=spf1(?: |\Z)", re.IGNORECASE)
# domain-end: a top label with a letter in it, or a macro (§7.1).
_TOP_LABEL = re.compile(r"[a-z0-9]*[a-z][a-z0-9]*|[a-z0-9]+-[a-z0-9-]*[a-z0-9]", re.IGNORECASE)
_MACRO = re.compile(r"%\{[^{}%]+\}")
LONGEST_LABEL = 63
# A name has 253. Macros are worked out on the reactor, and each may stand for all of a sender's address.
LONGEST_TERM = 512
# Records that are remembered as read: the same few providers' are in most senders'. Reading one takes 20 µs and more.
MOST_KEPT_OCTETS = 4 << 20
LONGEST_KEPT_OCTETS = 512  # RFC 7208 §3.4 asks for 450 at most
_MECHANISM_OCTETS = 500  # with its network, about


class BadRecord(Exception):
    """The record is no SPF record by the grammar: permerror."""


class Mechanism(NamedTuple):
    """One mechanism. `domain` has macros in it; None where the current domain is meant."""

    result: str  # if it matches
    name: str
    domain: str | None = None
    lengths: tuple[int, int] = (32, 128)  # of prefixes, for IPv4 and IPv6
    network: IPv4Network | IPv6Network | None = None


class SpfRecord(NamedTuple):
    mechanisms: Sequence[Mechanism]
    redirect: str | None = None


def _weight(record: SpfRecord) -> int:
    return ENTRY_OCTETS + 2 * LONGEST_KEPT_OCTETS + _MECHANISM_OCTETS * len(record.mechanisms)


_kept: BoundedCache[bytes, SpfRecord] = BoundedCache(MOST_KEPT_OCTETS, _weight)


def is_spf(text: bytes) -> bool:
    """Whether a TXT record is one of SPF."""
    return _VERSION.match(text) is not None


def read_record(text: bytes) -> SpfRecord:
    """Raises BadRecord, wherever in the record the fault is (§4.6)."""
    record = _kept.get(text)
    if record is None:
        record = _read(text)
        if len(text) <= LONGEST_KEPT_OCTETS:
            _kept.put(text, record)
    return record


def _read(text: bytes) -> SpfRecord:
    if not text.isascii():
        raise BadRecord
    mechanisms = []
    modifiers: dict[str, str] = {}
    for word in text.decode("ascii").split(" ")[1:]:
        if not word:
            continue
        if len(word) > LONGEST_TERM:
            raise BadRecord
        modifier = _MODIFIER.fullmatch(word)
        if modifier is None:
            mechanisms.append(_mechanism(word))
            continue
        name, value = modifier[1].lower(), modifier[2]
        _check(value)
        if name in ("redirect", "exp"):
            if name in modifiers or not _ends_as_domain(value):
                raise BadRecord
            modifiers[name] = value
    return SpfRecord(tuple(mechanisms), modifiers.get("redirect"))


def _mechanism(word: str) -> Mechanism:
    match = _MECHANISM.fullmatch(word)
    if match is None:
        raise BadRecord
    result, name, separator = _QUALIFIERS[match[1] or "+"], match[2].lower(), match[3]
    value = match[4]
    if name == "all" and separator is None:
        return Mechanism(result, name)
    if name in ("ip4", "ip6") and separator == ":":
        return Mechanism(result, name, network=_network(value, name == "ip4"))
    if name in ("include", "exists") and separator == ":":
        return Mechanism(result, name, _domain(value))
    if name == "ptr" and separator != "/":
        return Mechanism(result, name, None if separator is None else _domain(value))
    if name not in ("a", "mx"):
        raise BadRecord
    rest = value if separator == ":" else "" if separator is None else "/" + value
    lengths = _LENGTHS.fullmatch(rest)
    if lengths is None or (separator == ":") != bool(lengths[1]):
        raise BadRecord
    prefixes = int(lengths[2] or 32), int(lengths[3] or 128)
    if prefixes[0] > 32 or prefixes[1] > 128:
        raise BadRecord
    return Mechanism(result, name, _domain(lengths[1]) if lengths[1] else None, prefixes)


def _domain(text: str) -> str:
    _check(text)
    if not _ends_as_domain(text):
        raise BadRecord
    return text


def _ends_as_domain(text: str) -> bool:
    """Whether `text`, whose macros are in order, ends as a domain does."""
    if text.endswith(("%%", "%_", "%-")) or _MACRO.fullmatch(text, max(text.rfind("%"), 0)):
        return True
    _, dot, label = text.removesuffix(".").rpartition(".")
    return bool(dot) and len(label) <= LONGEST_LABEL and _TOP_LABEL.fullmatch(label) is not None


def _check(text: str) -> None:
    try:
        check_macros(text)
    except BadMacro as error:
        raise BadRecord from error


def _network(text: str, is_four: bool) -> IPv4Network | IPv6Network:
    if re.search(r"/(?!(?:0|[1-9][0-9]*)\Z)", text) or "%" in text:
        raise BadRecord
    try:
        return IPv4Network(text, strict=False) if is_four else IPv6Network(text, strict=False)
    except ValueError as error:
        raise BadRecord from error
