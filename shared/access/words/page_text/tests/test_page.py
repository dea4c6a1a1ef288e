"""Pages to words: charsets, codings, what is text and what is not, wherever the pieces end."""

# ruff: noqa: RUF001  (full-width letters and typographic quotes are what is tested)

from __future__ import annotations

import gzip
import re
import zlib
from collections import deque
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.access.words.page_text.charset import PageDecoder
from shared.access.words.page_text.coding_bounds import ContentBomb
from shared.access.words.page_text.content import codings_of
from shared.access.words.page_text.html_text import HtmlText
from shared.access.words.page_text.language_charset import GUESSES
from shared.access.words.page_text.page import MOST_KEPT_WORDS, STEP_OCTETS, Page, UnreadablePage
from shared.access.words.page_text.stop_words import STOP_WORDS

UNLISTED = frozenset(("ja", "zh", "th", "yi", "kk", "ky", "ba", "tt", "tg", "az", "ku", "bs"))
RUSSIAN = "<p>Москва столица, Москва город</p>"
JAPANESE = "<p>東京は首都、東京タワー</p>"
CHINESE = "<p>北京是首都，北京大学</p>"
KOREAN = "<p>서울 수도 서울</p>"
FRENCH = "<p>château fenêtre château</p>"


def meta(charset: str) -> str:
    return f'<html><head><meta charset="{charset}"><title></title>'


def words_of(octets: bytes, content_type: bytes = b"text/html", codings: Sequence[str] = ()) -> Mapping[str, int]:
    """The words of a whole page at once. Errors as Page.step()."""
    page = Page(content_type, codings)
    pieces = deque(octets[at : at + STEP_OCTETS] for at in range(0, len(octets), STEP_OCTETS))
    while pieces:
        page.push(pieces.popleft())
        while page.step():
            pass
    return page.finish()


@pytest.mark.parametrize(
    ("octets", "content_type", "word", "times"),
    [
        (RUSSIAN.encode(), b"text/html; charset=utf-8", "москва", 2),
        (RUSSIAN.encode("cp1251"), b'text/html; Charset="windows-1251"', "москва", 2),
        ((meta("windows-1251") + RUSSIAN).encode("cp1251"), b"text/html", "москва", 2),
        ((meta("koi8-r") + RUSSIAN).encode("koi8-r"), b"text/html", "москва", 2),
        ((meta("iso-8859-1") + FRENCH).encode("latin-1"), b"text/html", "château", 2),
        (FRENCH.encode("cp1252"), b"text/html", "château", 2),
        (FRENCH.encode(), b"text/html", "château", 2),
        ((meta("shift_jis") + JAPANESE).encode("cp932"), b"text/html", "東京", 2),
        (JAPANESE.encode("euc-jp"), b"text/html; charset=euc-jp", "東京", 2),
        (JAPANESE.encode("iso-2022-jp"), b"text/html; charset=iso-2022-jp", "東京", 2),
        ((meta("gb2312") + CHINESE).encode("gb18030"), b"text/html", "北京", 2),
        ((meta("Big5") + "<p>臺北臺北</p>").encode("big5"), b"text/html", "臺北", 2),
        ((meta("euc-kr") + KOREAN).encode("cp949"), b"text/html", "서울", 2),
        (RUSSIAN.encode("utf-16"), b"text/html", "москва", 2),
        (b"\xfe\xff" + RUSSIAN.encode("utf-16-be"), b"text/html; charset=utf-8", "москва", 2),
        (b"\xef\xbb\xbf" + RUSSIAN.encode(), b"text/html; charset=windows-1251", "москва", 2),
        (RUSSIAN.encode(), b"text/html; charset=no-such-charset", "москва", 2),
        ((meta("utf-16") + RUSSIAN).encode(), b"text/html", "москва", 2),
        (b'<?xml version="1.0" encoding="windows-1251"?>' + RUSSIAN.encode("cp1251"), b"text/html", "москва", 2),
        (
            b'<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">' + RUSSIAN.encode("cp1251"),
            b"text/html",
            "москва",
            2,
        ),
        (b'<!-- <meta charset="utf-8"> -->' + (meta("koi8-r") + RUSSIAN).encode("koi8-r"), b"text/html", "москва", 2),
    ],
)
def test_charset_is_found_where_browsers_find_it(octets: bytes, content_type: bytes, word: str, times: int) -> None:
    assert words_of(octets, content_type)[word] == times


