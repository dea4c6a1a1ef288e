"""The text of a message as a search finds it."""

# ruff: noqa: RUF001 (signs of many scripts are what this is about)
from __future__ import annotations

from base64 import encodebytes
from binascii import b2a_qp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.messages.search_text import (
    plain_ascii_search,
    search_header,
    search_text,
    searchable,
    stands_in,
)
from shared.messages.tests.test_scan import BROKEN_MIME
from shared.testing.messages.load import large_attachment, sample, sample_names

WORDS = {
    "plain_text": ["SHALL WE HAVE"],
    "utf8_body": ["你好", "ПРИВЕТ", "مرحبا", "schöne grüsse"],
    "alternative": ["minutes, as text", "<b>html</b>.</p></body></html>"],
    "mixed_with_attachments": ["find attached", "invoice 2024-01.pdf", "multi-part message in mime"],
    "related_in_alternative": ["CAFÉ opens"],
    "digest": ["oolong?", "<p>good.", "says that it is no message", "Ben <ben@"],
    "message_in_message_in_message": ["innermost", "subject: chain"],
    "charset_iso_2022_jp": ["お茶をいかが", "四時"],
    "charset_shift_jis": ["テスト", "四時"],
    "charset_euc_jp": ["四時に"],
    "charset_gb2312": ["朱镕基", "喝茶"],
    "charset_gb18030": ["㐀", "四点"],
    "charset_big5": ["四點喝茶"],
    "charset_euc_kr": ["네 시에"],
    "charset_koi8_r": ["ВЫПЬЕМ ЧАЮ"],
    "charset_windows_1251": ["выпьем чаю"],
    "charset_windows_1256": ["نشرب الشاي"],
    "charset_iso_8859_8_i": ["נשתה תה"],
    "charset_utf_7": ["GRÜSSE, 你好"],
    "charset_utf_16": ["THÉ À QUATRE"],
    "charset_unknown": ["café naïve"],
    "charset_every": [
        *("thé", "čaj", "teĥo", "tēja", "чай", "шай", "شاي", "τσάι", "תה", "çay ığş", "te ŋ", "ชา", "tėja", "te ŵ"),
        *("à 4 €", "ceai ș", "trà ơ", "чай їжак", "喝茶", "お茶①", "차", "茶 🍵", "喝茶啱"),
    ],
    "broken_base64": ["this text is cut in the middle of a quant", "first", "second"],
    "quoted_printable": ["broken softly, with naïve café", "=zz escape, and trailing blanks"],
    "html_newsletter": ["grüner tee", "für sie – jetzt zum sonderpreis von 3 € je dose, solange"],
    "calendar_invitation": ["summary:tea", "alice’s place", "<p>tea at four"],
    "delivery_status_report": ["final-recipient: rfc822; nobody", "hello?"],
    "encrypted_pgp": ["pgp/mime version identification", "octet-stream"],
    "nul_octets": [],
    "latin1_headers_8bit": ["«sans faute»"],
}
SUBJECTS = {
    "utf8_body": "Grüße aus Köln",
    "charset_iso_2022_jp": "お茶の時間",
    "charset_euc_kr": "차 한잔",
    "charset_utf_7": "Café",
    "charset_utf_16": "Thé",
    "charset_unknown": "caféé",
    "latin1_headers_8bit": "Café à huit heures",
    "utf8_headers": "国際化メールの試験",
    "encoded_words": "画面が変わってしまいました plain thé\t=?us-ascii?x?no?= €",
    "duplicate_fields": "first",
}


@pytest.mark.parametrize(("name", "word"), [(name, word) for name, words in WORDS.items() for word in words])
def test_word_is_found_in_the_body(name: str, word: str) -> None:
    text = search_text(sample(name))
    assert searchable(word) in text.body
    assert searchable(word) not in text.header


@pytest.mark.parametrize(("name", "subject"), SUBJECTS.items())
def test_subject_is_decoded(name: str, subject: str) -> None:
    assert searchable(subject) in search_text(sample(name)).header


def test_attachments_are_not_searched() -> None:
    text = search_text(sample("mixed_with_attachments"))
    assert "jvberi" not in text.body  # base64 of %PDF
    assert "not really a pdf" not in text.body
    assert len(search_text(large_attachment(2 << 20)).body) < 1000


def test_folded_header_is_searched_unfolded() -> None:
    assert "list: a b" in search_text(b"List: a\r\n b\r\n\r\n").header


@pytest.mark.parametrize(
    "octets",
    [
        b"Subject: =?utf-8?q?a?=\r\n\r\n",
        b"Content-Transfer-Encoding:\r\n BASE64\r\n\r\nYQ==",
        b"Content-Type: text/plain; charset=utf-7\r\n\r\n+AGE-",
        b"Subject: x\r\n\r\n\x1b$BCc\x1b(B",
        b"Content-Type: text/html\r\n\r\n&eacute;",
        b"Subject: \xe9\r\n\r\n",
        b"Content-Type: multipart/x; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=41",
    ],
)
def test_mail_that_must_be_decoded_is_not_taken_for_plain(octets: bytes) -> None:
    assert plain_ascii_search(octets) is None


PLAIN = [name for name in sample_names() if plain_ascii_search(sample(name)) is not None]


