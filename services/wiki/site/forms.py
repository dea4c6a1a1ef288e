"""Forms: `application/x-www-form-urlencoded` and `multipart/form-data` (RFC 7578), in UTF-8."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, NamedTuple
from urllib.parse import unquote_to_bytes

from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from services.wiki.site.errors import BadForm, UnsupportedType

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
MOST_FIELDS = 500
MOST_QUERY_FIELDS = 50


class UploadedFile(NamedTuple):
    """A file of a form."""

    name: str
    content_type: str
    content: bytes


class Form(dict[str, str]):
    """The fields by name, the first of each; `all` has the values of those that repeat."""

    def __init__(self) -> None:
        super().__init__()
        self.all: dict[str, list[str]] = {}
        self.files: dict[str, UploadedFile] = {}

    def add(self, name: str, value: str) -> None:
        self.setdefault(name, value)
        self.all.setdefault(name, []).append(value)

    def needed(self, name: str) -> str:
        """Raises BadForm, which names the field."""
        value = self.get(name)
        if value is None:
            raise BadForm(f"The field {name} is missing.")
        return value


def read_form(content_type: str, content: IO[bytes]) -> Form:
    """The fields of a body. Without a type it is taken for urlencoded. Raises BadForm, UnsupportedType."""
    kind, options = parse_options_header(content_type)
    kind = kind.lower()
    if kind in ("", URLENCODED):
        return read_urlencoded(content.read(), MOST_FIELDS)
    if kind == MULTIPART:
        return _read_multipart(kind, options, content)
    raise UnsupportedType(f"A form is sent as {URLENCODED} or {MULTIPART}.")


def read_urlencoded(octets: bytes, most: int) -> Form:
    """`a=1&b=2`, percent-encoded UTF-8. Raises BadForm."""
    form = Form()
    pairs = octets.split(b"&", most + 1)
    if len(pairs) > most:
        raise BadForm(f"A form has at most {most} fields.")
    for pair in pairs:
        if pair:
            name, _, value = pair.partition(b"=")
            form.add(_decoded(name), _decoded(value))
    return form


def query_of(octets: bytes) -> Mapping[str, str]:
    """The query of a URL. Raises BadForm."""
    return read_urlencoded(octets, MOST_QUERY_FIELDS)


def _decoded(octets: bytes) -> str:
    try:
        return unquote_to_bytes(octets.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise BadForm("The form is not in UTF-8.") from None


def _read_multipart(kind: str, options: Mapping[str, str], content: IO[bytes]) -> Form:
    form = Form()
    parser = FormDataParser(max_form_memory_size=None, max_form_parts=MOST_FIELDS, silent=False)
    try:
        _, fields, files = parser.parse(content, kind, None, dict(options))
    except (ValueError, HTTPException):
        raise BadForm("The form cannot be read.") from None
    for name, value in fields.items(multi=True):
        form.add(name, value)
    for name, file in files.items(multi=True):
        form.files.setdefault(
            name, UploadedFile(file.filename or "", file.content_type or "application/octet-stream", file.read())
        )
    return form
