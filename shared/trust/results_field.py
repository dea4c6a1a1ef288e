"""Authentication-Results (RFC 8601): what the checks have found, in a field of the message."""

from __future__ import annotations

import re
from collections.abc import Sequence

from shared.trust.verdict import ArcVerdict, DkimVerdict, DmarcVerdict, SpfVerdict, Trust

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]+")  # RFC 2045 §5.1
_PLAIN = re.compile(r"[A-Za-z0-9_+./=-]+")  # names, and base64


def results_field(hostname: str, trust: Trust) -> str:
    """The field with its line's end. All that strangers chose is in it only as far as it is a plain word."""
    results = [_spf(trust.spf), *map(_dkim, trust.dkim), _dmarc(trust.dmarc), _arc(trust.arc)]
    if not trust.dkim:
        results.insert(1, "dkim=none")
    return f"Authentication-Results: {hostname};\r\n\t" + ";\r\n\t".join(results) + "\r\n"


def _spf(spf: SpfVerdict) -> str:
    return _words(f"spf={spf.result}", [("smtp.helo" if spf.of_helo else "smtp.mailfrom", spf.domain)])


def _dkim(dkim: DkimVerdict) -> str:
    reason = f' reason="{dkim.reason}"' if dkim.reason else ""
    return _words(
        f"dkim={dkim.result}{reason}",
        [
            ("header.d", dkim.domain),
            ("header.s", dkim.selector),
            ("header.a", dkim.algorithm),
            ("header.b", dkim.signature),
        ],
    )


def _dmarc(dmarc: DmarcVerdict) -> str:
    policy = f" (p={dmarc.published})" if dmarc.published else ""
    return _words(f"dmarc={dmarc.result}{policy}", [("header.from", dmarc.domain)])


def _arc(arc: ArcVerdict) -> str:
    reason = f' reason="{arc.reason}"' if arc.reason else ""
    return _words(f"arc={arc.result}{reason}", [("header.d", arc.sealer)])


def _words(result: str, properties: Sequence[tuple[str, str]]) -> str:
    return " ".join([result, *(f"{name}={_word(value)}" for name, value in properties if _PLAIN.fullmatch(value))])


def _word(value: str) -> str:
    return value if _TOKEN.fullmatch(value) else f'"{value}"'
