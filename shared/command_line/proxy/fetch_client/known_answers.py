"""What earlier answers said to recognise them by: ETag and Last-Modified (RFC 9110 §8.8), in a cache of the user's."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import httpx


class Validators(NamedTuple):
    """None where the answer had none."""

    etag: str | None = None
    last_modified: str | None = None

    @property
    def strong(self) -> str | None:
        """What If-Range may name: no weak ETag (RFC 9110 §13.1.5)."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.last_modified

    def if_changed(self) -> Mapping[str, str]:
        """Fields of a request for something newer alone."""
        fields = {"if-none-match": self.etag, "if-modified-since": self.last_modified}
        return {name: value for name, value in fields.items() if value is not None}


def validators_of(response: httpx.Response) -> Validators:
    return Validators(response.headers.get("etag"), response.headers.get("last-modified"))


class KnownAnswers:
    """A small file for each URL, and for each download that was cut off."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def of(self, url: str, part: Path | None = None) -> Validators:
        """Of the last whole answer, or of the one that `part` is the beginning of; none if nothing is known."""
        try:
            known = json.loads(self._file(url, part).read_text())
            return Validators(known.get("etag"), known.get("last_modified"))
        except (OSError, ValueError, AttributeError):
            return Validators()

    def keep(self, validators: Validators, url: str, part: Path | None = None) -> None:
        """Remember them; nothing is kept where there is nothing to remember."""
        file = self._file(url, part)
        if validators == Validators():
            file.unlink(missing_ok=True)
            return
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_text(json.dumps(validators._asdict()))

    def forget(self, url: str, part: Path) -> None:
        self._file(url, part).unlink(missing_ok=True)

    def _file(self, url: str, part: Path | None) -> Path:
        of = url if part is None else f"{url}\n{part.absolute()}"
        return self._directory / f"{hashlib.sha256(of.encode()).hexdigest()}.json"


def users_cache() -> Path:
    """`~/.cache/agora`, or below XDG_CACHE_HOME."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "agora"
