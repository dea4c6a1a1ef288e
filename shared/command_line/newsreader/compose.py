"""An article that is about to be posted: asked for at a terminal, or read as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid

_POLICY = SMTP.clone(cte_type="8bit", max_line_length=998)


def ask_for_article(groups: Sequence[str], author: str, ask: Callable[[str, str], str], lines: Iterable[str]) -> bytes:
    """`ask` puts a question with a default; `lines` are the text."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = ask("From:", author)
    message["Newsgroups"] = ",".join(groups)
    message["Subject"] = ask("Subject:", "")
    message["Message-ID"] = make_msgid(domain=_domain(str(message["From"])))
    message.set_content("".join(f"{line}\n" for line in lines), cte="8bit")
    return message.as_bytes()


def whole_article(octets: bytes, groups: Sequence[str]) -> tuple[bytes, str]:
    """The article with Newsgroups and Message-ID, if it has none, and its Message-ID."""
    octets = octets.replace(b"\r\n", b"\n")
    header, _, _ = octets.partition(b"\n\n")
    fields: dict[bytes, bytes] = {}
    for line in header.split(b"\n"):
        name, colon, value = line.partition(b":")
        if colon:
            fields.setdefault(name.lower(), value.strip())
    added = b""
    if b"newsgroups" not in fields:
        added += b"Newsgroups: %b\n" % ",".join(groups).encode()
    identifier = fields.get(b"message-id", b"").decode("ascii", "replace")
    if not identifier:
        identifier = make_msgid(domain=_domain(fields.get(b"from", b"").decode("utf-8", "replace")))
        added += b"Message-ID: %b\n" % identifier.encode()
    return added + octets, identifier


def _domain(author: str) -> str:
    """That of the author's address."""
    domain = author.rpartition("@")[2].partition(">")[0].strip()
    return domain if domain and domain.isascii() and " " not in domain else "localhost"
