"""ARC sets (RFC 8617 §5.1): what was found of a message when it came, and a signature over it, for what is forwarded.

The fields of others are as they were when it came: whether their chain holds is in our own Authentication-Results.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence

from shared.messages.header_fields import HeaderFields
from shared.outbound.dkim.canonical import relaxed_field
from shared.outbound.dkim.keys import RSA, OpenDomainKey
from shared.outbound.dkim.sign import folded, sign_text, signed_fields

_RESULTS, _SIGNATURE, _SEAL = b"arc-authentication-results", b"arc-message-signature", b"arc-seal"
MOST_SETS = 50  # RFC 8617 §4.2.1
_INSTANCE = re.compile(rb"(?:^|;)\s*i\s*=\s*([0-9]{1,2})\s*(?:;|$)")
_CHAIN = re.compile(rb"[;\s]arc=([a-z]+)")


def arc_set(keys: Sequence[OpenDomainKey], header: HeaderFields, hostname: str, body_digest: bytes, now: int) -> bytes:
    """The three fields with their lines' ends, to be put on top.

    Nothing where the message was not checked when it came, its chain was broken, or there is no key of RSA, which every
    server knows. `now` is in seconds since the epoch.
    """
    key = next((each for each in keys if each.algorithm == RSA), None)
    results = _own_results(header, hostname)
    sets = _sets(header)
    if key is None or results is None or sets is None or len(sets) >= MOST_SETS:
        return b""
    state = "pass" if sets else "none"
    found = _CHAIN.search(results)
    if found is None or found[1] != state.encode():
        return b""
    number = len(sets) + 1
    own_results = f" i={number};".encode() + results.rstrip(b"\r\n")
    signature = _signature(key, header, body_digest, number, now)
    seal = f" i={number}; a={key.algorithm}; t={now}; cv={state}; d={key.domain}; s={key.selector};\r\n\tb=".encode()
    text = b"".join(
        relaxed_field(name, value)
        for each in [*sets, (own_results, signature, seal)]
        for name, value in zip((_RESULTS, _SIGNATURE, _SEAL), each, strict=True)
    ).removesuffix(b"\r\n")
    seal += folded(base64.b64encode(sign_text(key, text)).decode(), "").encode()
    return (
        b"ARC-Seal:" + seal + b"\r\nARC-Message-Signature:" + signature
        + b"\r\nARC-Authentication-Results:" + own_results + b"\r\n"
    )  # fmt: skip


def _signature(key: OpenDomainKey, header: HeaderFields, body_digest: bytes, number: int, now: int) -> bytes:
    """As a DKIM-Signature (§4.1.2)."""
    names, signed = signed_fields(header)
    value = (
        f" i={number}; a={key.algorithm}; c=relaxed/relaxed; d={key.domain};\r\n\ts={key.selector}; t={now};\r\n\t"
        f"h={folded(':'.join(names), ':')};\r\n\tbh={base64.b64encode(body_digest).decode()};\r\n\tb="
    ).encode()
    text = b"".join(signed) + relaxed_field(_SIGNATURE, value)[:-2]
    return value + folded(base64.b64encode(sign_text(key, text)).decode(), "").encode()


def _own_results(header: HeaderFields, hostname: str) -> bytes | None:
    """What our Authentication-Results says; those of others with our name were taken out when the message came."""
    for field in header.find(b"authentication-results"):
        value = header.value(field)
        if value.partition(b";")[0].strip().lower() == hostname.lower().encode():
            return value
    return None


def _sets(header: HeaderFields) -> Sequence[tuple[bytes, bytes, bytes]] | None:
    """The values of the sets that are there, the first first; None where some are missing."""
    found = []
    for name in (_RESULTS, _SIGNATURE, _SEAL):
        by_number: dict[int, bytes] = {}
        fields = header.find(name)
        if len(fields) > MOST_SETS:
            return None
        for field in fields:
            value = header.value(field)
            number = _INSTANCE.search(value)
            if number is None:
                return None
            by_number[int(number[1])] = value
        if sorted(by_number) != list(range(1, len(fields) + 1)):
            return None
        found.append([by_number[number] for number in sorted(by_number)])
    return list(zip(*found, strict=True)) if len(set(map(len, found))) == 1 else None
