"""Authentication-Results (RFC 8601): what the checks have found, in a field of the message."""

from __future__ import annotations

import re

from shared.trust.verdict import ArcVerdict, DkimVerdict, DmarcVerdict, SpfVerdict, Trust

_PLAIN = re.compile(r"[A-Za-z0-9_+.-]+")  # names; of the characters of a token (RFC 2045 §5.1)
_QUOTED = re.compile(r"[A-Za-z0-9_+./=-]+")  # base64


def results_field(hostname: str, trust: Trust) -> str:
    """The field with its line's end. All that strangers chose is in it only as far as it is a plain word."""
    dkim = [_dkim(each) for each in trust.dkim] or ["dkim=none"]
    results = ";\r\n\t".join([_spf(trust.spf), *dkim, _dmarc(trust.dmarc), _arc(trust.arc)])
    return f"Authentication-Results: {hostname};\r\n\t{results}\r\n"


def _spf(spf: SpfVerdict) -> str:
    return f"spf={spf.result}{_property('smtp.helo' if spf.of_helo else 'smtp.mailfrom', spf.domain)}"


def _dkim(dkim: DkimVerdict) -> str:
    return (
        f"dkim={dkim.result}{_reason(dkim.reason)}{_property('header.d', dkim.domain)}"
        f"{_property('header.s', dkim.selector)}{_property('header.a', dkim.algorithm)}"
        f"{_property('header.b', dkim.signature)}"
    )


def _dmarc(dmarc: DmarcVerdict) -> str:
    policy = f" (p={dmarc.published})" if dmarc.published else ""
    return f"dmarc={dmarc.result}{policy}{_property('header.from', dmarc.domain)}"


def _arc(arc: ArcVerdict) -> str:
    return f"arc={arc.result}{_reason(arc.reason)}{_property('header.d', arc.sealer)}"


def _reason(reason: str) -> str:
    return f' reason="{reason}"' if reason else ""


def _property(name: str, value: str) -> str:
    """With a space before it; nothing, where the value is no plain word."""
    if _PLAIN.fullmatch(value):
        return f" {name}={value}"
    return f' {name}="{value}"' if _QUOTED.fullmatch(value) else ""
