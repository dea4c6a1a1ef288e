"""Bodies end where RFC 9112 §6 says, however their octets arrive."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.http_proxy.errors import BadChunk
from services.http_proxy.fields import CHUNKED, UNTIL_CLOSE, kinds_of, sort_lines
from services.http_proxy.framing import (
    LONGEST_SIZE_LINE,
    MOST_EXTENSION_OCTETS,
    MOST_TRAILER_OCTETS,
    Chunked,
    Length,
    chunk,
    last_chunk,
    reader_of,
)
from services.http_proxy.head_buffer import HeadBuffer


def pieces(octets: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({cut % (len(octets) + 1) for cut in cuts} | {0, len(octets)})
    return [octets[start:end] for start, end in pairwise(places)]


def read(reader_length: int, parts: list[bytes]) -> tuple[bytes, bytes, bytes, bool]:
    """Body, trailers, what follows, and whether it is complete."""
    reader = reader_of(reader_length)
    body = rest = b""
    for part in parts:
        if reader.done:
            rest += part
        else:
            taken, behind = reader.take(part)
            body, rest = body + taken, rest + behind
    return body, reader.trailers, rest, reader.done


@given(st.binary(max_size=60), st.integers(0, 60), st.lists(st.integers(0, 10_000), max_size=8))
def test_length_is_the_same_wherever_it_is_cut(octets: bytes, size: int, cuts: list[int]) -> None:
    body, _, rest, done = read(size, pieces(octets, cuts))
    assert (body, rest) == (octets[:size], octets[size:])
    assert done == (len(octets) >= size)


@given(
    st.lists(st.binary(min_size=1, max_size=40), max_size=6),
    st.sampled_from([b"", b";a=b", b' ; name="v\xe9"']),
    st.sampled_from([b"", b"X-Sum: 1\r\n", b"A: b\r\nX-Long: " + b"c" * 50 + b"\r\n"]),
    st.binary(max_size=20),
    st.lists(st.integers(0, 10_000), max_size=30),
)
def test_chunks_are_the_same_wherever_they_are_cut(
    chunks: list[bytes], extension: bytes, trailers: bytes, behind: bytes, cuts: list[int]
) -> None:
    coded = b"".join(b"%X%b\r\n%b\r\n" % (len(each), extension, each) for each in chunks)
    coded += b"000" + extension + b"\r\n" + trailers + b"\r\n"
    assert read(CHUNKED, pieces(coded + behind, cuts)) == (b"".join(chunks), trailers, behind, True)


@given(st.lists(st.integers(0, 10_000), max_size=30))
def test_octet_by_octet(cuts: list[int]) -> None:
    coded = b"5;x\r\nhello\r\n10\r\n" + b"0123456789abcdef" + b"\r\n0\r\n\r\nGET"
    single = [coded[place : place + 1] for place in range(len(coded))]
    assert read(CHUNKED, single) == (b"hello0123456789abcdef", b"", b"GET", True)


BROKEN = {
    "negative": b"-5\r\nhello\r\n",
    "sign": b"+5\r\nhello\r\n",
    "0x": b"0x5\r\nhello\r\n",
    "space before": b" 5\r\nhello\r\n",
    "trailing space": b"5 \r\nhello\r\n",
    "no digits": b"\r\nhello",
    "not hex": b"5g\r\nhello",
    "underscore": b"1_0\r\nhello",
    "overflow": b"1" + b"0" * 15 + b"\r\n",
    "64 bits": b"ffffffffffffffff\r\n",
    "bare LF": b"5\nhello\r\n",
    "bare LF after the chunk": b"5\r\nhello\n0\r\n\r\n",
    "bare CR": b"5\rhello\r\n",
    "CR in an extension": b"5;a\rb\r\nhello\r\n",
    "NUL in an extension": b"5;a\x00b\r\nhello\r\n",
    "LF in an extension": b"5;a\nb\r\nhello\r\n",
    "no CRLF after the chunk": b"5\r\nhello0\r\n\r\n",
    "chunk longer than it says": b"5\r\nhello!\r\n0\r\n\r\n",
    "long extension": b"5;" + b"a" * LONGEST_SIZE_LINE + b"\r\nhello\r\n",
    "endless extension": b"5;" + b"a" * (LONGEST_SIZE_LINE + 1),
    "trailer folded": b"0\r\nA: b\r\n c\r\n\r\n",
    "trailer without colon": b"0\r\nA b\r\n\r\n",
    "trailer with space before colon": b"0\r\nA : b\r\n\r\n",
    "trailer with bare LF": b"0\r\nA: b\nC: d\r\n\r\n",
    "endless trailers": b"0\r\n" + b"A: b\r\n" * (MOST_TRAILER_OCTETS // 6 + 2),
}


@pytest.mark.parametrize("coded", BROKEN.values(), ids=BROKEN.keys())
def test_broken_chunks_are_refused_whole_and_in_pieces(coded: bytes) -> None:
    for parts in ([coded], [coded[place : place + 1] for place in range(len(coded))]):
        with pytest.raises(BadChunk):
            read(CHUNKED, parts)


def test_a_flood_of_small_extensions_is_refused() -> None:
    coded = b"1;" + b"a" * 1000 + b"\r\nx\r\n"
    with pytest.raises(BadChunk):
        read(CHUNKED, [coded] * (MOST_EXTENSION_OCTETS // 1000 + 1))


def test_trailers_that_would_change_the_message_are_dropped() -> None:
    coded = b"0\r\nContent-Length: 7\r\nX-Sum: 1\r\nTransfer-Encoding: chunked\r\nHost: x\r\nconnection: close\r\n\r\n"
    assert read(CHUNKED, [coded]) == (b"", b"X-Sum: 1\r\n", b"", True)


def test_what_is_put_in_chunks_comes_out_again() -> None:
    assert read(CHUNKED, [chunk(b"tea"), chunk(b" at four"), last_chunk(b"A: b\r\n")]) == (
        b"tea at four", b"A: b\r\n", b"", True,
    )  # fmt: skip


def test_until_close_never_ends_by_itself() -> None:
    assert read(UNTIL_CLOSE, [b"a", b"b"]) == (b"ab", b"", b"", False)
    assert Length(0).done
    assert not Chunked().done


def test_a_bare_cr_behind_empty_lines_stays_part_of_the_head() -> None:
    assert HeadBuffer().take(b"\r\n\r\n\rGET / HTTP/1.1\r\n\r\n") == (b"\rGET / HTTP/1.1\r\n\r\n", b"")


def test_a_name_is_sorted_the_same_however_often_and_in_whatever_spelling_it_comes() -> None:
    kind_of = kinds_of(frozenset((b"content-length",)), frozenset((b"via",)))
    for _ in range(2):
        assert sort_lines(b"Via: a\r\nvia:b \r\nCONTENT-LENGTH: 1\r\nContent_Length: 2\r\nX_y: 3", kind_of) == (
            [b"Via: a", b"via:b ", b"X_y: 3"],
            {b"via": [b"a", b"b"], b"content-length": [b"1"], b"content_length": [b"2"]},
        )
