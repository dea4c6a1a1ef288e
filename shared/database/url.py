"""The address of the database, with the password from its file."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit


def url_with_password(url: str, password_file: Path | None) -> str:
    """Put the password that `password_file` holds into `url`; without a file, `url` as it is.

    A line's end after the password does not belong to it. Raises OSError when the file cannot be read.
    """
    if password_file is None:
        return url
    password = password_file.read_text(encoding="utf-8").rstrip("\r\n")
    parts = urlsplit(url)
    user_and_password, at, host = parts.netloc.rpartition("@")
    user = user_and_password.partition(":")[0]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}{at or '@'}{host}"))
