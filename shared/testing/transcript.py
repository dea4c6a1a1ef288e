r"""A test written as a conversation: what the client says, what the server must say, what happens meanwhile.

    # RFC 5321 §4.2.5: 250 after the final dot means we have taken responsibility
    C: DATA
    S~ 354 *
    C: Subject: tea
    E: database goes away
    C: .
    S: 451 4.3.0 storage is away, try again

A line is a mark, one space, and the rest as it stands (nothing at all is an empty line). Empty lines and lines that
begin with # are comments. The marks:

    C:  the client sends the rest (as UTF-8) and CRLF
    C|  the client sends the rest and nothing more, with the escapes \r \n \t \0 \xHH \\ \s (a space)
    C*  a number, then what C| takes: sent so many times; `C* 1000000 a`
    S:  the server sends exactly this line
    S~  the server sends a line like this: * is anything, ? any octet, \* \? \\ themselves
    S>  the server sends any lines and then one like this
    S|  the server sends exactly these octets, with the escapes of C|
    E:  an event that the test provides by this name, or one of the player's own (shared/testing/player.py)

`{name}` in S~ and S> takes what stands there and remembers it; everywhere else (and there again) it stands for what is
remembered, or was given by the test. A name begins with a letter, so that an IMAP literal's {12} is what it looks like;
an unknown name stands for itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

NAME = re.compile(r"\{([a-z][a-z0-9_]*)\}")
ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\", "s": b" "}


class Mark(Enum):
    """What a line of a transcript begins with."""

    SEND_LINE = "C:"
    SEND_OCTETS = "C|"
    SEND_REPEATED = "C*"
    EXPECT_LINE = "S:"
    EXPECT_LIKE = "S~"
    EXPECT_AFTER_OTHERS = "S>"
    EXPECT_OCTETS = "S|"
    EVENT = "E:"


class TranscriptBroken(Exception):
    """A transcript says what no player understands."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a transcript and where it stands."""

    mark: Mark
    text: str
    line_number: int


@dataclass(frozen=True, slots=True)
class Transcript:
    """A conversation; the name is what it claims."""

    name: str
    steps: Sequence[Step]


def load(path: Path) -> Transcript:
    """The transcript in a file, named like it."""
    return parse(path.read_text(encoding="utf-8"), path.stem)


def parse(text: str, name: str = "transcript") -> Transcript:
    """The transcript that `text` is. Raises TranscriptBroken with the line's number."""
    steps = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            mark = Mark(line[:2])
        except ValueError:
            raise TranscriptBroken(f"{name}:{number}: unknown mark in {line!r}") from None
        if line[2:3] not in ("", " "):
            raise TranscriptBroken(f"{name}:{number}: a space must follow {mark.value}")
        steps.append(Step(mark, line[3:], number))
    return Transcript(name, steps)


def sent_octets(step: Step, names: Mapping[str, str]) -> bytes:
    """What the client sends in this step."""
    if step.mark is Mark.SEND_LINE:
        return filled_in(step.text, names).encode() + b"\r\n"
    if step.mark is Mark.SEND_OCTETS:
        return unescaped(filled_in(step.text, names))
    times, _, piece = step.text.partition(" ")
    if not times.isdigit():
        raise TranscriptBroken(f"line {step.line_number}: a number must follow C*")
    return unescaped(filled_in(piece, names)) * int(times)


def expected_octets(step: Step, names: Mapping[str, str]) -> bytes:
    """What the server must send in this step, of an exact kind; a line without its CRLF."""
    text = filled_in(step.text, names)
    return text.encode() if step.mark is Mark.EXPECT_LINE else unescaped(text)


def expected_pattern(step: Step, names: Mapping[str, str]) -> re.Pattern[bytes]:
    """What a whole line of the server must match; its groups are the names that it is to give."""
    pattern, position, text = "", 0, step.text
    for found in re.finditer(r"\\[*?\\]|\*|\?|" + NAME.pattern, text):
        pattern += re.escape(text[position : found.start()])
        position = found.end()
        name = found[1]
        if name is None:
            pattern += {"*": ".*", "?": "."}.get(found[0]) or re.escape(found[0][1:])
        elif name in names:
            pattern += re.escape(names[name])
        elif f"(?P<{name}>" in pattern:
            pattern += f"(?P={name})"
        else:
            pattern += f"(?P<{name}>.*?)"
    pattern += re.escape(text[position:])
    return re.compile(pattern.encode(), re.DOTALL)


def filled_in(text: str, names: Mapping[str, str]) -> str:
    """`text` with the names that are known."""
    return NAME.sub(lambda found: names.get(found[1], found[0]), text)


def unescaped(text: str) -> bytes:
    """The octets that escaped text stands for."""

    def octet(found: re.Match[str]) -> str:
        if found[1]:
            return chr(int(found[1], 16) | RAW)
        if found[2] not in ESCAPES:
            raise TranscriptBroken(f"unknown escape in {text!r}")
        return ESCAPES[found[2]].decode()

    escaped = re.sub(r"\\(?:x([0-9a-fA-F]{2})|(.|$))", octet, text)
    return b"".join(bytes([ord(each) & 0xFF]) if RAW <= ord(each) < RAW + 256 else each.encode() for each in escaped)


RAW = 0x10FF00  # private characters that stand for raw octets until the text is encoded
