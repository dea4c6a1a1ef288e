"""The signer of a process: mail that leaves is signed by the keys of its author's domain, if that is kept here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from twisted.logger import Logger

from shared.bounded_cache import ENTRY_OCTETS, BoundedCache, remembers
from shared.clock import utc_now
from shared.database.database import Database
from shared.errors import DomainError
from shared.folders.bodies import load_range
from shared.mail.address import domain_name
from shared.messages.address import AddressPatience, read_addresses
from shared.messages.fields import unfold
from shared.messages.header_fields import HeaderFields
from shared.messages.scan import end_of_header
from shared.outbound.dkim.arc_set import arc_set
from shared.outbound.dkim.canonical import BodyHash
from shared.outbound.dkim.keys import OpenDomainKey, opened, sealed_keys
from shared.outbound.dkim.sign import signature_field
from shared.outbound.source import PIECE_OCTETS, MessageSource
from shared.runtime.in_thread import in_thread
from shared.runtime.stack_key import SealBroken, StackKey, StackKeyUnusable

KEPT_SECONDS = 60.0  # keys of a domain, also that it has none
MOST_KEPT_OCTETS = 1 << 20
_KEY_OCTETS = 4096


class _KeptKeys(NamedTuple):
    keys: Sequence[OpenDomainKey]
    until: float


class Signer:
    """Signs what is sent; without the stack's key, or keys of the domain, mail goes as it is."""

    _log = Logger()

    def __init__(self, database: Database, reactor: Any, stack_key: Callable[[], StackKey], hostname: str = "") -> None:
        """`stack_key` reads it, and raises StackKeyUnusable. `hostname` is that of our Authentication-Results."""
        self._hostname = hostname
        self._database = database
        self._reactor = reactor
        self._stack_key = stack_key
        self._kept: BoundedCache[str, _KeptKeys] = BoundedCache(
            MOST_KEPT_OCTETS, lambda kept: ENTRY_OCTETS + _KEY_OCTETS * len(kept.keys)
        )

    async def signed(self, source: MessageSource, sender: str, *, seals: bool = False) -> MessageSource:
        """The message with its signatures on top; with `seals`, a set of ARC above them, if its author is elsewhere.

        Raises StoreUnavailable, StatementTimedOut, MessageNotFound.

        The domain is that of From, so that DMARC finds it (RFC 7489 §3.1.1), else that of the envelope's `sender`.
        """
        end = end_of_header(source.first, 0, len(source.first))
        header = HeaderFields(source.first[:end])
        author = _author_domain(header)
        for domain in dict.fromkeys((author, _domain_of(sender))):
            keys = await self._keys(domain) if domain else ()
            if keys:
                break
        else:
            return source
        body = BodyHash()
        await in_thread(self._reactor, body.feed, source.first[end:])
        for at in range(source.rest, source.size_octets, PIECE_OCTETS):
            piece = await self._database.read(
                load_range, source.message_id, at, min(at + PIECE_OCTETS, source.size_octets)
            )
            await in_thread(self._reactor, body.feed, piece)
        hostname = self._hostname if seals and domain != author else ""
        fields = await in_thread(self._reactor, _sign_all, keys, header, body.digest(), hostname)
        return source._replace(first=fields + source.first)

    async def _keys(self, domain: str) -> Sequence[OpenDomainKey]:
        kept = self._kept.get(domain)
        if kept is not None and kept.until > self._reactor.seconds():
            return kept.keys
        self._kept.drop(domain)
        sealed = await self._database.read(sealed_keys, domain)
        keys: Sequence[OpenDomainKey] = ()
        try:
            if sealed:
                keys = opened(domain, sealed, self._stack_key())
        except (SealBroken, StackKeyUnusable) as error:
            self._log.error("mail of {domain} is not signed: {reason}", domain=domain, reason=str(error) or repr(error))
        self._kept.put(domain, _KeptKeys(keys, self._reactor.seconds() + KEPT_SECONDS))
        return keys


def _sign_all(keys: Sequence[OpenDomainKey], header: HeaderFields, digest: bytes, hostname: str) -> bytes:
    """With a set of ARC where `hostname` is given."""
    now = int(utc_now().timestamp())
    signatures = b"".join(signature_field(key, header, digest, now) for key in keys)
    return (arc_set(keys, header, hostname, digest, now) if hostname else b"") + signatures


def _author_domain(header: HeaderFields) -> str:
    """The domain of the first mailbox in From, "" where there is none."""
    field = header.first(b"from")
    if field is None:
        return ""
    return _first_domain(header.value(field))


@remembers(1000)  # a member writes the same From for years
def _first_domain(value: bytes) -> str:
    for _, _, _, host in read_addresses(unfold(value), AddressPatience()):
        if host:
            return _spelled(host.decode("utf-8", "replace"))
    return ""


def _domain_of(sender: str) -> str:
    return _spelled(sender.rpartition("@")[2])


def _spelled(domain: str) -> str:
    try:
        return domain_name(domain) if domain else ""
    except DomainError:
        return ""
