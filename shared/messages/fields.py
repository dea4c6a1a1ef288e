"""Header fields: finding them in a header's octets, the way IMAP fetches and searches them."""

from __future__ import annotations

from collections.abc import Collection

# The fields that ENVELOPE, BODYSTRUCTURE and the Date search speak of, in their usual spellings.
_ADDRESS_FIELDS = ("From", "Sender", "Reply-To", "To", "Cc", "Bcc")
_ENVELOPE_TEXTS = ("Date", "Subject", "In-Reply-To", "Message-ID")
_CONTENT_FIELDS = (
    *("Content-Type", "Content-Transfer-Encoding", "Content-ID", "Content-Description", "Content-Disposition"),
    *("Content-MD5", "Content-Language", "Content-Location"),
)
# Fields that most messages have, and that are passed over.
_PASSED_OVER = (
    *("Return-Path", "Delivered-To", "Received", "Received-SPF", "DKIM-Signature", "Authentication-Results"),
    *("ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results", "MIME-Version", "References", "User-Agent"),
    *("X-Mailer", "List-Id", "List-Unsubscribe", "Precedence"),
)
_WANTED = {
    spelling: name.lower().encode()
    for name in (*_ADDRESS_FIELDS, *_ENVELOPE_TEXTS, *_CONTENT_FIELDS)
    for spelling in (name.encode(), name.lower().encode())
} | {name.encode(): b"" for name in _PASSED_OVER}
# What is longer is cut. 4 KiB is four lines of the greatest length (RFC 5322 §2.1.1), five times the longest file name
# in both of its encodings; 64 KiB of To are a thousand people.
_VALUE_OCTETS = 4 << 10
_RECIPIENTS_OCTETS = 64 << 10
_RECIPIENTS = frozenset((b"to", b"cc", b"bcc"))
_WORD_OCTETS = 100  # a value is cut between words if there is a blank among the last so many octets
_WHITE_SPACE = (b" ", b"\t")
_NO_FIELD = (b"\r", b"")  # an empty line, without its LF
_REPEATABLE = frozenset(name.lower().encode() for name in _ADDRESS_FIELDS)
_FIRST_COUNTS = frozenset(name.lower().encode() for name in _CONTENT_FIELDS)


def unfold(header: bytes) -> bytes:
    """`header` with one line per field, lines ended by LF (RFC 5322 §2.2.3: the CRLF goes, the white space stays)."""
    return header.replace(b"\r\n", b"\n").replace(b"\n ", b" ").replace(b"\n\t", b"\t")


def read_fields(header: bytes) -> dict[bytes, bytes]:
    """The fields ENVELOPE and BODYSTRUCTURE are made of, by lower-case name, unfolded and stripped.

    Where a field that may occur once occurs again, the last one counts, of Content-* the first; repeated address
    fields are all there, separated by LF. That is what Dovecot answers. Values of more than 4 KiB (To, Cc and Bcc: 64
    KiB) are cut.
    """
    lines = header.split(b"\r\n")
    if len(lines) <= header.count(b"\n"):  # some line ends with a bare LF
        lines = header.replace(b"\r\n", b"\n").split(b"\n")
    fields, several = _by_name(lines)
    for key, pieces in several.items():
        fields[key] = b"".join(pieces).strip()
    if len(header) > _VALUE_OCTETS:
        for key, value in fields.items():
            if len(value) > _VALUE_OCTETS:
                fields[key] = _cut(key, value)
    return fields


def _by_name(lines: list[bytes]) -> tuple[dict[bytes, bytes], dict[bytes, list[bytes]]]:
    """The fields by name, and those of them that have more than one piece."""
    fields: dict[bytes, bytes] = {}
    several: dict[bytes, list[bytes]] = {}
    key: bytes | None = None
    begun = b""  # the line of `key` as it stood
    spelled = _WANTED.get
    for line in lines:
        name, colon, value = line.partition(b":")
        wanted = spelled(name) if colon else None
        if wanted:
            if wanted not in fields:
                fields[wanted] = value.strip()
                key, begun = wanted, value
                continue
        elif wanted is not None:
            key = None
            continue
        else:
            if name[:1] in _WHITE_SPACE:  # the line before goes on (RFC 5322 §2.2.3)
                if key is not None:
                    several.setdefault(key, [begun]).append(line)
                continue
            wanted = (spelled(name.rstrip(b" \t").lower()) or None) if colon else None
        key = wanted
        if key is None:
            continue
        begun = value
        if key not in fields:
            fields[key] = value.strip()
        elif key in _REPEATABLE:
            several.setdefault(key, [fields[key]]).append(b"\n" + value)
        elif key in _FIRST_COUNTS:
            key = None
        else:
            fields[key] = value.strip()
            several.pop(key, None)
    return fields, several


def _cut(name: bytes, value: bytes) -> bytes:
    """The beginning of a long value: whole words or, of people, whole addresses, as far as can be seen from there."""
    most = _RECIPIENTS_OCTETS if name in _RECIPIENTS else _VALUE_OCTETS
    if len(value) <= most:
        return value
    if name in _REPEATABLE:
        end = max(value.rfind(b",", 0, most), value.rfind(b"\n", 0, most))
    else:
        end = max(value.rfind(b" ", most - _WORD_OCTETS, most), value.rfind(b"\t", most - _WORD_OCTETS, most))
    if end <= 0:
        end = most
        while end > most - 4 and value[end] & 0xC0 == 0x80:  # inside a character of UTF-8
            end -= 1
    return value[:end].rstrip()


def header_fields(header: bytes, names: Collection[bytes], exclude: bool = False) -> bytes:
    """The octets of the fields named (or, with `exclude`, of all others), then the blank line that ends `header`.

    For BODY[HEADER.FIELDS (…)] and .NOT. Case of `names` does not matter. There is no blank line where `header` has
    none: "the blank line is included in all header fetches, except in the case of a message which has no body and no
    blank line" (RFC 3501 §6.4.5).
    """
    end = b"\r\n" if header.endswith((b"\n\r\n", b"\n\n")) or header in (b"\r\n", b"\n") else b""
    wanted = frozenset([name.lower() for name in names])
    kept: list[bytes] = []
    keep = exclude
    for line in header.split(b"\n"):
        if line[:1] not in _WHITE_SPACE:  # else the line before goes on
            if line in _NO_FIELD:
                continue
            name, colon, _ = line.partition(b":")
            keep = (bool(colon) and name.rstrip(b" \t").lower() in wanted) != exclude
        if keep:
            kept.append(line)
    if keep and not header.endswith(b"\n"):  # the last line is not ended, and among those kept
        return b"\n".join(kept)
    return b"\n".join([*kept, end]) if kept else end
