"""The verification of the DKIM signatures of a message (RFC 6376 §6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.trust.dkim.public_key import KeyUnusable, read_key, verifies
from shared.trust.dkim.signature import Signature, read_signature
from shared.trust.dkim.signed_message import SignedMessage
from shared.trust.dkim.tags import BadTags
from shared.trust.verdict import FAIL, NEUTRAL, PASS, PERMERROR, POLICY, TEMPERROR, DkimVerdict

FIELD = b"dkim-signature"
MOST_SIGNATURES = 8  # are verified, the topmost; each costs a key of DNS. Lists and providers add up to 4
Keys = Mapping[str, Sequence[bytes] | None]  # TXT records by name; None: DNS is away


def read_signatures(message: SignedMessage) -> Sequence[Signature | DkimVerdict]:
    """The signatures in their order, with a verdict in place of those that cannot be verified."""
    if message.is_too_large:
        return [DkimVerdict(POLICY, "", reason="the header is too large")]
    read: list[Signature | DkimVerdict] = []
    for field in message.fields(FIELD)[:MOST_SIGNATURES]:
        try:
            read.append(read_signature(field, message.header.value(field)))
        except BadTags as error:
            read.append(DkimVerdict(NEUTRAL, "", reason=str(error)))
    return read


def verify(message: SignedMessage, signature: Signature, keys: Keys, now: float) -> DkimVerdict:
    """One signature. Raises Abandoned."""
    result, reason = judged(message, signature, b"DKIM-Signature", keys, now)
    return DkimVerdict(result, signature.domain, signature.selector, signature.algorithm, signature.text[:8], reason)


def judged(message: SignedMessage, signature: Signature, name: bytes, keys: Keys, now: float) -> tuple[str, str]:
    """The word of RFC 8601 §2.7.1, and the reason. A signature over a part of the body only proves nothing."""
    if signature.expires is not None and signature.expires < now:
        return FAIL, "the signature has expired"
    result, reason = judged_by_key(signature, message.signed_text(signature, name), keys)
    if result != PASS:
        return result, reason
    digest, size = message.body_hash(relaxed=signature.relaxes_body)
    if signature.limit is not None and signature.limit > size:
        return FAIL, "the body is shorter than what was signed"
    if signature.body_digest == digest:
        return PASS, ""
    if signature.limit is not None and signature.limit < size:
        return POLICY, "the end of the body is not signed"
    return FAIL, "the body has changed"


def judged_by_key(signature: Signature, text: bytes, keys: Keys) -> tuple[str, str]:
    """The same, of the header alone."""
    records = keys.get(signature.key_name)
    if records is None:
        return TEMPERROR, "the key could not be looked up"
    try:
        key = read_key(records, signature)
    except KeyUnusable as error:
        return (PERMERROR if not records else FAIL), str(error)
    if not verifies(key, signature.octets, text):
        return FAIL, "the signature is not of this message"
    return PASS, ""
