"""Header text as people read it: RFC 2047 encoded words and raw 8-bit octets made into characters."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

from shared.messages.charset import decode
from shared.messages.transfer_encoding import decode_base64

# =?charset[*language]?B or Q?text?= ; blanks and "?" inside are not allowed but sent. Another "=?" is the next word.
# A group that may be repeated without end remembers each repetition, about 190 octets of them: a field of 4 MB of "?"
# took 760 MB. Words are up to 75 octets long (RFC 2047 §2); one with more than a hundred "?" inside stays as it is.
_WORD = re.compile(rb"=\?([^\x00- \x7f?=]{1,80}+)\?([BbQq])\?((?:[^?\r\n]++|(?<!=)\?(?!=)){0,200})\?=")


def decode_words(value: bytes) -> str:
    """The unfolded field value `value` as text. White space between adjacent encoded words goes (RFC 2047 §6.2);
    adjacent words of one charset are decoded together, since senders cut characters in half; a broken word stays.
    Raw 8-bit octets are UTF-8 (RFC 6532) or, failing that, windows-1252.
    """
    if value.find(b"=?") < 0:
        return decode(value, "")
    return "".join(_pieces(value))


def _pieces(value: bytes) -> Iterator[str]:
    at, charset = 0, ""
    gathered: list[bytes] = []  # octets of adjacent words of one charset, not yet given out
    for word in _WORD.finditer(value):
        between = value[at : word.start()]
        new_charset = word[1].decode("latin-1").partition("*")[0].lower()
        adjacent = bool(gathered) and not between.strip(b" \t")
        if not adjacent or new_charset != charset:
            yield decode(b"".join(gathered), charset)
            gathered = []
        if not adjacent:
            yield decode(between, "")
        gathered.append(_decode_word(word[2], word[3]))
        charset, at = new_charset, word.end()
    yield decode(b"".join(gathered), charset)
    yield decode(value[at:], "")


def _decode_word(encoding: bytes, text: bytes) -> bytes:
    if encoding in b"Bb":
        return decode_base64(text)
    return binascii.a2b_qp(text, header=True)
