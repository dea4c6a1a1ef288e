"""Content-Type, Content-Disposition and the like, well-formed and not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.messages.media_type import read_media_type
from shared.messages.parameters import Parameters, read_disposition, read_token, read_tokens, read_type
from shared.messages.part import Kind


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"text/plain", (b"text", b"plain", ())),
        (b"TEXT/Plain; Charset=UTF-8", (b"TEXT", b"Plain", ((b"Charset", b"UTF-8"),))),
        (b'a/b; c="d e"; f=g;', (b"a", b"b", ((b"c", b"d e"), (b"f", b"g")))),
        (b'a/b; c="d \\"e\\" \\\\"', (b"a", b"b", ((b"c", b'd "e" \\'),))),
        (b'a/b; c=""', (b"a", b"b", ((b"c", b""),))),
        (b"(x) a (y) / b ; (z) c = (w) d (v)", (b"a", b"b", ((b"c", b"d"),))),
        (b"a/b;\tc=d;  e=f", (b"a", b"b", ((b"c", b"d"), (b"e", b"f")))),
        (b"a/b;; c=d; ;e=f", (b"a", b"b", ((b"c", b"d"), (b"e", b"f")))),
        (b"a/b c=d; e=f", (b"a", b"b", ((b"c", b"d"), (b"e", b"f")))),
        (b"a/b; name=two words.txt; e=f", (b"a", b"b", ((b"name", b"two"), (b"e", b"f")))),
        (b"a/b; name=a/b@c?.txt", (b"a", b"b", ((b"name", b"a/b@c?.txt"),))),
        (b'a/b; name="unclosed', (b"a", b"b", ((b"name", b"unclosed"),))),
        (b"a/b; novalue; e=f", (b"a", b"b", ((b"e", b"f"),))),
        (b"a/b; =x; e=f", (b"a", b"b", ((b"e", b"f"),))),
        (b"a/b; n=\xe9", (b"a", b"b", ((b"n", b"\xe9"),))),
        (b"a", (b"a", b"", ())),
        (b"a/", (b"a", b"", ())),
        (b"X-ZIP; name=a.zip", (b"X-ZIP", b"", ((b"name", b"a.zip"),))),
        (b"/b", None),
        (b"", None),
        (b";;;", None),
        # RFC 2231
        (b'a/b; n*0=x; n*1="y z"; n*2=w', (b"a", b"b", ((b"n", b"xy zw"),))),
        (b"a/b; n*1=y; c=d; n*0=x", (b"a", b"b", ((b"c", b"d"), (b"n", b"xy")))),
        (b"a/b; n*0*=utf-8''%41; n*1=b; n*2*=%43", (b"a", b"b", ((b"n*", b"utf-8''%41b%43"),))),
        (b"a/b; n*=utf-8'en'%41", (b"a", b"b", ((b"n*", b"utf-8'en'%41"),))),
        (b"a/b; n*0=x; n*2=z", (b"a", b"b", ((b"n*0", b"x"), (b"n*2", b"z")))),
        (b"a/b; n*0=x; N*1=y; n*0=again", (b"a", b"b", ((b"n*0", b"again"), (b"n", b"xy")))),
        (b"a/b; n*00=x; n**0=y", (b"a", b"b", ((b"n*00", b"x"), (b"n**0", b"y")))),
    ],
)
def test_type_is_read(value: bytes, expected: tuple[bytes, bytes, Parameters] | None) -> None:
    assert read_type(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"attachment", (b"attachment", ())),
        (b'INLINE; FileName="a b"; size=3', (b"INLINE", ((b"FileName", b"a b"), (b"size", b"3")))),
        (b"attachment; filename*0=a; filename*1=b", (b"attachment", ((b"filename", b"ab"),))),
        (b"(c) attachment (d); x=y", (b"attachment", ((b"x", b"y"),))),
        (b"", None),
        (b"; filename=x", None),
    ],
)
def test_disposition_is_read(value: bytes, expected: tuple[bytes, Parameters] | None) -> None:
    assert read_disposition(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(b"base64", b"base64"), (b" (c) 7BIT (d)", b"7BIT"), (b"8bit; x", b"8bit"), (b"", b""), (b"(", b"")],
)
def test_token_is_read(value: bytes, expected: bytes) -> None:
    assert read_token(value) == expected


def test_tokens_are_read() -> None:
    assert read_tokens(b"en, fr (French),, x-klingon ") == [b"en", b"fr", b"x-klingon"]


@pytest.mark.parametrize(
    ("value", "in_digest", "kind", "rendered"),
    [
        (None, False, Kind.LEAF, b'"text" "plain" ("charset" "us-ascii")'),
        (b"X-ZIP; name=a.zip", False, Kind.LEAF, b'"application" "octet-stream" ("name" "a.zip")'),
        (b"X-ZIP", False, Kind.LEAF, b'"text" "plain" ("charset" "us-ascii")'),
        (b"Text; charset=utf-8; name=a", False, Kind.LEAF, b'"text" "plain" ("charset" "utf-8" "name" "a")'),
        (b"text/; charset=utf-8", False, Kind.LEAF, b'"text" "plain" ("charset" "utf-8")'),
        (b"multipart; boundary=b", False, Kind.MULTIPART, b'"multipart" "mixed" ("boundary" "b")'),
        (None, True, Kind.MESSAGE, b'"message" "rfc822" NIL'),
        (b"garbage", True, Kind.LEAF, b'"text" "plain" ("charset" "us-ascii")'),
        (b"text/html; x=y", False, Kind.LEAF, b'"text" "html" ("x" "y" "charset" "us-ascii")'),
        (b"MULTIPART/Mixed; boundary=b", False, Kind.MULTIPART, b'"MULTIPART" "Mixed" ("boundary" "b")'),
        (b"Message/RFC822", False, Kind.MESSAGE, b'"message" "rfc822" NIL'),
        (b"message/delivery-status", False, Kind.LEAF, b'"message" "delivery-status" NIL'),
        (b"image/png", False, Kind.LEAF, b'"image" "png" NIL'),
    ],
)
def test_media_type_says_what_a_part_is(value: bytes | None, in_digest: bool, kind: Kind, rendered: bytes) -> None:
    media = read_media_type(value, in_digest)
    assert (media.kind, media.rendered) == (kind, rendered)


def test_parameter_is_found_in_its_encoded_form() -> None:
    media = read_media_type(b"text/plain; charset*=us-ascii'en'utf%2D8; name*=''x; NAME=y")
    assert (media.parameter(b"charset"), media.parameter(b"name"), media.parameter(b"x")) == (b"utf-8", b"y", None)
    assert media.parameters[-1] == (b"NAME", b"y")


@settings(deadline=None)
@given(st.text(alphabet="ab/;=*01\"\\( )'%", max_size=40))
def test_any_mixture_of_signs_is_read(value: str) -> None:
    read = read_type(b"t/s" + value.encode())
    assert read is None or all(isinstance(text, bytes) for pair in read[2] for text in pair)
    read_disposition(value.encode())


def test_parameters_are_cut_where_they_become_an_attack() -> None:
    for value in (b"a/b" + b"; c=d" * 100_000, b"a/b" + b"; c =d" * 100_000):
        read = read_type(value)
        assert read is not None
        assert 100 < len(read[2]) <= 128
