"""Lines of a local stack's logs, the files that were put aside included, chosen by what they say."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from shared.activity.line import read_line

ERRORS = frozenset({"error", "critical"})
_PUT_ASIDE = re.compile(r"\.(\d+)\Z")


class Entry(NamedTuple):
    """One event as it stands in a log: its line, and those of its traceback."""

    time: str
    program: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Filter:
    """The conditions for lines to be shown; all of them must hold. "" is no condition."""

    message: str = ""
    account: str = ""
    door: str = ""
    errors: bool = False

    @property
    def asks(self) -> bool:
        """Whether there is any condition."""
        return bool(self.message or self.account or self.door or self.errors)

    def takes(self, said: Mapping[str, Any]) -> bool:
        """Whether a line with these fields is shown."""
        return (
            (not self.errors or said.get("level") in ERRORS)
            and (not self.message or said.get("id") == self.message)
            and (not self.door or said.get("door") == self.door)
            and (not self.account or _is_about(self.account.lower(), said))
        )

    def may_take(self, line: str) -> bool:
        """A quick test by which most lines are passed over without being parsed."""
        return all(word in line for word in (self.message, self.door)) and self.account.lower() in line.lower()


def _is_about(account: str, said: Mapping[str, Any]) -> bool:
    """Whether the account did it, or a message came from or went to an address of that name."""
    if str(said.get("account", "")).lower() == account:
        return True
    addresses = [said.get("from", ""), *(each.get("address", "") for each in said.get("to", []))]
    return any(_local_part(str(address)) == account for address in addresses)


def _local_part(address: str) -> str:
    return address.lower().rpartition("@")[0].partition("+")[0]


def files_of(path: Path) -> list[Path]:
    """The files of a log, the oldest first."""
    aside = [each for each in path.parent.glob(f"{path.name}.*") if _PUT_ASIDE.search(each.name)]
    return [*sorted(aside, key=_number, reverse=True), *([path] if path.exists() else [])]


def _number(path: Path) -> int:
    found = _PUT_ASIDE.search(path.name)
    return int(found[1]) if found else 0


def entries(program: str, path: Path, wanted: Filter) -> Iterator[Entry]:
    """The entries of a log that are shown, in its order."""
    found: list[str] | None = None
    time = ""
    for file in files_of(path):
        with file.open(errors="replace") as lines:
            for line in lines:
                line = line.rstrip("\n")
                if line.startswith(" "):
                    if found is not None:
                        found.append(line)
                    continue
                if found is not None:
                    yield Entry(time, program, found)
                    found = None
                if wanted.may_take(line) and (said := read_line(line)) and wanted.takes(said):
                    time, found = str(said.get("time", "")), [line]
    if found is not None:
        yield Entry(time, program, found)


def merged(logs: Mapping[str, Path], wanted: Filter) -> Iterator[Entry]:
    """The entries of several logs that are shown, in the order of time."""
    return heapq.merge(*(entries(name, path, wanted) for name, path in logs.items()), key=lambda entry: entry.time)


def bare_time(time: str) -> str:
    """A time in ISO 8601 and UTC without its zone, so that it compares with those of lines."""
    return time.removesuffix("Z").removesuffix("+00:00")


def count_errors(path: Path, since: str) -> int:
    """How many errors the file of errors has since a time, in ISO 8601 and UTC."""
    begin = bare_time(since)
    return sum(entry.time >= begin for entry in entries("", path, Filter(errors=True)))
