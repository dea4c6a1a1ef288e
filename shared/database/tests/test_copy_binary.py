"""PostgreSQL's binary COPY format, without a server."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from shared.database.copy_binary import PieceSource, Row, RowReader, whole_rows

# PostgreSQL 18: COPY (SELECT 1::int2, NULL::text, 'a'::text) TO STDOUT (FORMAT binary)
ONE_ROW = bytes.fromhex("5047434f50590aff0d0a00 00000000 00000000 0003 00000002 0001 ffffffff 00000001 61")
END = bytes.fromhex("ffff")

rows_strategy = st.lists(st.lists(st.none() | st.binary(max_size=40), max_size=5), max_size=10)


def read(pieces: Sequence[bytes]) -> list[Row]:
    rows: list[Row] = []
    reader = RowReader(rows.append)
    for piece in pieces:
        reader.write(piece)
    return rows


def test_null_is_not_the_empty_field() -> None:
    assert read([ONE_ROW, END]) == [[b"\x00\x01", None, b"a"]]


def test_header_extension_is_passed_over() -> None:
    with_extension = ONE_ROW[:15] + bytes.fromhex("00000003") + b"abc" + ONE_ROW[19:]
    assert read([with_extension, END]) == [[b"\x00\x01", None, b"a"]]


@given(rows_strategy)
def test_what_is_written_is_read(rows: list[list[bytes | None]]) -> None:
    source = PieceSource(whole_rows(rows))
    stream = b"".join(iter(lambda: source.read(64), b""))
    assert read([stream]) == rows


@given(rows_strategy, st.integers(1, 100))
def test_source_is_read_in_pieces_of_about_the_size_asked(rows: list[list[bytes | None]], size: int) -> None:
    longest_row = 2 + 5 * (4 + 40)
    source = PieceSource(whole_rows(rows))
    pieces = list(iter(lambda: source.read(size), b""))
    assert all(len(piece) < size + longest_row for piece in pieces)
    assert all(len(piece) >= size for piece in pieces[:-1])
