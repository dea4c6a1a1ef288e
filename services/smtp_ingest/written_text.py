"""The text that a person wrote in a mail: without what it quotes, and without the signature."""

from __future__ import annotations

from email import message_from_bytes, policy
from mmap import mmap

MOST_OCTETS = 256 << 10  # of the mail; what stands behind belongs to attachments


def written_text(octets: bytes | mmap) -> str:
    """Of the first text/plain part; "" where there is none that can be read."""
    try:
        part = message_from_bytes(octets[:MOST_OCTETS], policy=policy.default).get_body(("plain",))
        text = "" if part is None else part.get_content()
    except Exception:  # the standard library's parser has no list of what it raises for broken mail
        return ""
    lines: list[str] = []
    for line in text.splitlines():
        if line.rstrip() == "--":
            break
        if not line.startswith(">"):
            lines.append(line)
    return "\n".join(lines).strip()
