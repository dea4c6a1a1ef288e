"""Mbox files: messages after lines that begin with `From `, quoted as mboxrd has it (RFC 4155, appendix A)."""

from __future__ import annotations

import contextlib
import functools
import mmap
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from shared.folders.name import INBOX, SEPARATOR
from shared.mail.transfer.carried import MOST_OCTETS, STATUS_FLAGS, Carried, CarriedFolder, CarriedMailbox, NotTaken
from shared.mail.transfer.mbox_names import SUBSCRIPTIONS, SUFFIXES, level_of

# A separator is the first line, or stands behind an empty one; and it ends with a time, which a line of a text that
# begins with "From " does not.
_SEPARATOR = re.compile(
    rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\n]*?"
    rb"([A-Z][a-z]{2}) +(\d{1,2}) +(\d\d):(\d\d)(?::(\d\d))? +(?:[A-Z]{2,5} +|[+-]\d{4} +)?(\d{4})[^\n]*\n"
)
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_MONTHS = (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec")
# What programs that keep flags in the file have put at the end of the header; it is none of the message.
_OWN_FIELDS = re.compile(rb"(?:(?:Status|X-Status|X-Keywords|X-UID|Content-Length|Lines):[^\n]*\n)+\Z", re.IGNORECASE)
_X_STATUS = re.compile(rb"^X-Status:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_PLAIN_STATUS = re.compile(rb"^Status:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_X_KEYWORDS = re.compile(rb"^X-Keywords:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)


def read_mboxes(paths: Sequence[Path], folder: str | None = None) -> CarriedMailbox:
    """The folders of one account: each file is one, named as the file is, or all of them are `folder`.

    A folder of files stands for all below it: `a/b.mbox` is a/b.
    """
    folders: list[CarriedFolder] = []
    subscribed: Sequence[str] | None = None
    for path in paths:
        if path.is_dir():
            folders += [
                CarriedFolder(folder or name, functools.partial(_messages, file)) for name, file in _below(path)
            ]
            with contextlib.suppress(OSError):
                subscribed = (path / SUBSCRIPTIONS).read_text(encoding="utf-8").splitlines()
        else:
            name = folder or _named(level_of(path.name.removesuffix(path.suffix if path.suffix in SUFFIXES else "")))
            folders.append(_folder(name, path))
    return CarriedMailbox(folders, subscribed)


def _folder(name: str, file: Path) -> CarriedFolder:
    return CarriedFolder(name, functools.partial(_messages, file))


def _below(path: Path) -> Iterator[tuple[str, Path]]:
    for file in sorted(path.rglob("*")):
        if file.is_file() and file.suffix in SUFFIXES:
            levels = [*file.relative_to(path).parts[:-1], file.name.removesuffix(file.suffix)]
            yield _named(SEPARATOR.join(map(level_of, levels))), file


def _named(name: str) -> str:
    return INBOX if name.upper() == INBOX else name


def _messages(file: Path) -> Iterator[tuple[str, Carried] | NotTaken]:
    try:
        if not file.stat().st_size:
            return
        with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as octets:
            yield from _cut(str(file), octets)
    except OSError as error:
        yield NotTaken(str(file), error.strerror or str(error))


def _cut(where: str, octets: mmap.mmap) -> Iterator[tuple[str, Carried] | NotTaken]:
    separators = _SEPARATOR.finditer(octets)
    current = next(separators, None)
    if current is None or current.start():
        yield NotTaken(where, "it does not begin with a line `From …`, as an mbox file does")
        return
    number = 1
    while current is not None:
        following = next(separators, None)
        start, end = current.end(), len(octets) if following is None else following.start()
        place = f"{where}, message {number}"
        if end - start > MOST_OCTETS:
            yield NotTaken(place, f"it has more than {MOST_OCTETS >> 20} MiB")
        else:
            yield place, _carried(octets[start:end], _time_of(current))
        current, number = following, number + 1


def _carried(lines: bytes, received_at: datetime) -> Carried:
    """The message without the empty line behind it, without quotes, and without the fields that say its flags."""
    if lines.endswith(b"\r\n\r\n"):
        lines = lines[:-2]
    elif lines.endswith(b"\n\n") or lines == b"\n":
        lines = lines[:-1]
    lines = _QUOTED.sub(rb"\1", lines)
    header, flags, keywords = _without_own_fields(lines)
    return Carried(header, received_at, flags, keywords)


def _without_own_fields(lines: bytes) -> tuple[bytes, int, Sequence[str]]:
    ends = [at for at in (lines.find(b"\n\n"), lines.find(b"\n\r\n")) if at >= 0]
    end = min(ends) + 1 if ends else len(lines)
    own = _OWN_FIELDS.search(lines, 0, end)
    if own is None or (own.start() and lines[own.start() - 1 : own.start()] != b"\n"):
        return lines, 0, ()
    text = own[0]
    flags = 0
    for letter in (_first(_PLAIN_STATUS, text) + _first(_X_STATUS, text)).decode("latin-1"):
        flags |= STATUS_FLAGS.get(letter, 0)
    # In Status, R is "read"; its other letters, O and N, say nothing that is kept here.
    return lines[: own.start()] + lines[end:], flags, _first(_X_KEYWORDS, text).decode("utf-8", "replace").split()


def _first(pattern: re.Pattern[bytes], text: bytes) -> bytes:
    match = pattern.search(text)
    return match[1] if match else b""


def _time_of(separator: re.Match[bytes]) -> datetime:
    """The time in the line, which is UTC by RFC 4155; a wrong one is the beginning of Unix time."""
    month, day, hour, minute, second, year = separator.groups()
    try:
        return datetime(
            int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second or 0), tzinfo=UTC
        )
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
