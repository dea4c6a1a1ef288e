"""The lines of HDR: for each article a field of its overview, or of its header (RFC 3977 §8.5)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

from services.news_gateway.nntp.article_range import ArticleRange
from services.news_gateway.nntp.overview_pages import overview_pages
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.folders.bodies import load_beginnings
from shared.messages.header_fields import HeaderFields
from shared.messages.scan import end_of_header
from shared.rooms.reading.articles import Article, by_numbers, numbers

# The places in a line of OVER (RFC 3977 §8.3.2). Xref stands there alone, with its name.
OVERVIEW_PLACES: Mapping[bytes, int] = {
    b"subject": 1,
    b"from": 2,
    b"date": 3,
    b"message-id": 4,
    b"references": 5,
    b":bytes": 6,
    b":lines": 7,
    b"bytes": 6,  # old names of those (RFC 2980 §2.8)
    b"lines": 7,
    b"xref": 8,
}
_XREF = b"Xref: "
_HEADERS = 128  # of articles, read at once
_HEADER_OCTETS = 16 << 10  # of each; four times what most are
_LARGE_HEADER_OCTETS = 256 << 10  # of one that does not end there
_BLANKS = bytes.maketrans(b"\0\t\r\n", b"    ")

Values = Sequence[tuple[int, bytes]]  # an article's number, and what the field holds on one line, empty without it


async def header_values(
    database: Database, folder_id: int, wanted: ArticleRange, field: bytes
) -> AsyncIterator[Values]:
    """The field (in lower case) of the articles with these numbers, a page at a time."""
    place = OVERVIEW_PLACES.get(field)
    if place is not None:
        async for page in overview_pages(database, folder_id, wanted):
            yield [_overview_value(line, place) for line in page.split(b"\r\n")[:-1]]
        return
    first: int | None = wanted.first
    while first is not None:
        first, values = await database.read(_read_headers, folder_id, first, wanted.last, field)
        if values:
            yield values


async def header_value(database: Database, article: Article, field: bytes) -> bytes:
    """The field of one article."""
    place = OVERVIEW_PLACES.get(field)
    if place is not None:
        return _overview_value(article.overview.removesuffix(b"\r\n"), place)[1]
    return (await database.read(_read_values, [article], field))[0][1]


def _overview_value(line: bytes, place: int) -> tuple[int, bytes]:
    values = line.split(b"\t")
    return int(values[0]), values[place].removeprefix(_XREF)


def _read_headers(tx: Transaction, folder_id: int, first: int, last: int, field: bytes) -> tuple[int | None, Values]:
    """Where to go on, None at the end, and the values; an article that goes meanwhile has none."""
    looked_at = numbers(tx, folder_id, first, last, _HEADERS)
    if not looked_at:
        return None, []
    found = by_numbers(tx, folder_id, looked_at)
    is_over = len(looked_at) < _HEADERS or looked_at[-1] == last
    return None if is_over else looked_at[-1] + 1, _read_values(tx, list(found.values()), field)


def _read_values(tx: Transaction, articles: Sequence[Article], field: bytes) -> Values:
    beginnings = load_beginnings(tx, {each.message_id: _HEADER_OCTETS for each in articles})
    values = []
    for each in articles:
        octets = beginnings.get(each.message_id, b"")
        end = end_of_header(octets, 0, len(octets))
        if end == len(octets) < each.size_octets:
            octets = load_beginnings(tx, {each.message_id: _LARGE_HEADER_OCTETS}).get(each.message_id, b"")
            end = end_of_header(octets, 0, len(octets))
        values.append((each.uid, _value(octets[:end], field)))
    return values


def _value(header: bytes, name: bytes) -> bytes:
    fields = HeaderFields(header)
    first = fields.first(name)
    return b"" if first is None else fields.value(first).replace(b"\r\n", b"").translate(_BLANKS).strip(b" ")
