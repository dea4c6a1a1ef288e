"""An IMAP client for what `agora mail` and `agora import imap` need (RFC 3501, RFC 9051)."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from shared.command_line.mail.client.connection import (
    REPLY_OCTETS,
    MailConnection,
    MailServerPlace,
    MailServerRefused,
    plain_response,
)
from shared.command_line.news.client.errors import NewsError, UnreadableAnswer
from shared.command_line.news.client.session import Credentials
from shared.messages.mutf7 import decode_mutf7, encode_mutf7

AT_ONCE_OCTETS = 8 << 20  # of messages that are asked for in one command
AT_ONCE = 100
_LITERAL = re.compile(rb"\{(\d{1,18})\+?\}\Z")
_LIST = re.compile(rb'\* (?:LIST|LSUB) \(([^)]*)\) (?:"(\\?.)"|NIL) (.+)', re.DOTALL | re.IGNORECASE)
_UID = re.compile(rb"\bUID (\d{1,10})\b")
_FLAGS = re.compile(rb"\bFLAGS \(([^)]*)\)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,18})\b")
_RECEIVED = re.compile(rb'\bINTERNALDATE "([^"]{20,40})"')
_EMPTY_BODY = re.compile(rb'BODY\[\] (?:""|NIL)')
_EXISTS = re.compile(rb"\* (\d{1,10}) EXISTS")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(r" ?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-]\d{4})")


class UntaggedResponse(NamedTuple):
    """An untagged response: its text with literals left out, and the literals."""

    text: bytes
    literals: Sequence[bytes]


class RemoteFolder(NamedTuple):
    """A folder of the server. `name`: decoded, with `/` between levels; `raw`: as the server has it."""

    name: str
    raw: bytes
    selectable: bool


class RemoteMessage(NamedTuple):
    """A message with its flags as the server spells them."""

    uid: int
    octets: bytes
    flags: Sequence[str]
    received_at: datetime


class ImapClient:
    """A session that has begun and is signed in. Each operation raises NewsError."""

    def __init__(self, connection: MailConnection) -> None:
        self._connection = connection
        self._number = 0
        self.capabilities: frozenset[str] = frozenset()

    def ask(self, command: bytes) -> Sequence[UntaggedResponse]:
        """The untagged responses before the OK. Raises MailServerRefused for NO and BAD."""
        self._number += 1
        tag = b"a%d" % self._number
        self._connection.write(tag + b" " + command + b"\r\n")
        found: list[UntaggedResponse] = []
        while True:
            response = self._read_response()
            if response.text.startswith(b"* "):
                if response.text[2:6].upper() == b"BYE " and not command.startswith(b"LOGOUT"):
                    raise MailServerRefused(response.text[2:])
                found.append(response)
            elif response.text.startswith(tag + b" "):
                status = response.text[len(tag) + 1 :]
                if not status.upper().startswith(b"OK"):
                    raise MailServerRefused(status)
                return found
            elif response.text.startswith(b"+"):
                raise UnreadableAnswer("the server asks for more than the command has")
            else:
                raise UnreadableAnswer(f"this is no answer of IMAP: {MailServerRefused(response.text)}"[:200])

    def begin(self, credentials: Credentials) -> None:
        """Greeting, encryption as the server is to be spoken to, sign-in."""
        greeting = self._read_response().text
        if not greeting.upper().startswith((b"* OK", b"* PREAUTH")):
            raise MailServerRefused(greeting)
        self._learn_capabilities()
        if self._connection.wants_starttls("STARTTLS" in self.capabilities):
            self.ask(b"STARTTLS")
            self._connection.encrypt(self._connection.server.tls)
            self._learn_capabilities()
        if greeting.upper().startswith(b"* PREAUTH"):
            return
        name, password = credentials.name, credentials.password
        if "AUTH=PLAIN" in self.capabilities and "SASL-IR" in self.capabilities:
            self.ask(b"AUTHENTICATE PLAIN " + plain_response(name, password))
        else:
            self.ask(b"LOGIN %b %b" % (_quoted(name.encode()), _quoted(password.encode())))
        self._learn_capabilities()

    def list_folders(self, *, subscribed: bool = False) -> Sequence[RemoteFolder]:
        """All, or the subscribed ones."""
        found = []
        for text, literals in self.ask(b'%b "" "*"' % (b"LSUB" if subscribed else b"LIST")):
            if match := _LIST.fullmatch(text):
                raw = literals[0] if literals else _unquoted(match[3])
                delimiter = b"" if match[2] is None else match[2][-1:]
                attributes = match[1].lower()
                selectable = b"\\noselect" not in attributes and b"\\nonexistent" not in attributes
                found.append(RemoteFolder(_folder_name(raw, delimiter), raw, selectable))
        return found

    def open(self, raw: bytes, *, read_only: bool = True) -> int:
        """Select the folder; how many messages it has."""
        exists = 0
        for response in self.ask((b"EXAMINE " if read_only else b"SELECT ") + _quoted(raw)):
            if match := _EXISTS.match(response.text):
                exists = int(match[1])
        return exists

    def sizes(self) -> Mapping[int, int]:
        """UID → octets of each message of the folder that is open."""
        found = {}
        for text, _ in self.ask(b"UID FETCH 1:* (UID RFC822.SIZE)"):
            uid, size = _UID.search(text), _SIZE.search(text)
            if uid and size:
                found[int(uid[1])] = int(size[1])
        return dict(sorted(found.items()))

    def fetch(self, sizes: Mapping[int, int]) -> Iterator[RemoteMessage]:
        """Those messages in the order of `sizes`, a few at a time; none becomes \\Seen by it."""
        for uids in _batches(sizes):
            numbers = b",".join(b"%d" % uid for uid in uids)
            answer = self.ask(b"UID FETCH %b (UID FLAGS INTERNALDATE BODY.PEEK[])" % numbers)
            found = {message.uid: message for message in map(_message, answer) if message is not None}
            yield from (found[uid] for uid in uids if uid in found)  # the others were expunged meanwhile

    def delete(self, uids: Sequence[int]) -> bool:
        """Mark as \\Deleted, and expunge these alone; False where the server can only expunge all that are marked."""
        for start in range(0, len(uids), AT_ONCE):
            numbers = b",".join(b"%d" % uid for uid in uids[start : start + AT_ONCE])
            self.ask(b"UID STORE %b +FLAGS.SILENT (\\Deleted)" % numbers)
            if "UIDPLUS" in self.capabilities or "IMAP4REV2" in self.capabilities:
                self.ask(b"UID EXPUNGE " + numbers)
        return "UIDPLUS" in self.capabilities or "IMAP4REV2" in self.capabilities

    def _learn_capabilities(self) -> None:
        for text, _ in self.ask(b"CAPABILITY"):
            if text.upper().startswith(b"* CAPABILITY "):
                self.capabilities = frozenset(text.decode("ascii", "replace").upper().split()[2:])

    def _read_response(self) -> UntaggedResponse:
        text = b""
        literals: list[bytes] = []
        while True:
            text += self._connection.read_line(REPLY_OCTETS)
            match = _LITERAL.search(text)
            if match is None:
                return UntaggedResponse(text, literals)
            text = text[: match.start()]
            literals.append(self._connection.read_exactly(int(match[1])))


def _batches(sizes: Mapping[int, int]) -> Iterator[Sequence[int]]:
    batch: list[int] = []
    octets = 0
    for uid, size in sizes.items():
        if batch and (octets + size > AT_ONCE_OCTETS or len(batch) >= AT_ONCE):
            yield batch
            batch, octets = [], 0
        batch.append(uid)
        octets += size
    if batch:
        yield batch


def _message(response: UntaggedResponse) -> RemoteMessage | None:
    """None for a response about something else."""
    uid, text = _UID.search(response.text), response.text
    if uid is None or b" FETCH " not in text.upper() or not (response.literals or _EMPTY_BODY.search(text)):
        return None
    flags, received = _FLAGS.search(text), _RECEIVED.search(text)
    return RemoteMessage(
        int(uid[1]),
        response.literals[-1] if response.literals else b"",
        (flags[1].decode("utf-8", "replace").split() if flags else ()),
        _time(received[1].decode("ascii", "replace")) if received else datetime.now(UTC),
    )


def _time(text: str) -> datetime:
    match = _DATE.fullmatch(text)
    try:
        if match is None or match[2].lower() not in _MONTHS:
            raise ValueError
        day, month, year, *clock, zone = match.groups()
        number = _MONTHS.index(month.lower()) + 1
        return datetime.strptime(f"{year}-{number}-{day} {':'.join(clock)} {zone}", "%Y-%m-%d %H:%M:%S %z")
    except ValueError:
        raise UnreadableAnswer(f"the server's INTERNALDATE is none: {text!r}") from None


def _folder_name(raw: bytes, delimiter: bytes) -> str:
    """With `/` between levels; a name that is no modified UTF-7 is UTF-8."""
    try:
        name = decode_mutf7(raw)
    except ValueError:
        name = raw.decode("utf-8", "replace")
    separator = delimiter.decode("ascii", "replace")
    if separator and separator != "/":
        name = name.replace("/", "_").replace(separator, "/")
    return "INBOX" if name.upper() == "INBOX" else name


def raw_name(name: str) -> bytes:
    """A name that somebody typed, as it travels."""
    return encode_mutf7(name)


def _quoted(octets: bytes) -> bytes:
    if re.search(rb"[\r\n\0]", octets):
        raise NewsError("names and passwords are one line each")
    return b'"' + octets.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def _unquoted(name: bytes) -> bytes:
    if name.startswith(b'"') and name.endswith(b'"') and len(name) > 1:
        return re.sub(rb"\\(.)", rb"\1", name[1:-1])
    return name


@contextlib.contextmanager
def imap_session(server: MailServerPlace, credentials: Credentials) -> Iterator[ImapClient]:
    """A session, signed in; LOGOUT is said at its end."""
    connection = MailConnection(server)
    try:
        session = ImapClient(connection)
        session.begin(credentials)
        yield session
        with contextlib.suppress(NewsError):
            session.ask(b"LOGOUT")
    finally:
        connection.close()
