"""The chain of ARC (RFC 8617): what each server that passed a message on has found, and has signed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shared.messages.header_fields import Field
from shared.outbound.dkim.canonical import relaxed_field
from shared.trust.dkim.signature import Signature, read_seal, read_signature, unsigned
from shared.trust.dkim.signed_message import SignedMessage
from shared.trust.dkim.tags import BadTags, read_tags
from shared.trust.dkim.verify import Keys, judged, judged_by_key
from shared.trust.verdict import FAIL, NONE, PASS, TEMPERROR, ArcVerdict

RESULTS, SIGNATURE, SEAL = b"arc-authentication-results", b"arc-message-signature", b"arc-seal"
MOST_SETS = 10  # RFC 8617 §4.2.1 has 50; each costs a key of DNS, and mail passes three servers that seal, at most


class _Set(NamedTuple):
    """What one server has added; `fields` in the order in which they are sealed."""

    fields: tuple[Field, Field, Field]
    seal: Signature
    state: bytes  # cv=


class Chain(NamedTuple):
    """All sets, the first first, and the newest signature of the message itself."""

    sets: Sequence[_Set]
    signature: Signature

    @property
    def signatures(self) -> Sequence[Signature]:
        """Those whose keys are needed."""
        return [self.signature, *(each.seal for each in self.sets)]


def read_chain(message: SignedMessage) -> Chain | ArcVerdict:
    """The chain, or the verdict where it is none, or broken already (§5.2, steps 1 to 3)."""
    if message.is_too_large:
        return ArcVerdict(NONE)
    found = [message.fields(name) for name in (RESULTS, SIGNATURE, SEAL)]
    if not any(found):
        return ArcVerdict(NONE)
    if max(map(len, found)) > MOST_SETS:
        return ArcVerdict(FAIL, reason="the chain is too long")
    try:
        results, signatures, seals = (_by_instance(message, fields) for fields in found)
        if not list(results) == list(signatures) == list(seals) == list(range(1, len(seals) + 1)):
            return ArcVerdict(FAIL, reason="the chain has gaps")
        sets = [_read_set(message, (results[n], signatures[n], seals[n])) for n in seals]
        newest = signatures[len(seals)]
        chain = Chain(sets, read_signature(newest, message.header.value(newest), of_arc=True))
    except BadTags as error:
        return ArcVerdict(FAIL, reason=str(error))
    if [each.state for each in sets] != [b"none", *[b"pass"] * (len(sets) - 1)]:
        return ArcVerdict(FAIL, sets[-1].seal.domain, "the chain was broken before")
    return chain


def verify_chain(message: SignedMessage, chain: Chain, keys: Keys, now: float) -> ArcVerdict:
    """Steps 4 to 6: the newest signature of the message, and every seal. Raises Abandoned."""
    sealer = chain.sets[-1].seal.domain
    result, reason = judged(message, chain.signature, SIGNATURE, keys, now)
    if result == PASS:
        for number in range(len(chain.sets), 0, -1):
            seal = chain.sets[number - 1].seal
            result, reason = judged_by_key(seal, _sealed_text(message, chain.sets[:number]), keys)
            if result != PASS:
                break
    return ArcVerdict(result if result in (PASS, TEMPERROR) else FAIL, sealer, reason)


def _by_instance(message: SignedMessage, fields: Sequence[Field]) -> dict[int, Field]:
    """By their i=, in its order."""
    found: dict[int, Field] = {}
    for field in fields:
        value = message.header.value(field)
        name, _, number = value.partition(b";")[0].partition(b"=")
        if name.strip() != b"i":  # a seal may have it anywhere
            number = read_tags(value).get("i", b"")
        number = number.strip()
        if not number.isdigit() or len(number) > 2 or int(number) in found:
            raise BadTags("an i= is no number, or is there twice")
        found[int(number)] = field
    return dict(sorted(found.items()))


def _read_set(message: SignedMessage, fields: tuple[Field, Field, Field]) -> _Set:
    tags = read_tags(message.header.value(fields[2]))
    if "h" in tags:
        raise BadTags("a seal has h=")  # §4.1.3
    return _Set(fields, read_seal(fields[2], tags), tags.get("cv", b"").lower())


def _sealed_text(message: SignedMessage, sets: Sequence[_Set]) -> bytes:
    """§5.1.1: each set up to this one, in relaxed form; the seal itself without its signature."""
    pieces = []
    for each in sets:
        for name, field in zip((RESULTS, SIGNATURE, SEAL), each.fields, strict=True):
            value = message.header.value(field)
            if field is each.fields[2] and each is sets[-1]:
                value = unsigned(value)
            pieces.append(relaxed_field(name, value))
    return b"".join(pieces).removesuffix(b"\r\n")