RUSSIAN_TEXT = "<p>Москва - столица России, МОСКВА - город федерального значения"
JAPANESE_TEXT = "<p>東京は日本の首都である。カタカナ。人口は世界最大級です。"
TRADITIONAL, SIMPLIFIED = (
    "<p>這是中國的首都,在北方的一個大城市,我們的人很多",
    "<p>这是中国的首都，是北方的一个大城市，我们的人很多",
)


@pytest.mark.parametrize(
    ("language", "text", "charset", "word"),
    [
        ("ru", RUSSIAN_TEXT, "cp1251", "столица"),
        ("ru-RU", RUSSIAN_TEXT, "koi8-r", "столица"),
        ("RU", RUSSIAN_TEXT, "iso8859-5", "столица"),
        ("ru", RUSSIAN_TEXT, "utf-8", "столица"),
        ("uk", "<p>Київ є столицею України, найбільше її місто", "koi8-u", "столицею"),
        ("bg", "<p>София е столицата на България", "cp1251", "столицата"),
        ("ja", JAPANESE_TEXT, "cp932", "東京"),
        ("ja-JP", JAPANESE_TEXT, "euc-jp", "東京"),
        ("ja", JAPANESE_TEXT, "iso-2022-jp", "東京"),
        ("ja", JAPANESE_TEXT, "utf-8", "東京"),
        ("zh-CN", SIMPLIFIED, "gb18030", "首都"),
        ("zh-TW", TRADITIONAL, "big5", "首都"),
        ("zh", TRADITIONAL, "gb18030", "首都"),
        ("ko", "<p>서울은 대한민국의 수도이다", "euc-kr", "서울은"),
        ("el", "<p>Η Αθήνα είναι η πρωτεύουσα πόλη", "iso8859-7", "πρωτεύουσα"),
        ("pl", "<p>Zażółć gęślą jaźń", "cp1250", "zażółć"),
        ("cs", "<p>Příliš žluťoučký kůň", "iso8859-2", "žluťoučký"),
        ("tr", "<p>ışığı gördü", "cp1254", "ışığı"),
        ("fr", FRENCH, "cp1252", "château"),
    ],
)
@pytest.mark.parametrize("piece_octets", [1, 4096])
def test_undeclared_page_is_in_a_charset_of_its_language(
    language: str, text: str, charset: str, word: str, piece_octets: int
) -> None:
    octets = f'<html class=x lang="{language}"><!-- lang=de -->{text}'.encode(charset)
    page = Page(b"text/html", [])
    for at in range(0, len(octets), piece_octets):
        page.push(octets[at : at + piece_octets])
        while page.step():
            pass
    assert word in page.finish()
    assert page.charset_is_known


def test_language_is_also_taken_from_where_a_head_names_it() -> None:
    octets = b"<html><meta content=ru http-equiv='Content-Language'>" + RUSSIAN_TEXT.encode("cp1251")
    assert "столица" in words_of(octets)


@pytest.mark.parametrize(
    "octets",
    [
        b"<html lang=ja>" + RUSSIAN_TEXT.encode("cp1251"),
        b"<html lang=vi>" + RUSSIAN_TEXT.encode("cp1251"),
        b"<html lang=ru>" + JAPANESE_TEXT.encode("euc-jp"),
        b"<html lang=ko>" + SIMPLIFIED.encode("gb18030")[:-1],
        RUSSIAN_TEXT.encode("koi8-r"),
    ],
)
def test_page_in_a_charset_that_nothing_tells_has_no_words_but_ascii(octets: bytes) -> None:
    page = Page(b"text/html", [])
    page.push(octets)
    while page.step():
        pass
    assert all(word.isascii() for word in page.finish())
    assert not page.charset_is_known


