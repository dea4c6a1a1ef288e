"""Octets made into characters: charsets, transfer encodings, encoded words; and what counts as the same text."""

# ruff: noqa: RUF001 (signs of many scripts are what this is about)
from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.messages.charset import codec_of, decode
from shared.messages.encoded_words import decode_words
from shared.messages.fold import fold
from shared.messages.transfer_encoding import decode_base64, decode_transfer


@pytest.mark.parametrize(
    ("charset", "octets", "expected"),
    [
        ("us-ascii", b"plain", "plain"),
        ("us-ascii", b"caf\xc3\xa9", "café"),  # a lie told often
        ("us-ascii", b"caf\xe9 \x93\x94", "café “”"),
        ("iso-8859-1", b"\x80\xe9", "€é"),  # windows-1252, as everybody reads it
        ("ISO_8859-15", b"\xa4", "€"),
        ('"utf-8"', b"\xc3\xa9", "é"),
        ("UTF8", b"\xc3\xa9", "é"),
        ("utf-8", b"caf\xe9", "caf\ufffd"),
        ("", b"caf\xe9", "café"),
        ("x-nobody-knows", b"caf\xc3\xa9", "café"),
        ("windows-1251", b"\xd7\xe0\xe9", "Чай"),
        ("cp-1251", b"\xd7\xe0\xe9", "Чай"),
        ("x-cp1251", b"\xd7\xe0\xe9", "Чай"),
        ("koi8-r", b"\xfe\xc1\xca", "Чай"),
        ("windows-1256", b"\xd4\xc7\xed", "شاي"),
        ("iso-8859-6", b"\xd4\xc7\xea", "شاي"),
        ("iso-8859-8-i", b"\xfa\xe4", "תה"),
        ("gb2312", b"\xb2\xe8", "茶"),
        ("gb2312", "朱镕基".encode("gbk"), "朱镕基"),  # 镕 is in GBK only, and sent as gb2312
        ("x-gbk", b"\xb2\xe8", "茶"),
        ("gb18030", "㐀".encode("gb18030"), "㐀"),
        ("hz-gb-2312", b"~{2h~}", "茶"),
        ("big5", b"\xaf\xf9", "茶"),
        ("shift_jis", b"\x87\x40\xc3\xbd", "①ﾃｽ"),  # NEC's ①, in cp932 only
        ("iso-2022-jp", b"\x1b$BCc\x1b(B", "茶"),
        ("euc-jp", b"\xc3\xe3", "茶"),
        ("ks_c_5601-1987", b"\xc2\xf7", "차"),
        ("euc-kr", "똠".encode("cp949"), "똠"),
        ("iso-2022-kr", b"\x1b$)C\x0eBw\x0f", "차"),
        ("utf-7", b"caf+AOk-", "café"),
        ("unicode-1-1-utf-7", b"caf+AOk-", "café"),
        ("utf-16", b"\xff\xfe\x36\x83", "茶"),
        ("utf-16be", b"\x83\x36", "茶"),
        ("tis-620", b"\xaa\xd2", "ชา"),
        ("macintosh", b"caf\x8e", "café"),
        ("hex", b"zz", "zz"),
        ("rot13", b"abc", "abc"),
        ("punycode", b"abc-", "abc-"),
        ("unicode_escape", b"\\u0041", "\\u0041"),
    ],
)
def test_charset_is_decoded(charset: str, octets: bytes, expected: str) -> None:
    assert decode(octets, charset) == expected


@settings(deadline=None)
@given(st.text(max_size=20), st.binary(max_size=50))
def test_no_charset_and_no_octets_fail(charset: str, octets: bytes) -> None:
    decode(octets, charset)


@settings(deadline=None)
@given(
    st.sampled_from(["utf-7", "utf-16", "utf-32", "hz", "iso-2022-jp", "gb18030", "big5", "idna", "utf-8"]), st.binary()
)
def test_octets_that_are_not_the_charset_do_not_fail(charset: str, octets: bytes) -> None:
    decode(octets, charset)