def test_most_ordinary_mail_is_plain() -> None:
    assert {"plain_text", "mailing_list_post", "many_recipients", "format_flowed"} <= set(PLAIN)


@pytest.mark.parametrize("name", PLAIN)
def test_short_cut_finds_what_the_long_way_finds(name: str) -> None:
    octets = sample(name)
    plain, decoded = search_text(octets), search_text(_made_long(octets))
    assert decoded.header.replace("x-mark: =?x\n", "") == plain.header
    assert _words(decoded.body) == _words(plain.body)


@settings(deadline=None)
@given(st.lists(st.sampled_from([b"a", b"B ", b"\r\n", b" ", b":", b"--x", b"\r\n\r\n", b"Content-Type: text/plain"])))
def test_short_cut_finds_what_the_long_way_finds_in_anything(scraps: list[bytes]) -> None:
    octets = b"A: b\r\n" + b"".join(scraps)
    plain, decoded = search_text(octets), search_text(_made_long(octets))
    assert (decoded.header.replace("x-mark: =?x\n", ""), decoded.body) == (plain.header, plain.body)


def _made_long(octets: bytes) -> bytes:
    """The same message with a field that keeps it from being taken for plain."""
    return b"X-Mark: =?x\n" + octets


def _words(text: str) -> list[str]:
    """Headers of parts are unfolded on the long way only."""
    return text.split()


@settings(deadline=None)
@given(st.one_of(BROKEN_MIME, st.binary(max_size=200)))
def test_any_octets_are_searched(octets: bytes) -> None:
    text = search_text(octets)
    assert isinstance(text.header + text.body, str)


@pytest.mark.parametrize("ending", [b"", "Grüße\r\n".encode()])
@pytest.mark.parametrize("fold", [b"\r\n\t", b"\r\n ", b" \r\n \t", b"\t", b"   "])
def test_white_space_of_any_kind_and_number_is_one_blank(fold: bytes, ending: bytes) -> None:
    """ENVELOPE shows a folded subject with one blank, and so it is searched for."""
    text = search_text(b"Subject: Einladung zur" + fold + b"Sitzung\r\n\r\nUm  vier\tUhr\r\n" + ending)
    assert searchable("zur  Sitzung") in text.header
    assert searchable("um vier\t\tuhr") in text.body


@pytest.mark.parametrize(
    ("field", "address"),
    [
        ("From: Ann <ann (at home)@ (here) example.org>", "ann@example.org"),
        ("To: ann @ example.org (Ann)", "ann@example.org"),
        ("cc: Bob <bob@example.org>, ann\r\n\t@example.org", "ann@example.org"),
        ('Reply-To: "ann"@example.org', "ann@example.org"),
    ],
)
def test_address_is_found_as_envelope_shows_it(field: str, address: str) -> None:
    header = search_header(f"{field}\r\nSubject: x (y) @ z\r\n\r\n".encode())
    assert address in header.split("\n")[0]
    assert address in search_text(f"{field}\r\n\r\nx".encode()).header
    assert header.split("\n")[1].strip() == "subject: x (y) @ z"


def test_usual_addresses_are_left_alone() -> None:
    header = b'From: J. Doe (work) <j.doe@example.org>, "x y" <x@example.org>\r\n\r\n'
    assert search_header(header).strip() == header.decode().strip().lower()


@pytest.mark.parametrize("encoding", ["7bit", "base64", "quoted-printable"])
@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-15", "shift_jis", "utf-16", "iso-2022-jp"])
def test_large_text_is_looked_into_step_by_step(encoding: str, charset: str) -> None:
    lines = [f"zeile {number} mit tee".encode(charset) if "-8" in charset else f"line {number} of tea".encode(charset)
             for number in range(20_000)]  # fmt: skip
    text = "\n".encode(charset).join([*lines, "GANZ am Ende".encode(charset)])
    content = {"7bit": lambda: text, "base64": lambda: encodebytes(text), "quoted-printable": lambda: b2a_qp(text)}
    head = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
    octets = head + content[encoding]()
    needles = ["19998", "ganz am ende", "tee", "of tea", "kaffee", "content-type", "", "line 7000 of tea"]
    whole = search_text(octets)
    for needle in needles:
        assert stands_in(octets, needle, header_too=False) == (needle in whole.body)
        assert stands_in(octets, needle, header_too=True) == (needle in whole.body or needle in whole.header)


@pytest.mark.parametrize("name", sample_names())
def test_steps_find_what_the_whole_text_has(name: str) -> None:
    octets = sample(name)
    body = search_text(octets).body
    for word in body.split()[::7]:
        assert stands_in(octets, word, header_too=False)


def test_run_of_white_space_between_two_steps_is_one_blank() -> None:
    octets = b"Subject: x\r\n\r\ntea" + b" " * (300 << 10) + b"at four\r\n"
    assert "tea at four" in search_text(octets).body
    assert stands_in(octets, "tea at four", header_too=False)


@pytest.mark.parametrize("ending", [b"", "Grüße\r\n".encode()])
def test_white_space_of_the_body_is_left_alone_until_a_needle_has_some(ending: bytes) -> None:
    text = search_text(b"Subject: x\r\n\r\nUm  vier\tUhr\r\n" + ending)
    assert "um  vier\tuhr" in text.body_as_spaced
    assert "um vier uhr" in text.body
    assert "um vier uhr" in text.body_as_spaced  # done once