def test_undeclared_page_turns_to_windows_1252_where_utf_8_ends() -> None:
    octets = "<p>naïve ".encode() + b"a" * 3000 + " garçon élève".encode("cp1252")
    assert {"naïve", "garçon", "élève"} <= words_of(octets).keys()


def test_character_that_never_ends_does_no_harm() -> None:
    decoder = PageDecoder(b"text/html; charset=utf-8")
    assert decoder.decode(b"abc\xe4") + decoder.decode(b"", final=True) == "abc\ufffd"


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<title>Tea time</title>", {"tea": 1, "time": 1}),
        ("<p title='not this' alt=nor>tea", {"tea": 1}),
        (
            "tea<script>var coffee</script><style>coffee{}</style><noscript>coffee</noscript> milk",
            {"tea": 1, "milk": 1},
        ),
        ("<SCRIPT>coffee</Script >tea", {"tea": 1}),
        ("<script>coffee</scripted> coffee</script>tea", {"tea": 1}),
        ("<script>'<p>coffee</p>' < '</p>'</script>tea", {"tea": 1}),
        ("<template>coffee<template>coffee</template>coffee</template>tea", {"tea": 1}),
        ("tea <!-- coffee > coffee -- coffee -->milk", {"tea": 1, "milk": 1}),
        ("<!-->tea <!--->mi<!-- coffee --!>lk", {"tea": 1, "milk": 1}),
        ("<!DOCTYPE coffee><?coffee?></ coffee>tea", {"tea": 1}),
        ("<p a='>' coffee=\"'>\" coffee>tea", {"tea": 1}),
        ("<p don't coffee>tea</p>", {"tea": 1}),
        ("<a href=/coffee?x='>tea", {"tea": 1}),
        ("<b>t</b>ea <p>milk<p>sugar", {"tea": 1, "milk": 1, "sugar": 1}),
        ("<a>tea</a><a>milk</a>", {"tea": 1, "milk": 1}),
        ("caf&eacute; caf&#233; caf&#xE9; &lt;caf&eacute&gt; t&shy;ea", {"café": 4, "tea": 1}),
        ("1 < 2 tea <3 milk", {"tea": 1, "milk": 1}),
        ("<textarea><p>tea</textarea>milk", {"tea": 1, "milk": 1}),
        ("<textarea coffee/>tea", {"tea": 1}),
        ("<script>coffee", {}),
        ("tea<!-- coffee", {"tea": 1}),
        ("tea<coffee", {"tea": 1}),
        ("tea &amp", {"tea": 1}),
        ("<p hidden>coffee</p>tea", {"tea": 1}),
        ("<p HIDDEN=''>coffee <b>coffee</b> coffee<p>tea", {"tea": 1}),
        ("<div hidden><div>coffee</div> coffee</div>tea", {"tea": 1}),
        ("<div style='color: red; DISPLAY : none!important'>coffee<br>coffee</div>tea", {"tea": 1}),
        ("<ul><li hidden>coffee<ul><li>coffee</ul><li>tea</ul>", {"tea": 1}),
        ("<ul><li>tea<li hidden>coffee</ul>milk", {"tea": 1, "milk": 1}),
        ("<table><tr><td>tea<td hidden>coffee<tr><td>milk</table>", {"tea": 1, "milk": 1}),
        ("<table><tr hidden><td>coffee<td>coffee<tbody><tr><td>tea</table>", {"tea": 1}),
        ("<div><p hidden>coffee</div>tea", {"tea": 1}),
        ("<p hidden>coffee<div>tea</div>", {"tea": 1}),
        ("<input hidden>tea<img style='display:none'> milk", {"tea": 1, "milk": 1}),
        ("<p aria-hidden=true>tea<p title='hidden'>milk<p class=hidden>sugar", {"tea": 1, "milk": 1, "sugar": 1}),
        ("<p style='display:nonexistent'>tea<p data-hidden>milk", {"tea": 1, "milk": 1}),
        ("<div hidden>" + "<i>" * 100 + "coffee" + "</i>" * 100 + "</div>tea", {"tea": 1}),
        ("<div hidden><script>'</div>'</script>coffee<textarea></div></textarea></div>tea", {"tea": 1}),
    ],
)
def test_text_is_what_a_reader_sees(html: str, words: Mapping[str, int]) -> None:
    assert words_of(html.encode()) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Tea TEA tea ﬁne ＦＩＮＥ Straße STRASSE", {"tea": 3, "fine": 2, "strasse": 2}),
        ("Ann's hat, Ann’s hats", {"ann": 2, "hat": 1, "hats": 1}),
        ("l'eau l’école dell'acqua o'neill", {"eau": 1, "école": 1, "acqua": 1, "o'neill": 1}),
        ("well-known", {"well": 1, "known": 1}),
        ("2026 12:30 3.14 mp3 x y " + "z" * 41, {"mp3": 1}),
        ("e\u0301te\u0301 été", {"été": 2}),
        ("हिन्दी हिन्दी", {"हिन्दी": 2}),
        ("مرحبا مرحبا", {"مرحبا": 2}),
        ("コーヒー ｺｰﾋｰ", {"コーヒー": 2}),
        ("食べるのは", {"食べ": 1}),
        ("我们的网站", {"网站": 1}),
        ("ΚΌΣΜΟΣ κόσμος σ' ΟΔΟΣ", {"κόσμος": 2, "οδος": 1}),
        ("snake_case tea", {"snake": 1, "case": 1, "tea": 1}),
    ],
)
def test_word_is_what_a_language_has(text: str, words: Mapping[str, int]) -> None:
    assert words_of(text.encode(), b"text/html; charset=utf-8") == words