@pytest.mark.parametrize("name", ["hex", "zlib", "idna", "punycode", "unicode_escape", "undefined", "mbcs", "", "\0"])
def test_what_is_no_charset_has_no_codec(name: str) -> None:
    assert codec_of(name) == ""


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"", b""),
        (b"dGVh", b"tea"),
        (b"dGVhcw==", b"teas"),
        (b"dGVhcw", b"teas"),
        (b"dG Vh\r\n*!cw=\r\n=\r\n", b"teas"),
        (b"dGVhc", b"tea"),
        (b"dGU=dGVh", b"tetea"),
        (b"dGU==dGVh=", b"tetea"),
        (b"====", b""),
        (b"\xff\xfe", b""),
    ],
)
def test_broken_base64_is_decoded_as_far_as_it_goes(octets: bytes, expected: bytes) -> None:
    assert decode_base64(octets) == expected


@given(st.binary())
def test_base64_of_anything_comes_back(octets: bytes) -> None:
    assert decode_base64(base64.encodebytes(octets).replace(b"\n", b"\r\n")) == octets
    decode_base64(octets)


def test_quoted_printable_is_decoded() -> None:
    assert decode_transfer(b"a=20b=\r\nc=\nd =C3=A9 =zz=", b"Quoted-Printable") == b"a bcd \xc3\xa9 =zz"
    assert decode_transfer(b"a=20b", b"8bit") == b"a=20b"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"plain", "plain"),
        (b"=?utf-8?Q?caf=C3=A9_au_lait?=", "café au lait"),
        (b"=?UTF-8?b?Y2Fmw6k=?=", "café"),
        (b"=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        (b"=?utf-8?q?a?=  \t =?iso-8859-1?q?=E9?=", "aé"),
        (b"=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        (b"x=?utf-8?q?a?=y", "xay"),
        (b"=?utf-8?B?5Q==?= =?utf-8?B?sbE=?=", "山"),  # a character cut in half
        (b"=?iso-2022-jp?B?GyRCQ2MbKEI=?=", "茶"),
        (b"=?iso-8859-1*fr?Q?th=E9?=", "thé"),
        (b"=?utf-8?q?what?_now?=", "what? now"),
        (b"=?utf-8?q?with blanks?=", "with blanks"),
        (b"=?utf-8?q?unclosed", "=?utf-8?q?unclosed"),
        (b"=?utf-8?x?no?=", "=?utf-8?x?no?="),
        (b"=?utf-8?q?unclosed =?utf-8?q?a?=", "=?utf-8?q?unclosed a"),
        (b"=?x-nobody-knows?q?=E9?=", "é"),
        (b"caf\xc3\xa9 =?utf-8?q?a?= caf\xe9", "café a café"),
        (b"=??q?a?=", "=??q?a?="),
        (b"=?utf-8?q??=", ""),
    ],
)
def test_encoded_words_are_decoded(value: bytes, expected: str) -> None:
    assert decode_words(value) == expected


@settings(deadline=None)
@given(st.text(alphabet="=?uqb_ \x80tf8-", max_size=40))
def test_any_mixture_of_signs_is_decoded(value: str) -> None:
    decode_words(value.encode())


@pytest.mark.parametrize(
    ("text", "needle"),
    [
        ("Straße", "STRASSE"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("Чай", "ЧАЙ"),
        ("cafe\u0301", "CAFÉ"),
        ("ﾃﾞｽﾄ", "デスト"),
        ("ＡＢＣ１２", "abc12"),
        ("ﻣﺮﺣﺒﺎ", "مرحبا"),
        ("ﬁn", "FIN"),
        ("①", "1"),
        ("\u1112\u1161\u11ab", "한"),
    ],
)
def test_text_is_found_however_it_is_written(text: str, needle: str) -> None:
    assert fold(needle) in fold(text)


@pytest.mark.parametrize(("text", "needle"), [("が", "か"), ("각", "가"), ("مُرّ", "مر"), ("茶", "荼")])
def test_other_letters_are_not_found(text: str, needle: str) -> None:
    assert fold(needle) not in fold(text)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_endless_combining_marks_are_left_alone() -> None:
    text = "A" + "\u0315\u0300" * 100_000
    assert fold(text) == text.casefold()
