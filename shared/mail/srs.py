"""Return addresses of what is forwarded (SRS): an address here that says, with a code, who the first sender is.

The server that a message is forwarded to asks for the SPF of the envelope's sender, which must be a domain of this
server; bounces come back here, and go on to the first sender. There is no RFC; the form is that of the paper by Wong
(2003) and of libsrs2: `SRS0=code=day=domain=local`, and `SRS1=code=first-forwarder==…` of an address that is SRS0 or
SRS1 already, so that it grows once alone. The code is longer than there (40 bits), and base32, as the day is: servers
on the way change the case of local parts.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime

from shared.mail.errors import BadAddress, ReturnAddressExpired, ReturnAddressForged
from shared.mail.mailbox import Mailbox, check_mailbox, parse_mailbox

GOOD_FOR_DAYS = 21  # a queue gives up after 5; a bounce may wait as long
PREFIXES = ("srs0=", "srs1=")  # in lower case
_DAYS = 32 * 32  # that two digits of base32 tell apart
_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_CODE_CHARACTERS = 8
_ZEROTH = re.compile(r"SRS0[=+-].+", re.IGNORECASE | re.DOTALL)
_FIRST = re.compile(r"SRS1[=+-][^=]+=([^=]+)=(.+)", re.IGNORECASE | re.DOTALL)
_OWN_ZEROTH = re.compile(r"SRS0=([^=]+)=([A-Z2-7]{2})=([^=]+)=(.+)", re.IGNORECASE | re.DOTALL)
_OWN_FIRST = re.compile(r"SRS1=([^=]+)=([^=]+)=([=+-].+)", re.IGNORECASE | re.DOTALL)


def return_address(sender: Mailbox, domain: str, secret: bytes, now: datetime) -> Mailbox:
    """The address at `domain`, which is kept here, that stands for `sender`.

    The null sender where no address can be as long.
    """
    local = sender.local_part
    if first := _FIRST.fullmatch(local):
        host, rest = first.groups()
        local = f"SRS1={_code(secret, host, rest)}={host}={rest}"
    elif _ZEROTH.fullmatch(local):
        local = f"SRS1={_code(secret, sender.domain, local[4:])}={sender.domain}={local[4:]}"
    else:
        day = _day_digits(now)
        local = f"SRS0={_code(secret, day, sender.domain, local)}={day}={sender.domain}={local}"
    try:
        check_mailbox(local, domain)
    except BadAddress:
        return Mailbox("", "")
    return Mailbox(local, domain)


def first_sender(local_part: str, secret: bytes, now: datetime) -> Mailbox:
    """The sender that a return address stands for. Raises ReturnAddressForged, ReturnAddressExpired."""
    if own := _OWN_ZEROTH.fullmatch(local_part):
        code, day, domain, local = own.groups()
        _check(code, _code(secret, day, domain, local))
        if (_day(now) - _number(day)) % _DAYS > GOOD_FOR_DAYS:
            raise ReturnAddressExpired
        return _mailbox(local, domain)
    if own := _OWN_FIRST.fullmatch(local_part):
        code, host, rest = own.groups()
        _check(code, _code(secret, host, rest))
        return _mailbox(f"SRS0{rest}", host)
    raise ReturnAddressForged


def _mailbox(local: str, domain: str) -> Mailbox:
    made = Mailbox(local, domain)
    try:
        parse_mailbox(made.text)
    except BadAddress:
        raise ReturnAddressForged from None
    return made


def _check(given: str, code: str) -> None:
    if not hmac.compare_digest(given.upper().encode(), code.encode()):
        raise ReturnAddressForged


def _code(secret: bytes, *parts: str) -> str:
    text = "\0".join(("return address", *parts)).lower().encode()
    return base64.b32encode(hmac.new(secret, text, hashlib.sha256).digest())[:_CODE_CHARACTERS].decode("ascii")


def _day(now: datetime) -> int:
    return int(now.astimezone(UTC).timestamp()) // 86_400 % _DAYS


def _day_digits(now: datetime) -> str:
    return _DIGITS[_day(now) >> 5] + _DIGITS[_day(now) & 31]


def _number(digits: str) -> int:
    return _DIGITS.index(digits[0].upper()) << 5 | _DIGITS.index(digits[1].upper())