def test_function_words_are_left_out_in_the_pages_own_language() -> None:
    english = words_of(b"<p>the war and the peace of the people who die in it with all the others")
    assert english == {"war": 1, "peace": 1, "people": 1, "die": 1, "others": 1}
    german = words_of("<p>die Katze war nicht auf der Matte, und sie war auch nicht in die Küche gegangen".encode())
    greek = words_of("<p>ο σκύλος της και τους ανθρώπους στις πόλεις, τις και πως".encode())
    assert greek == {"σκύλος": 1, "ανθρώπους": 1, "πόλεις": 1}
    assert german == {"katze": 1, "matte": 1, "küche": 1, "gegangen": 1}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("България е на Балканския полуостров, която не е остров, но не и град", {"българия", "град"}),
        ("القطة في البيت وهو من الحجر على الجبل", {"القطة", "البيت"}),
        ("החתול של הילדה לא היה על השולחן וגם לא", {"החתול", "השולחן"}),
        ("बिल्ली घर में है और वह सफेद है", {"बिल्ली", "सफेद"}),
        ("Mačka nije na stolu, ali je ona kod kuće i to je dobro", {"mačka", "kuće"}),
        ("Kaķis nav uz galda, bet viņš ir mājās un tas ir labi", {"kaķis", "galda"}),
        ("고양이 그리고 강아지 또는 토끼 모든 것은 있다", {"고양이", "강아지"}),
    ],
)
def test_function_words_are_known_in_every_language_that_is_recognised(text: str, words: set[str]) -> None:
    found = words_of(text.encode(), b"text/html; charset=utf-8")
    assert words <= found.keys()
    assert not found.keys() & {"на", "не", "في", "من", "של", "לא", "में", "है", "je", "na", "ir", "un", "그리고", "또는"}


@pytest.mark.parametrize("language", sorted(GUESSES.keys() - UNLISTED))
def test_every_language_with_a_charset_has_stop_words(language: str) -> None:
    assert len(STOP_WORDS[language]) > 30


