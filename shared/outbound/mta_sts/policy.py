"""A policy of MTA-STS: its record in DNS, its text, and the mail servers that it names (RFC 8461 §3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

MOST_PATTERNS = 100  # of mail servers; a domain has a few
LONGEST_AGE = timedelta(days=366)  # about a year, the most of RFC 8461 §3.2
_RECORD = re.compile(r"v=STSv1[ \t]*;(.*)", re.DOTALL)
_FIELD = re.compile(r"[ \t]*([A-Za-z0-9][A-Za-z0-9_.-]{0,31})[ \t]*=[ \t]*([!-:<>-~]*)[ \t]*")
_ID = re.compile(r"[A-Za-z0-9]{1,32}")
_LINE = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,31}):[ \t]*(.*?)[ \t]*")
_PATTERN = re.compile(r"(?:\*\.)?[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"[0-9]{1,10}")


class StsMode(StrEnum):
    """What a domain asks for."""

    ENFORCE = "enforce"  # nothing is sent to servers that do not fit
    TESTING = "testing"  # it is sent all the same
    NONE = "none"  # the domain has no policy any more


class StsPolicy(NamedTuple):
    """The policy of a domain."""

    mode: StsMode
    patterns: Sequence[str]  # of mail servers, in lower case: a name, or `*.` and a name for one label more
    max_age: timedelta

    def names(self, host: str) -> bool:
        """Whether `host`, in canonical spelling, is one of its mail servers (RFC 8461 §4.1)."""
        return host in self.patterns or f"*.{host.partition('.')[2]}" in self.patterns


class PolicyMalformed(Exception):
    """The text is no policy; the sentence says why."""


def policy_id(records: Iterable[bytes]) -> str | None:
    """The id in the TXT records at `_mta-sts`; None unless exactly one is a record of MTA-STS (RFC 8461 §3.1)."""
    found = [text for each in records if (text := each.decode("latin-1")).startswith("v=STSv1")]
    match = _RECORD.fullmatch(found[0]) if len(found) == 1 else None
    if match is None:
        return None
    fields = [_FIELD.fullmatch(each) for each in match[1].split(";") if each.strip()]
    for field in fields:
        if field is not None and field[1] == "id":
            return field[2] if _ID.fullmatch(field[2]) else None
    return None


def read_policy(octets: bytes) -> StsPolicy:
    """The policy that a domain serves. Raises PolicyMalformed."""
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PolicyMalformed("the policy is not UTF-8") from error
    values: dict[str, str] = {}
    patterns: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        match = _LINE.fullmatch(line)
        if match is None:
            continue  # fields that do not exist yet are not to be minded (§3.2)
        if match[1] == "mx":
            patterns.append(match[2].lower().rstrip("."))
        else:
            values.setdefault(match[1], match[2])  # of one that comes twice the first counts
    if values.get("version") != "STSv1":
        raise PolicyMalformed("the policy has no version STSv1")
    if values.get("mode") not in list(StsMode):
        raise PolicyMalformed("the policy has no mode that is known")
    if not _NUMBER.fullmatch(values.get("max_age", "")):
        raise PolicyMalformed("the policy has no max_age")
    mode = StsMode(values["mode"])
    if not patterns and mode is not StsMode.NONE:
        raise PolicyMalformed("the policy names no mail server")
    if len(patterns) > MOST_PATTERNS:
        raise PolicyMalformed(f"the policy names more than {MOST_PATTERNS} mail servers")
    if not all(len(each) <= 255 and _PATTERN.fullmatch(each) for each in patterns):
        raise PolicyMalformed("the policy names a mail server that is no host")
    return StsPolicy(mode, patterns, min(timedelta(seconds=int(values["max_age"])), LONGEST_AGE))