def test_only_the_foremost_words_of_a_page_are_kept() -> None:
    words = words_of(" ".join(f"word{n} " * (1 + n % 3) for n in range(MOST_KEPT_WORDS * 3 // 2)).encode())
    assert len(words) == MOST_KEPT_WORDS
    assert set(words.values()) == {2, 3}


def deflate_raw(octets: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(octets) + compressor.flush()


TEA = b"<p>the tea and " + b"coffee " * 3
CODED = {
    b"": TEA,
    b"identity": TEA,
    b"gzip": gzip.compress(TEA),
    b"x-gzip": gzip.compress(TEA[:5]) + gzip.compress(b"") + gzip.compress(TEA[5:]),
    b"GZIP ": gzip.compress(TEA) + b"\0\0\0",
    b"deflate": zlib.compress(TEA),
    b"identity, deflate": deflate_raw(TEA),
    b"deflate, gzip": gzip.compress(zlib.compress(TEA)),
}


@pytest.mark.parametrize("coding", CODED)
@pytest.mark.parametrize("piece_octets", [1, 7, 4096])
def test_content_codings_are_undone(coding: bytes, piece_octets: int) -> None:
    codings = codings_of(coding)
    assert codings is not None
    page = Page(b"text/html", codings)
    for at in range(0, len(CODED[coding]), piece_octets):
        page.push(CODED[coding][at : at + piece_octets])
        while page.step():
            pass
    assert page.finish() == {"tea": 1, "coffee": 3}


@pytest.mark.parametrize("coding", [b"dcb", b"gzip, dcz", b"gzip, br, gzip", b"gzip, gzip, gzip", b"compress"])
def test_other_codings_are_not_undone(coding: bytes) -> None:
    assert codings_of(coding) is None


@pytest.mark.parametrize("codings", [["gzip"], ["deflate"], ["gzip", "gzip"]])
def test_octets_that_are_not_coded_so_are_refused(codings: list[str]) -> None:
    with pytest.raises(UnreadablePage):
        words_of(b"\x78\x9c<p>tea</p>" * 10, codings=codings)


def test_bomb_is_refused_before_it_has_gone_off() -> None:
    bomb = gzip.compress(b"tea " * (5 << 20))
    page = Page(b"text/html", ["gzip"])
    pieces = [bomb[at : at + 1024] for at in range(0, len(bomb), 1024)]
    assert len(pieces) > 10

    def read() -> None:
        while True:
            page.push(pieces.pop(0))
            while page.step():
                pass

    with pytest.raises(ContentBomb):
        read()
    assert len(pieces) > 8


@pytest.mark.parametrize("inside", [b"tea " * (1 << 22), b""])
def test_bomb_in_a_bomb_is_refused(inside: bytes) -> None:
    members = gzip.compress(inside) * (1 if inside else 200_000)
    with pytest.raises(ContentBomb):
        words_of(gzip.compress(members), codings=["gzip", "gzip"])


def test_page_that_is_too_long_counts_as_far_as_it_was_read() -> None:
    words = words_of(b"<p>tea " + b"x" * (4 << 20) + b" coffee")
    assert words == {"tea": 1}


HTML = st.lists(
    st.sampled_from(
        re.findall(
            r"\S+|\s",
            '< > </ <! <!-- --> - -- title> script> <script </script> <p = <template> </template> <textarea> " ﬁ\n'
            "</textarea> <b hidden <li <div </div> </b> </p> style='display:none'\n"
            "/ ? ' & ; &amp; &eacute &#233; &#x1F600; x tea été 東京 の ル ー हि ń e \u0301 ’ 。 ﬁ\t\u00ad",
        )
    ),
    max_size=40,
).map("".join)


@given(HTML, st.data())
def test_words_do_not_depend_on_where_pieces_end(html: str, data: st.DataObject) -> None:
    octets = html.encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=8)))
    page = Page(b"text/html; charset=utf-8", [])
    for start, end in zip([0, *cuts], [*cuts, len(octets)], strict=True):
        page.push(octets[start:end])
        while page.step():
            pass
    assert page.finish() == words_of(octets, b"text/html; charset=utf-8")


@given(HTML, st.data())
def test_text_does_not_depend_on_where_pieces_end(html: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(html)), max_size=8)))
    in_pieces = HtmlText()
    text = "".join(in_pieces.feed(html[a:b]) for a, b in zip([0, *cuts], [*cuts, len(html)], strict=True))
    assert text + in_pieces.feed("", final=True) == HtmlText().feed(html, final=True)


@given(st.binary(max_size=400), st.sampled_from([b"text/html", b"text/html; charset=utf-16", b"text/html; charset=hz"]))
def test_any_octets_are_read(octets: bytes, content_type: bytes) -> None:
    words_of(octets, content_type)
